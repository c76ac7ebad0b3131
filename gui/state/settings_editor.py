"""Settings editor: changes the settings, sends them to the engine, and undoes changes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, Slot

from engine.protocol.messages import Applied, Arrived, Configure, Refused, StrategyInfo
from engine.protocol.settings import Settings, SettingsError
from gui.state.change_log import DragDetector
from gui.state.engine_link import EngineLink
from gui.state.navigation import Navigation
from gui.state.notice_board import NoticeBoard
from gui.state.session_state import SessionState
from gui.state.undo_stack import Change, UndoStack
from gui.text.settings_change import RankNote, change_text, rank_note


class SettingsEditor(QObject):
    """Verbs that change settings; the engine follows at its next step."""

    def __init__(
        self,
        state: SessionState,
        engine: EngineLink,
        navigation: Navigation,
        board: NoticeBoard,
        undo_stack: UndoStack,
        chosen_fields: frozenset[str],
    ) -> None:
        """Args: chosen_fields: chosen by the user; a strategy's defaults leave them alone."""
        super().__init__()
        self._state, self._engine, self._navigation = state, engine, navigation
        self._board, self._chosen_fields = board, chosen_fields
        self._undo_stack = undo_stack
        self._drag = DragDetector()
        self._drag_began = state.settings
        """The settings before the newest drag."""
        self._change: Change | None = None
        """The newest change, which a drag goes on with."""
        undo_stack.returned.connect(self._on_undo_stack_returned)
        self._rank_note: RankNote | None = None
        self._sent = 0
        """Number of the newest change: what came before it says nothing of these settings."""

    # ------------------------------------------------------------ what a user does

    def update(self, **changes: Any) -> bool:
        """Change fields of the settings. Returns: False where one is refused; the user is told."""
        before = self._state.settings
        try:
            new = before.replace(**changes)
        except SettingsError as error:
            self._board.refuse(str(error))
            return False
        self._board.withdraw_refusal()
        if new != before:
            same_drag = self._drag.continues(frozenset(changes), time.monotonic())
            continues = same_drag and self._undo_stack.is_newest(self._change)
            number = self._send(new)
            if not continues:
                self._drag_began = before
            text = change_text(self._drag_began, new, self._state.catalogue)
            if continues:
                self._undo_stack.rename_newest(text)
            else:
                self._change = self._undo_stack.add_command(text, number, before)
        return True

    def choose_strategy(self, name: str) -> None:
        """Switch to a strategy and its defaults; those of the old one go. Args: name: its key."""
        settings = self._state.settings
        if name != settings.strategy:
            self.update(**changes_to(name, settings, self._state.strategies()))

    def freeze(self, block: str, frozen: bool) -> None:
        """Freeze a block from the next step on. Args: block: its name.  frozen: or unfreeze it?"""
        others = [name for name in self._state.frozen_blocks() if name != block]
        self.update(frozen=(*others, block) if frozen else tuple(others))

    def _send(self, new: Settings) -> int:
        self._navigation.send_queued()
        self._sent = self._engine.send(Configure(new))
        self._state.set_settings(new)
        return self._sent

    # ------------------------------------------------------------ what arrives

    @Slot(int)
    def _on_undo_stack_returned(self, number: int) -> None:
        self._drag.end()
        self._sent = number or self._sent

    def apply_defaults(self) -> None:
        """Apply the defaults of the strategy that the window opened with, once it is known."""
        info = self._state.strategy_info()
        if info is not None and self._state.run in (None, 0):
            defaults = {k: v for k, v in info.defaults.items() if k not in self._chosen_fields}
            self.update(**defaults)
            self._undo_stack.clear()  # an undo must not take them away
            self._drag.end()

    def _adopt(self, report: Applied | Arrived | Refused) -> bool:
        """Adopt settings that know of the newest change. Returns: whether they are others."""
        settings = report.settings
        if settings is None or report.command < self._sent or settings == self._state.settings:
            return False
        self._state.set_settings(settings)
        return True

    def take_applied(self, report: Applied) -> None:
        """Note that the engine took settings over. Args: report: which ones."""
        self._adopt(report)
        notes = report.notes
        if report.run == self._state.run:
            old = self._state.change_log.shown.settings
            self._state.change_log.add(report, self._state.catalogue, time.monotonic())
            notes = tuple(self._of_whole_drag(note, old, report.settings) for note in notes)
        self._state.applied.emit(report)
        self._board.add_notes(report.run, notes)

    def _of_whole_drag(self, note: str, old: Settings, new: Settings) -> str:
        """Return a note as one of the drag that its change belongs to, if it is of the rank."""
        change = self._state.change_log.shown.newest
        drag = old if change is None else change.before
        found = rank_note(note, drag, old, new, self._rank_note)
        self._rank_note = found or self._rank_note
        return note if found is None else found.text(new)

    def take_arrived(self, report: Arrived) -> None:
        """Adopt the settings in force at another step. Args: report: where the run is now."""
        if report.run == self._state.run:
            self._state.change_log.arrive(report)
        if self._adopt(report):
            self._drag.end()

    def take_refused(self, report: Refused) -> None:
        """Go back to the settings that the engine keeps. Args: report: its refusal."""
        self._state.set_playing(report.playing, report.command)
        self._navigation.take_refused(report)
        self._adopt(report)
        self._undo_stack.take_refused(report)
        self._board.refuse(report.message)


def changes_to(name: str, settings: Settings, offered: Iterable[StrategyInfo]) -> dict[str, Any]:
    """Return the changes that choosing a strategy makes; what the user froze is unfrozen.

    Defaults of the strategy before it go, where nobody has changed them since.
    Args: name: the new strategy's.  settings: before the choice.  offered: all strategies.
    """
    plain = Settings()
    defaults = {info.name: info.defaults for info in offered}
    old, new = defaults.get(settings.strategy, {}), defaults.get(name, {})
    stale = (field for field, value in old.items() if getattr(settings, field) == value)
    return {"strategy": name, "frozen": None, **{f: getattr(plain, f) for f in stale}, **new}
