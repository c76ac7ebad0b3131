"""LoRA+: LoRA in which B learns several times faster than A."""

from engine.model.low_rank import attach_updates, resize_updates, trains_updates_and_head
from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="lora_plus",
    label="LoRA+",
    summary="LoRA with a higher learning rate for B than for A.",
    note=(
        "B has to grow from zero, A does not. Here the learning rate of B, and of the bias of"
        " the head, is higher by the factor of the slider; the learning rate shown is that of"
        " A."
    ),
    equation="= α/r · B A",
    group="Low rank",
    source="arXiv:2402.12354",
    controls=("rank", "alpha", "rate_ratio"),
    # The rate is A's: B's is this many times higher.
    defaults={"learning_rate": 1e-3},
    trains=trains_updates_and_head,
    # For B and biases, as PEFT does.
    lr_multiplier=lambda parameter, settings: (
        settings.rate_ratio if parameter.endswith((".lora_B", ".bias")) else 1.0
    ),
    apply=attach_updates(),
    change=resize_updates(),
)
