"""Comparison controller: runs trained side by side, started and ended by the user."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.protocol.messages import (
    Command,
    ComparisonFrame,
    EndComparison,
    OpenComparedRun,
    RunComparison,
    StartComparison,
)
from engine.protocol.settings import Settings
from gui.state.engine_link import EngineLink
from gui.state.session_state import SessionState


class ComparisonController(QObject):
    """The newest frame of the comparison, and the verbs that start, run and end one."""

    changed = Signal()
    """`frame` is another."""

    def __init__(self, state: SessionState, engine: EngineLink) -> None:
        """Args: state: its run is paused while a comparison trains.  engine: takes commands."""
        super().__init__()
        self._state, self._engine = state, engine
        self._frame: ComparisonFrame | None = None
        self._last_ended = 0
        """Number of the newest comparison that was ended; its late frames are ignored."""

    @property
    def frame(self) -> ComparisonFrame | None:
        """The newest frame; None: there is no comparison."""
        return self._frame

    def start(self, entries: tuple[Settings, ...], steps: int) -> None:
        """Pause the run and train others side by side.

        Args: entries: settings of each run.  steps: to train each for.
        """
        self._request(StartComparison(entries, steps))

    def set_running(self, running: bool) -> None:
        """Go on with the comparison, which pauses the run, or pause it. Args: running: go on?"""
        self._request(RunComparison(running), pauses=running)

    def end(self) -> None:
        """Discard the comparison."""
        self._engine.send(EndComparison())
        self.take(None)

    def open_run(self, index: int) -> None:
        """Replace the run by one of those compared. Args: index: its place, from 0."""
        self._request(OpenComparedRun(index))

    def _request(self, command: Command, *, pauses: bool = True) -> None:
        if self._engine.request(command):
            self._state.set_playing(self._state.playing and not pauses)

    def take(self, frame: ComparisonFrame | None) -> None:
        """Replace the newest frame. Args: frame: None: the comparison was ended."""
        if frame is None and self._frame is not None:
            self._last_ended = self._frame.comparison
        if frame is None or frame.comparison > self._last_ended:
            self._frame = frame
            self.changed.emit()

    def begin_engine(self) -> None:
        """Forget the comparisons of an engine that is gone; a new one counts from 1 again."""
        self.take(None)
        self._last_ended = 0
