"""Pretraining: the same steps, from random weights, on the source task."""

from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="pretrain",
    label="Pretraining",
    summary="All weights are trained on the source task, from a random start.",
    lesson=2,
    pretrained=False,
    learns="source",
    not_comparable=(
        "it trains on the source task from random weights, the others fine-tune afterwards"
    ),
)
