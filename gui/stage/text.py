"""Words on the stage that know how much room they need."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import font

SMALL = 0.85
SIGN = 1.3


class PlainLabel(QLabel):
    """One line of plain text, never mark-up: names may come from a file."""

    def __init__(
        self,
        text: str,
        parent: QWidget,
        *,
        scale: float = 1.0,
        bold: bool = False,
        role: str = "",
    ) -> None:
        """Args: scale: of the ordinary text size.  role: as in the theme's style sheet."""
        super().__init__(text, parent)
        self._scale = scale
        self._bold = bold
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.restyle()

    def restyle(self) -> None:
        """Take the text size in force, and the room it needs."""
        self.setFont(font(self._scale, bold=self._bold))
        self.fit()

    def say(self, text: str) -> None:
        """Show other words; the size follows."""
        if text != self.text():
            self.setText(text)
            self.fit()

    def fit(self) -> None:
        """Be exactly as large as the words."""
        metrics = QFontMetrics(self.font())
        # A sign from the fallback font can be taller than the line of the font itself.
        ink = metrics.tightBoundingRect(self.text()).height()
        height = metrics.height() if ink < metrics.height() else ink + 2
        self.resize(metrics.horizontalAdvance(self.text()) + 1, height)

    def advance(self, text: str) -> int:
        """Pixels that other words would take in this font."""
        return QFontMetrics(self.font()).horizontalAdvance(text) + 1

    def centre_on(self, x: int, y: int) -> None:
        """Stand with the middle at (x, y) of the parent."""
        self.move(x - self.width() // 2, y - self.height() // 2)


def sign(text: str, parent: QWidget) -> PlainLabel:
    """A sign of the equation: + = ×."""
    return PlainLabel(text, parent, scale=SIGN, role="muted")
