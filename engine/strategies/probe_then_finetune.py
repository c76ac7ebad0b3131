"""Probe, then fine-tune: the head learns alone first, and everything goes on from there."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="probe_then_finetune",
    label="Probe, then fine-tune",
    summary="The head learns first on the frozen body; then every weight moves.",
    note=(
        "A new head sends random gradients through the body and distorts what it knows. "
        "Training the head first, on the frozen body, lets the body start from gradients that "
        "make sense. Where the old head is kept, as for turned digits, there is nothing to "
        "protect the body from, and fitting that head first forgets more."
    ),
    group="Order and pace",
    source="arXiv:2202.10054",
    controls=("stage_steps",),
    defaults={"stage_steps": 200},
    unfreeze_at=lambda settings: dict.fromkeys(settings.body_shapes, settings.stage_steps),
)
