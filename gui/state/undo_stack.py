"""Undo stack: what the user changed, to be undone and redone, whatever it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from engine.protocol.messages import Refused, Return
from engine.protocol.settings import Settings
from gui.state.engine_link import EngineLink
from gui.state.session_state import SessionState

MAX_CHANGES = 200
"""Changes that can be undone."""


@dataclass(slots=True)
class Change:
    """One thing that the user changed."""

    text: str
    """In words: “Undo rank 4 → 8”."""
    number: int = 0
    """Of the first command that changed it in the engine; 0: none did."""
    settings: Settings | None = None
    """In force before it."""
    undo: Callable[[], object] | None = None
    """What takes it back where no command did it."""
    redo: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Detour:
    """A stretch that is left as a whole."""

    changes: int
    """How many there were before it."""
    first: int
    """Number of its first command."""
    settings: Settings
    """In force before it."""


class UndoStack(QObject):
    """Changes of settings, runs, branches and answers, the newest last.

    What a command changed is undone by returning to where the run stood before it, exactly; what
    was trained since is kept, and redo returns to it.
    """

    changed = Signal()
    """Other changes can be undone or redone."""
    returning = Signal()
    """A change is about to be undone or redone: what was asked for before goes first."""
    returned = Signal(int)
    """(number) A change was undone or redone, by the command of that number; 0: by none."""

    def __init__(self, state: SessionState, engine: EngineLink) -> None:
        """Args: state: may be paused.  engine: takes commands."""
        super().__init__()
        self._state, self._engine = state, engine
        self._undos: list[Change] = []
        self._redos: list[Change] = []
        self._quiet = False
        self._since = 0
        """Number of the newest command that went to an engine which is gone."""

    @property
    def undo_text(self) -> str:
        """The newest change, in words; empty: there is none."""
        return self._undos[-1].text if self._undos else ""

    @property
    def redo_text(self) -> str:
        """The change undone last, in words; empty: there is none."""
        return self._redos[-1].text if self._redos else ""

    # ------------------------------------------------------------ what is changed

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Let changes pass that the user did not make, such as those of a lesson's own runs."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def add_command(self, text: str, number: int, before: Settings) -> Change | None:
        """Note a change by a command.

        Args: text: in words.  number: of the command; 0: none.  before: the settings before it.
        Returns: the change; None: it is not noted.
        """
        return self._add(Change(text, number, before)) if number else None

    def is_newest(self, change: Change | None) -> bool:
        """Return whether another may still belong to a change. Args: change: None: to none."""
        return not self._quiet and bool(self._undos) and self._undos[-1] is change

    def rename_newest(self, text: str) -> None:
        """Say what the newest change has come to, as a slider moves on.

        Args: text: in words; empty: it is back where it began, and may have left its mark.
        """
        self._undos[-1].text = text or self._undos[-1].text
        self.changed.emit()

    def add(self, text: str, undo: Callable[[], object], redo: Callable[[], object]) -> None:
        """Note another change. Args: text: in words.  undo, redo: take it back, do it again."""
        self._add(Change(text, undo=undo, redo=redo))

    def _add(self, change: Change) -> Change | None:
        if self._quiet:
            return None
        self._undos.append(change)
        del self._undos[:-MAX_CHANGES]
        self._redos.clear()
        self.changed.emit()
        return change

    # ------------------------------------------------------------ undone and redone

    def undo(self) -> None:
        """Take back the newest change."""
        self._move(self._undos, self._redos, undone=True)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._move(self._redos, self._undos, undone=False)

    def _move(self, taken: list[Change], given: list[Change], *, undone: bool) -> None:
        if not taken:
            return
        change, number, now = taken.pop(), 0, self._state.settings
        if change.settings is not None:
            number = self._return_before(change.number, change.settings)
            if number:
                given.append(Change(change.text, number, now))
        else:
            act = change.undo if undone else change.redo
            assert act is not None
            with self.quiet():
                act()
            given.append(change)
        self.returned.emit(number)
        self.changed.emit()

    def _return_before(self, change: int, settings: Settings) -> int:
        self.returning.emit()
        number = self._engine.request(Return(change, settings))
        if number:
            self._state.set_playing(False, number)
            self._state.set_settings(settings)
        return number

    # ------------------------------------------------------------ what happens meanwhile

    def begin_detour(self) -> Detour:
        """Return where things stand, to come back to as a whole, as from a lesson."""
        return Detour(len(self._undos), self._engine.number + 1, self._state.settings)

    def end_detour(self, detour: Detour) -> int:
        """Return to where a detour began, and forget what was changed on it.

        Args: detour: from `begin_detour`.
        Returns: number of the command that does it; 0: nothing was changed, or there is another
        engine by now.
        """
        del self._undos[detour.changes :]
        self._redos.clear()
        number = 0
        if self._since < detour.first <= self._engine.changed_by:
            number = self._return_before(detour.first, detour.settings)
            self.returned.emit(number)
        self.changed.emit()
        return number

    def take_refused(self, report: Refused) -> None:
        """Forget a change that the engine did not make. Args: report: the engine's."""
        if report.command:
            for changes in (self._undos, self._redos):
                changes[:] = [each for each in changes if each.number != report.command]
            self.changed.emit()

    def clear(self) -> None:
        """Forget all: there is another engine."""
        self._since = self._engine.number
        self._undos.clear()
        self._redos.clear()
        self.changed.emit()
