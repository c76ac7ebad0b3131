"""Pretraining: the same steps, from random weights, on the source task."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="pretrain",
    label="Pretraining",
    summary="Every weight moves, from a random start, on the source task.",
    lesson=2,
    pretrained=False,
    not_comparable=(
        "it learns the source task, from random weights, and the others what comes after"
    ),
)
