"""Snapshots and deterministic replay: back to an earlier step, bit for bit."""

from __future__ import annotations

from collections import deque
from typing import Any

from engine.trainer import Trainer

EVERY = 100
"""Steps between snapshots."""
KEPT = 16


class History:
    """The recent past of one trainer: a snapshot now and then, replay for what lies between.

    Call `note` after every step and `mark` after every change of settings: between two
    snapshots nothing but steps happened, so replay repeats them exactly.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._snapshots: deque[tuple[int, dict[str, Any]]] = deque(maxlen=KEPT)
        self.mark()

    def note(self) -> None:
        """A step was taken."""
        if self._trainer.steps_taken % EVERY == 0:
            self.mark()

    def mark(self) -> None:
        """Settings changed, or a new run began: remember this step as it is now."""
        now = self._trainer.steps_taken
        while self._snapshots and self._snapshots[-1][0] >= now:
            self._snapshots.pop()
        self._snapshots.append((now, self._trainer.state()))

    def return_to(self, step: int) -> int:
        """Bring the trainer back to `step`, or to the oldest step remembered if that is later.

        Returns: the step it stands at.
        """
        while len(self._snapshots) > 1 and self._snapshots[-1][0] > step:
            self._snapshots.pop()
        _, state = self._snapshots[-1]
        self._trainer.restore(state)
        while self._trainer.steps_taken < step:
            self._trainer.step()
        return self._trainer.steps_taken
