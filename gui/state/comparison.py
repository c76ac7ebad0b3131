"""Comparison controller: runs trained side by side, started and ended by the user."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.protocol.messages import (
    ComparisonFrame,
    EndComparison,
    NumberedCommand,
    OpenComparedRun,
    RunComparison,
    StartComparison,
)
from engine.protocol.settings import Settings
from gui.state.engine_link import EngineLink
from gui.state.session_state import SessionState
from gui.state.undo_stack import UndoStack


class ComparisonController(QObject):
    """The newest frame of the comparison, and the verbs that start, run and end one."""

    changed = Signal()
    """`frame` is another."""

    def __init__(self, state: SessionState, engine: EngineLink, undo_stack: UndoStack) -> None:
        """Args: state: its run is paused while a comparison trains.  engine: takes commands."""
        super().__init__()
        self._state, self._engine, self._undo_stack = state, engine, undo_stack
        self.frame: ComparisonFrame | None = None
        """The newest frame; None: there is no comparison."""
        self._speeds: dict[int, float] = {}
        """Weights of the body -> steps per second, as last measured."""
        self._sent = 0
        """Number of the newest command that began or ended one: frames from before are stale."""

    def start(
        self, entries: tuple[Settings, ...], steps: int, seeds: int = 1, *, at_once: bool = False
    ) -> None:
        """Pause the run and train others.

        Args: entries: settings of each.  steps: for each.  seeds: with which each is trained.
        at_once: as fast as possible; else at the speed of playback.
        """
        command = StartComparison(entries, steps, seeds, at_once)
        self._sent = self._request(command) or self._sent

    def steps_per_second(self, settings: Settings) -> float:
        """Return the speed of the last comparison of such a network; 0: there was none.

        Args: settings: its width and depth count.
        """
        return self._speeds.get(settings.body_weights, 0.0)

    def set_running(self, running: bool, *, at_once: bool = False) -> None:
        """Go on with the comparison, which pauses the run, or pause it.

        Args: running: go on?  at_once: as of `start`.
        """
        self._request(RunComparison(running, at_once), pauses=running)

    def end(self) -> None:
        """Discard the comparison."""
        self._sent = self._engine.send(EndComparison())
        self.forget()

    def open_run(self, index: int) -> None:
        """Replace the run by one of those compared. Args: index: its place, from 0."""
        before, number = self._state.settings, self._request(OpenComparedRun(index))
        self._undo_stack.add_command("open a compared run", number, before)

    def _request(self, command: NumberedCommand, *, pauses: bool = True) -> int:
        number = self._engine.request(command)
        if number and pauses:
            self._state.set_playing(False, number)
        return number

    def take(self, frame: ComparisonFrame) -> None:
        """Replace the newest frame. Args: frame: the engine's."""
        if frame.command >= self._sent:
            self.frame = frame
            self._speeds[frame.rows[0].settings.body_weights] = frame.steps_per_second
            self.changed.emit()

    def forget(self) -> None:
        """Forget the comparison: it was ended, or its engine is gone."""
        self.frame = None
        self.changed.emit()
