"""When a run is lost, and which step is worth going back to."""

from __future__ import annotations

LOST_LOSS = 1e4
"""A loss from here on, or one that is not a number: weights from which no run comes back.

A network that knows nothing starts at about 2, and the worst start of all tasks lies below 50.
"""
GOOD_FACTOR = 3.0
"""Weights are good while the loss stays within so many times what it was at the start."""


def is_lost(loss: float) -> bool:
    """Whether a loss says that the weights have grown beyond all bounds."""
    return not loss < LOST_LOSS  # so that NaN is lost as well


class DivergedError(RuntimeError):
    """The loss of a step is lost; the step was not taken."""

    def __init__(self, step: int, loss: float, learning_rate: float, last_good_step: int) -> None:
        self.step = step
        self.last_good_step = last_good_step
        self.learning_rate = learning_rate
        super().__init__(
            f"the run diverged: at step {step} the loss is {loss:g} "
            f"(learning_rate {learning_rate:g}); step {self.last_good_step} was the last good one"
        )
