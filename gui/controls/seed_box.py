"""Seed box: a spin box for the seed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QSpinBox

from engine.protocol.settings import MAX_SEED, SETTINGS, Settings
from gui.session import Session


class SeedBox(QSpinBox):
    """Shows and sets the seed; a whole number counts once it is typed to the end."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("seedBox")
        self.setAccessibleName(SETTINGS["seed"].label)
        self.setToolTip(SETTINGS["seed"].hint)
        self.setRange(0, MAX_SEED)
        self.setKeyboardTracking(False)
        # No buttons: there is little room, and the arrow keys do the same. Without this the style
        # sheet would keep a place for them and leave none for the number.
        self.setStyleSheet("QSpinBox::up-button, QSpinBox::down-button { width: 0px; }")
        self.lineEdit().setTextMargins(7, 0, 4, 0)
        self.setValue(session.state.settings.seed)
        self.valueChanged.connect(self._on_self_value_changed)
        session.state.settings_changed.connect(self._on_session_settings_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: Enter and Escape give up the keyboard."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.clearFocus()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's hook: leave the wheel to the page."""
        event.ignore()

    @Slot(int)
    def _on_self_value_changed(self, value: int) -> None:
        self._session.editor.update(seed=value)

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        if self.value() != new.seed:
            self.blockSignals(True)
            self.setValue(new.seed)
            self.blockSignals(False)
