"""Divergence: the loss at which a run is lost, and the error that says so."""

from __future__ import annotations

DIVERGED_LOSS = 1e4
"""A loss from here on, or NaN, is diverged: no run comes back from such weights.

A network with random weights starts at about 2, and the worst start of all tasks lies below 50.
"""
GOOD_LOSS_FACTOR = 3.0
"""Weights are good while the loss is at most this many times the loss at the start."""


def has_diverged(loss: float) -> bool:
    """Return whether the weights have grown beyond all bounds. Args: loss: of a batch or split."""
    return not loss < DIVERGED_LOSS  # so that NaN is lost as well


class DivergedError(RuntimeError):
    """The loss of a step has diverged; the step was not taken.

    Args: step: its number.  loss: of its batch.  learning_rate: as set.  last_good_step: to go back
    to.
    """

    def __init__(self, step: int, loss: float, learning_rate: float, last_good_step: int) -> None:
        self.step = step
        self.last_good_step = last_good_step
        self.learning_rate = learning_rate
        super().__init__(
            f"the run diverged: at step {step} the loss is {loss:g} "
            f"(learning_rate {learning_rate:g}); step {self.last_good_step} was the last good one"
        )
