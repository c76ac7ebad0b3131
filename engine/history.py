"""Snapshots and deterministic replay: back to an earlier step, bit for bit."""

from __future__ import annotations

from collections import deque
from typing import Any

from engine.protocol.messages import Reset
from engine.protocol.settings import MAX_PATIENCE
from engine.trainer import Trainer

EVERY = 100
"""Steps between snapshots, at least."""
KEPT = 16
BUDGET = 256 * 2**20
"""Bytes of all snapshots together."""


class History:
    """The recent past of one trainer: a snapshot now and then, replay for what lies between.

    Call `note` after every step and `mark` after every change of settings: between two
    snapshots nothing but steps happened, so replay repeats them exactly.

    Of a large network there are fewer snapshots, further apart: together they stay within
    `BUDGET`, and still reach back `MAX_PATIENCE` steps. Where not even two of them fit there are
    none: then the only way back is to the beginning.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._snapshots: deque[tuple[int, dict[str, Any]]] = deque()
        self._every = EVERY
        self.mark()

    def note(self) -> None:
        """A step was taken."""
        if self._trainer.steps_taken % self._every == 0:
            self.mark()

    def mark(self) -> None:
        """Settings changed, or a new run began: remember this step as it is now."""
        now = self._trainer.steps_taken
        while self._snapshots and self._snapshots[-1][0] >= now:
            self._snapshots.pop()
        room = min(KEPT, BUDGET // self._trainer.state_bytes())
        if room < 2:
            self._snapshots.clear()
            return
        self._every = max(EVERY, -(-MAX_PATIENCE // (room - 1)))
        while len(self._snapshots) >= room:
            self._snapshots.popleft()
        self._snapshots.append((now, self._trainer.state()))

    def return_to(self, step: int) -> int:
        """Bring the trainer back to `step`, or to the oldest step remembered if that is later.

        Where none is remembered the run begins anew.

        Returns: the step it stands at.
        """
        if not self._snapshots:
            self._trainer.apply(Reset())
            return 0
        while len(self._snapshots) > 1 and self._snapshots[-1][0] > step:
            self._snapshots.pop()
        _, state = self._snapshots[-1]
        self._trainer.restore(state)
        while self._trainer.steps_taken < step:
            self._trainer.step()
        return self._trainer.steps_taken
