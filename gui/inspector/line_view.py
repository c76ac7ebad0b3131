"""One line of a derivation: the formula, and below it the formula with its numbers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.protocol.messages import DerivationLine
from gui.inspector.line_text import LineText, line_text
from gui.theme import SMALL, SPACE
from gui.widgets.button import PRESS_KEYS
from gui.widgets.label import Label

UNFOLD_HINT = "Click to see every term"


class LineView(QWidget):
    """Shows the first terms of a long sum; a click, or Enter, toggles the others."""

    def __init__(self) -> None:
        super().__init__()
        self._text = LineText("", "", "")
        self._unfolded = False
        self._formula = Label(scale=SMALL, colour="muted", wrap=True)
        self._numbers = Label(wrap=True)
        for part in (self._formula, self._numbers):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 4)
        column.addWidget(self._formula)
        column.addWidget(self._numbers)

    @property
    def folds(self) -> bool:
        """Whether there is more than is shown at first."""
        return self._text.numbers != self._text.whole

    def show_line(self, line: DerivationLine) -> None:
        """Show a line."""
        self._text = line_text(line)
        self._formula.show_text(self._text.formula)
        self._show_numbers()

    def text(self) -> str:
        """Return formula and numbers as shown."""
        return f"{self._formula.text()}\n{self._numbers.text()}"

    def _show_numbers(self) -> None:
        shown = self._text.whole if self._unfolded else self._text.numbers
        self._numbers.show_text(shown)
        folds = self.folds
        self.setToolTip(
            f"{UNFOLD_HINT}\n{self._text.whole}" if folds and not self._unfolded else ""
        )
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if folds else Qt.FocusPolicy.NoFocus)
        shape = Qt.CursorShape.PointingHandCursor if folds else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.setAccessibleName(f"{self._text.formula} {shown}")

    def _toggle_unfolded(self) -> None:
        if self.folds:
            self._unfolded = not self._unfolded
            self._show_numbers()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Toggle the terms on a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._toggle_unfolded()

    def event(self, event: QEvent) -> bool:
        """Toggle the terms on Enter and Space."""
        if isinstance(event, QKeyEvent) and self.folds and event.key() in PRESS_KEYS:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._toggle_unfolded()
                return True
        return super().event(event)
