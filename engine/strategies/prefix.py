"""Prefix tuning, in its exact analogue: a learned vector is added to the input of every layer."""

from engine.model.low_rank import attach_updates, trains_updates_and_head
from engine.strategies._strategy import Strategy
from engine.strategies.prompt import PromptUpdate, prompt_factors

STRATEGY = Strategy(
    name="prefix",
    label="Prefix tuning (analogue)",
    summary="Every W stays; a vector p added to each layer's input learns: its bias becomes W p.",
    note=(
        "An analogue: a transformer's prefix gives every layer keys and values of its own. "
        "Here every layer gets a vector p of its own, added to its input, which is the same "
        "as the bias W p. ΔW stays zero."
    ),
    equation="= 0",
    group="Few numbers",
    source="arXiv:2101.00190",
    defaults={"learning_rate": 3e-2},
    trains=trains_updates_and_head,
    apply=attach_updates(lambda layer, *_: PromptUpdate(layer.shape[1])),
    factors=prompt_factors,
)
