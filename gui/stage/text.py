"""Labels of the stage, which is laid out by coordinates and not by Qt's layouts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import SIGN, font


class PlainLabel(QLabel):
    """One line of plain text that resizes itself to its text and is placed by coordinates.

    Never mark-up: names may come from a file. `gui.widgets.label.Label` is its counterpart for Qt's
    layouts: it follows the theme by itself; this one is styled by its role, and its parent calls
    `restyle`.
    """

    def __init__(
        self,
        text: str,
        parent: QWidget,
        *,
        scale: float = 1.0,
        bold: bool = False,
        role: str = "",
    ) -> None:
        """Show a text.

        Args: text: plain.  parent: of the widget.  scale: relative to the ordinary text size.
        bold: whether it is.  role: as in the theme's style sheet.
        """
        super().__init__(text, parent)
        self._scale = scale
        self._bold = bold
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.restyle()

    def restyle(self) -> None:
        """Take the current text size, and resize to the text."""
        self.setFont(font(self._scale, bold=self._bold))
        self.fit()

    def show_text(self, text: str) -> None:
        """Show another text and resize to it."""
        if text != self.text():
            self.setText(text)
            self.fit()

    def fit(self) -> None:
        """Resize to the text."""
        metrics = QFontMetrics(self.font())
        # A sign from the fallback font can be taller than the line of the font itself.
        glyph_height = metrics.tightBoundingRect(self.text()).height()
        height = metrics.height() if glyph_height < metrics.height() else glyph_height + 2
        self.resize(metrics.horizontalAdvance(self.text()) + 1, height)

    def advance(self, text: str) -> int:
        """Return the width of another text in this font, in pixels."""
        return QFontMetrics(self.font()).horizontalAdvance(text) + 1

    def centre_on(self, x: int, y: int) -> None:
        """Move the centre to (x, y) of the parent."""
        self.move(x - self.width() // 2, y - self.height() // 2)


def make_sign(text: str, parent: QWidget) -> PlainLabel:
    """Make a label for a sign of the equation: + = ×."""
    return PlainLabel(text, parent, scale=SIGN, role="muted")
