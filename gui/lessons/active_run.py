"""A run of a lesson that has begun and not ended."""

from __future__ import annotations

import dataclasses

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.lessons.lesson import LessonRun
from gui.state.curve_buffer import CurveBuffer, rows_of


@dataclasses.dataclass(slots=True)
class ActiveRun:
    """A lesson's run that has begun and not ended; it may be paused."""

    run: LessonRun
    settings: Settings
    number: int
    """Number of the engine's run that trains it."""
    step: int = 0
    curves: CurveBuffer = dataclasses.field(default_factory=CurveBuffer)
    altered: bool = False
    """True: a setting was changed on the way."""
    trial: bool = False
    """True: it does not belong to the lesson."""
    ended_at: int | None = None
    """Last step, once known; its frame may still be outstanding."""
    diverged: bool = False
    """True: the loss became infinite or NaN."""

    def update(self, frame: Frame) -> None:
        """Take the curves and the step over from a frame of this run."""
        rows = rows_of(frame)
        # A setting may have been changed at an earlier step.
        self.curves.cut(min((step for step, _ in rows), default=frame.step) - 1)
        for step, row in rows:
            self.curves.add(step, row)
        self.step = frame.step
        self.altered |= frame.settings != self.settings

    def is_finished_by(self, frame: Frame) -> bool:
        """Return whether a frame is the last one, and its metrics are of its own step."""
        ended = self.ended_at is not None and frame.step >= self.ended_at
        return ended and not frame.playing and frame.is_measured
