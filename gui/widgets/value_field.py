"""The box at the right of a slider: a value to read, and to type over."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from gui.theme import appearance, font
from gui.widgets.label import RIGHT

WIDEST = "0.00316"


class ValueField(QLineEdit):
    """Shows a value; what is typed counts on Enter or on leaving, Escape takes it back."""

    typed = Signal(str)
    """A text that differs from the one that was shown."""
    left = Signal()
    """Enter or Escape: the keys belong elsewhere again."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.setAlignment(RIGHT)
        self.setToolTip("Click to type a value")
        self.editingFinished.connect(self._on_self_editing_finished)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_value(self, text: str) -> None:
        """Show a value, also over what is being typed."""
        self._shown = text
        self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter commits, Escape takes back; both give the keys away."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._shown)
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_self_editing_finished()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_self_editing_finished(self) -> None:
        if self.text() != self._shown:
            self.typed.emit(self.text())

    @Slot()
    def _on_appearance_changed(self) -> None:
        theme = appearance.theme
        self.setFixedWidth(QFontMetrics(font()).horizontalAdvance(WIDEST) + 12)
        self.setStyleSheet(f"""
            QLineEdit {{ background: transparent; border: 1px solid transparent;
                border-bottom-color: {theme.line}; border-radius: 0; padding: 0 2px;
                min-height: 18px; }}
            QLineEdit:hover {{ border-bottom-color: {theme.muted}; }}
            QLineEdit:focus {{ border: 1px solid {theme.accent}; border-radius: 4px;
                padding: 0 2px; background: {theme.field}; }}
            QLineEdit:disabled {{ color: {theme.hatch}; border-bottom-color: transparent; }}
        """)
