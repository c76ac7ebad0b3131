"""Dialogs of the window, each built when it is first opened."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from gui.actions.actions import Actions
from gui.actions.keys_dialog import KeysDialog
from gui.help.about_dialog import AboutDialog
from gui.help.glossary_dialog import GlossaryDialog
from gui.help.log_dialog import LogDialog
from gui.help.report_dialog import ReportDialog
from gui.session import Session
from gui.shell.preferences_dialog import PreferencesDialog
from gui.state.preferences import Preferences


class Dialogs(QObject):
    """Opens a dialog for each of its actions."""

    def __init__(
        self, window: QWidget, session: Session, preferences: Preferences, table: Actions
    ) -> None:
        """Args: window: around which they open.  table: of actions, some of which it binds."""
        super().__init__(window)
        self._window, self._session = window, session
        self._preferences, self._table = preferences, table
        self._made: dict[str, QDialog] = {}
        for name in ("preferences", "keys", "log", "report", "about"):
            table.bind(name, partial(self._open, name))
        table.bind("glossary", self._open_glossary)

    def _open(self, name: str) -> QDialog:
        dialog = self._made.get(name) or self._made.setdefault(name, self._make(name))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def _make(self, name: str) -> QDialog:
        window, session = self._window, self._session
        match name:
            case "preferences":
                return PreferencesDialog(session, self._table, window)
            case "keys":
                return KeysDialog(window)
            case "log":
                dialog = LogDialog(self._preferences, window)
                dialog.report_wanted.connect(self._table.action("report").trigger)
                return dialog
            case "report":
                return ReportDialog(session, window)
            case "about":
                return AboutDialog(window)
            case _:
                return GlossaryDialog(window)

    def _open_glossary(self) -> None:
        """Open the glossary, at the entry of what has the keyboard, else what is pointed at."""
        window = self._window
        pointed_at = QApplication.widgetAt(QCursor.pos())
        asked_of = [window.focusWidget(), pointed_at]
        dialog = self._open("glossary")
        assert isinstance(dialog, GlossaryDialog)
        dialog.show_entry_of(*(one for one in asked_of if one is not None))
