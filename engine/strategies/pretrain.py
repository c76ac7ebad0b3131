"""Pretraining: the same steps, from random weights, on the source task."""

from engine.strategies import Strategy

STRATEGY = Strategy(
    name="pretrain",
    label="Pretraining",
    summary="Every weight moves, from a random start, on the source task.",
    lesson=2,
    pretrained=False,
)
