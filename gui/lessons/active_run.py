"""A run of a lesson on its way."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.lessons.lesson import LessonRun
from gui.state.curve_buffer import CurveBuffer, rows_of


@dataclass(slots=True)
class ActiveRun:
    """A run of a lesson that has begun and not ended."""

    run: LessonRun
    settings: Settings
    after: int
    """Number of the engine's run before it."""
    number: int = 0
    """Of the engine's run; 0: not known yet."""
    branch: int = 0
    step: int = 0
    curves: CurveBuffer = field(default_factory=CurveBuffer)
    altered: bool = False
    trial: bool = False
    """Whether it is none of the lesson's."""
    ended_at: int | None = None
    """Step after which none follows; its last frame may still be on the way."""
    lost: bool = False
    """Whether it went beyond all bounds."""

    def take(self, frame: Frame) -> None:
        """Follow it to a frame of its own."""
        rows = rows_of(frame)
        if frame.run != self.number:
            self.number, self.branch, self.curves = frame.run, frame.branch, CurveBuffer()
        elif frame.branch != self.branch:  # a setting was changed at an earlier step
            self.branch = frame.branch
            self.curves.cut(min((step for step, _ in rows), default=frame.step) - 1)
        for step, row in rows:
            self.curves.add(step, row)
        self.step = frame.step
        self.altered |= frame.settings != self.settings

    def ends_with(self, frame: Frame) -> bool:
        """Whether nothing follows a frame that it took, and all its measures are its own."""
        over = self.ended_at is not None and frame.step >= self.ended_at
        return over and not frame.playing and frame.measured_at is None
