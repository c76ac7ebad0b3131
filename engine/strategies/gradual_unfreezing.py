"""Gradual unfreezing: the head first, then one more layer from the top at each stage."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="gradual_unfreezing",
    label="Gradual unfreezing",
    summary="The head is trained first, then layer 3 as well, then layer 2, and layer 1 last.",
    note=(
        "Watch the locks: a layer that waits for its turn does not change at all. When the "
        "labels have changed, this forgets less; when the images have changed, layer 1 is the"
        " one that matters, and training it last forgets more."
    ),
    group="Layer by layer",
    source="arXiv:1801.06146",
    controls=("stage_steps",),
    unfreeze_at=lambda settings: {
        name: stage * settings.stage_steps
        for stage, name in enumerate(reversed(settings.body_shapes), start=1)
    },
)
