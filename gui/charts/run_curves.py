"""What the charts keep: the points and marks of a run, and the run before as a ghost."""

from __future__ import annotations

import copy

from engine.protocol.messages import Applied, Catalogue, Frame
from engine.protocol.settings import Settings
from gui.charts.marks import Mark, Marks
from gui.charts.record import TRAIN, Record, rows_of
from gui.controls.change_text import pretty_name

WORTH_SEEING = 3.0
"""Times the loss at the start."""


class RunCurves:
    """Takes frames and changes of settings as they come."""

    def __init__(self, settings: Settings) -> None:
        self.record = Record()
        self.ghost: Record | None = None
        """Of the run before; None where none is kept."""
        self.ghost_label = ""
        self._settings = settings
        self._marks = Marks(settings)
        self._run = 0

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Where settings changed, oldest first."""
        return self._marks.all

    def begin(self, frame: Frame, catalogue: Catalogue | None) -> None:
        """Start over. The curves of a run under other settings stay as ghosts; a reset clears."""
        if frame.settings == self._settings:
            self.ghost = None
        elif len(self.record) > 1:
            self.ghost = self.record
            self.ghost_label = _label(self._settings, frame.settings, catalogue)
        self.record = Record()
        self._marks = Marks(frame.settings)

    def take(self, frame: Frame) -> bool:
        """Add a frame's points; False where it brings none, as the preview does."""
        self._settings, self._run = frame.settings, frame.run
        if frame.run == 0:
            return False
        if frame.step < self.record.last_step:
            self._keep_what_is_left_behind()
            self._marks.go_back_to(frame.step)
        rows = rows_of(frame)
        for step, row in rows:
            self.record.add(step, row)
        return bool(rows)

    def _keep_what_is_left_behind(self) -> None:
        """Early stopping goes back, and what it saved one from is worth seeing.

        A run that blew up is not: its losses would leave no room for any other.
        """
        _, losses = self.record.curve(TRAIN)
        if len(losses) and losses[-1] <= WORTH_SEEING * losses[0]:
            self.ghost, self.ghost_label = copy.deepcopy(self.record), "before it went back"

    def mark(self, applied: Applied, catalogue: Catalogue | None, now: float) -> bool:
        """Mark a change of settings; False where it belongs to a run not begun yet."""
        if applied.run != self._run:
            return False
        self._marks.add(applied, catalogue, now)
        return True


def _label(old: Settings, new: Settings, catalogue: Catalogue | None) -> str:
    if old.strategy == new.strategy:
        return "the run before"
    offered = () if catalogue is None else catalogue.strategies
    labels = (info.label for info in offered if info.name == old.strategy)
    return next(labels, pretty_name(old.strategy))
