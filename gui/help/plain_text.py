"""Plain text in the font of code."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QPlainTextEdit

from gui.theme import SMALL, appearance, font

CODE_FONT = "DejaVu Sans Mono"


class PlainText(QPlainTextEdit):
    """Lines of text; Tab leaves it. Args: read_only: whether nobody can write into it."""

    def __init__(self, object_name: str, accessible_name: str, *, read_only: bool) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setReadOnly(read_only)
        self.setTabChangesFocus(True)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_end(self, text: str) -> None:
        """Show a text from its end."""
        self.setPlainText(text)
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    @Slot()
    def _on_appearance_changed(self) -> None:
        code = QFont(font(SMALL))
        code.setFamily(CODE_FONT)
        self.setFont(code)
