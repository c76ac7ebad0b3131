"""Gradual unfreezing: the head first, then one more layer from the top at each stage."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="gradual_unfreezing",
    label="Gradual unfreezing",
    summary="The head learns first; then layer 3 joins, then layer 2, and layer 1 last.",
    note=(
        "Watch the locks: a layer that waits for its turn keeps every bit. When the labels "
        "have changed, this forgets less; when the pictures have changed, the first layer is "
        "the one that matters, and waiting for it forgets more."
    ),
    group="Order and pace",
    source="arXiv:1801.06146",
    controls=("stage_steps",),
    unfreeze_at=lambda settings: {
        name: stage * settings.stage_steps
        for stage, name in enumerate(reversed(settings.body_shapes), start=1)
    },
)
