"""Pretraining: the same steps, from random weights, on the source task."""

from engine.strategies import Strategy


def _trains(parameter: str) -> bool:
    return True


STRATEGY = Strategy(
    name="pretrain",
    label="Pretraining",
    summary="Every weight moves, from a random start, on the source task.",
    lesson=2,
    trains=_trains,
    pretrained=False,
)
