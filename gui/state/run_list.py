"""Run list: the runs of the sitting, to be opened, named and deleted."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from engine.protocol.messages import (
    DropRun,
    EarlierRun,
    NameRun,
    NumberedCommand,
    OpenRun,
    RestoreRun,
    Runs,
)
from gui.state import notices
from gui.state.engine_link import EngineLink
from gui.state.navigation import Navigation
from gui.state.session_state import SessionState
from gui.state.undo_stack import UndoStack


class RunList(QObject):
    """Verbs of the list of runs; each can be undone."""

    def __init__(
        self, state: SessionState, engine: EngineLink, navigation: Navigation, undo_stack: UndoStack
    ) -> None:
        """Args: state: to change.  engine: takes commands.  navigation: its seeks go first."""
        super().__init__()
        self._state, self._engine, self._navigation = state, engine, navigation
        self._undo_stack = undo_stack

    def open(self, serial: int) -> None:
        """Put an earlier run on the stage, as it was left. Args: serial: the run's."""
        self._navigation.finish()
        number = self._engine.request(OpenRun(serial))
        if number:
            self._state.set_playing(False, number)
        self._undo_stack.add_command("open an earlier run", number, self._state.settings)

    def rename(self, serial: int, name: str) -> None:
        """Name a run. Args: serial: the run's.  name: empty: none."""
        before = self._name_of(serial)
        if before is not None and before != name:
            self._change("the name of a run", NameRun(serial, name), NameRun(serial, before))

    def drop(self, serial: int) -> None:
        """Delete an earlier run. Args: serial: the run's."""
        if self._find(serial) is not None:
            self._change("delete a run", DropRun(serial), RestoreRun(serial))

    def take(self, report: Runs) -> None:
        """Adopt the engine's list. Args: report: it."""
        self._state.set_runs(report)
        if report.forgotten:
            self._state.set_notice(notices.forgotten(report))

    def _change(self, text: str, command: NumberedCommand, opposite: NumberedCommand) -> None:
        send = self._engine.send
        send(command)
        self._undo_stack.add(text, partial(send, opposite), partial(send, command))

    def _find(self, serial: int) -> EarlierRun | None:
        runs = self._state.runs
        earlier = () if runs is None else runs.earlier
        return next((run for run in earlier if run.serial == serial), None)

    def _name_of(self, serial: int) -> str | None:
        runs, run = self._state.runs, self._find(serial)
        if runs is not None and runs.serial == serial:
            return runs.name
        return None if run is None else run.name
