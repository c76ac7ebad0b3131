"""Freezing layers: only what is unlocked trains; the last body layer and the head, at first."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="freeze",
    label="Freezing layers",
    summary="Locked layers are frozen; only the unlocked ones are trained.",
    lesson=4,
    source="arXiv:1411.1792",
    frozen=("layer1", "layer2"),
)
