"""Value field: the box at the right of a slider, with a value to read and to type over."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from gui.theme import appearance, font
from gui.widgets.keyboard import keep_escape, release_keyboard
from gui.widgets.label import RIGHT

WIDEST_TEXT = "0.00316"
"""Text that must fit."""


class ValueField(QLineEdit):
    """Shows a value; Enter or leaving commits what is typed, Escape restores the value."""

    typed = Signal(str)
    """(text) It was committed, and differs from the text that was shown."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.setAlignment(RIGHT)
        self.setProperty("role", "value")
        self.setToolTip("Click to type a value")
        self.editingFinished.connect(self._on_self_editing_finished)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_value(self, text: str) -> None:
        """Show a value, even while another one is being typed."""
        self._shown = text
        self.setText(text)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `keep_escape`."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: Enter commits, Escape restores; both give up the keyboard."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._shown)
            release_keyboard(self)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_self_editing_finished()
            release_keyboard(self)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_self_editing_finished(self) -> None:
        if self.text() != self._shown:
            self.typed.emit(self.text())

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(QFontMetrics(font()).horizontalAdvance(WIDEST_TEXT) + 12)
