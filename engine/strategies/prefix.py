"""Prefix tuning, in a stand-in: a learned vector is added to the input of every layer."""

from engine.model.low_rank import attach_updates, trains_updates_and_head
from engine.strategies._strategy import Strategy
from engine.strategies.prompt import PromptUpdate, prompt_factors

STRATEGY = Strategy(
    name="prefix",
    label="Prefix tuning (analogue)",
    summary="Every W is frozen; a trained vector p is added to each layer's input: a bias of W p.",
    note=(
        "A simplified stand-in: in a transformer, a prefix gives every layer additional keys and "
        "values, and what they add depends on the input: its share is λ(x) (arXiv:2110.04366, "
        "§3.1). Here every layer gets its own vector p, added to its input, which is the same as "
        "a bias of W p for every input. ΔW stays zero."
    ),
    equation="= 0",
    group="Few parameters",
    source="arXiv:2101.00190",
    defaults={"learning_rate": 3e-2},
    trains=trains_updates_and_head,
    apply=attach_updates(lambda layer, *_: PromptUpdate(layer.shape[1])),
    factors=prompt_factors,
)
