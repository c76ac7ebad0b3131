"""Dialogs of the window, each built when it is first opened."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from gui.actions.actions import Actions
from gui.session import Session
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
        self._by_key = False
        """Whether the glossary was asked for with its key."""
        for name in ("preferences", "keys", "log", "report", "about"):
            table.bind(name, partial(self._open, name))
        table.bind("glossary", self._open_glossary)
        table.action("glossary").installEventFilter(self)

    def _open(self, name: str) -> QDialog:
        dialog = self._made.get(name) or self._made.setdefault(name, self._make(name))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def _make(self, name: str) -> QDialog:
        """Build a dialog; the modules are loaded here, so that the window opens without them."""
        window, session = self._window, self._session
        match name:
            case "preferences":
                from gui.shell.preferences_dialog import PreferencesDialog

                return PreferencesDialog(session, self._table, window)
            case "keys":
                from gui.actions.keys_dialog import KeysDialog

                return KeysDialog(window)
            case "log":
                from gui.help.log_dialog import LogDialog

                dialog = LogDialog(self._preferences, window)
                dialog.report_wanted.connect(self._table.action("report").trigger)
                return dialog
            case "report":
                from gui.help.report_dialog import ReportDialog

                return ReportDialog(session, window)
            case "about":
                from gui.help.about_dialog import AboutDialog

                return AboutDialog(window)
            case _:
                from gui.help.glossary_dialog import GlossaryDialog

                return GlossaryDialog(window)

    def eventFilter(self, action: QObject, event: QEvent) -> bool:
        """Qt's hook: notice that the glossary is asked for with its key, not from a menu."""
        self._by_key = event.type() == QEvent.Type.Shortcut
        return super().eventFilter(action, event)

    def _open_glossary(self) -> None:
        """Open it at the entry of what has the keyboard, else of what the key was pressed over."""
        from gui.help.glossary_dialog import GlossaryDialog

        pointed_at = QApplication.widgetAt(QCursor.pos()) if self._by_key else None
        self._by_key = False
        asked_of = self._window.focusWidget(), pointed_at
        dialog = self._open("glossary")
        assert isinstance(dialog, GlossaryDialog)
        dialog.show_entry_of(*filter(None, asked_of))
