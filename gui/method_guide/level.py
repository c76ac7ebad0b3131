"""Level widget: little, some or much, as filled dots and as a word."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.method_guide.entries import MAX_LEVEL
from gui.theme import TINY, appearance, font

WORDS = ("little", "some", "much")
DOT_RADIUS = 4  # pixels
DOT_PITCH = 12  # pixels


class Level(QWidget):
    """A row of three dots, filled up to a level, above the level's name."""

    def __init__(self, quantity: str, level: int) -> None:
        """Create it. Args: quantity: its name, for screen readers.  level: 1…3."""
        super().__init__()
        self._level, self._faded = level, False
        self.setAccessibleName(f"{quantity}: {WORDS[level - 1]}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_faded(self, faded: bool) -> None:
        """Draw the level in a faded colour, or as usual."""
        if faded != self._faded:
            self._faded = faded
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the dots and the longest word."""
        metrics = QFontMetrics(font(TINY))
        widest = max(map(metrics.horizontalAdvance, WORDS))
        return QSize(max(MAX_LEVEL * DOT_PITCH, widest) + 2, DOT_PITCH + metrics.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dots, then the word."""
        theme = appearance.theme
        colour = QColor(theme.hatch if self._faded else theme.accent)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour)
        for index in range(MAX_LEVEL):
            painter.setBrush(colour if index < self._level else Qt.BrushStyle.NoBrush)
            middle = QPointF(index * DOT_PITCH + DOT_RADIUS + 1, DOT_PITCH / 2)
            painter.drawEllipse(middle, DOT_RADIUS - 0.5, DOT_RADIUS - 0.5)
        painter.setPen(QColor(theme.hatch if self._faded else theme.muted))
        painter.setFont(font(TINY))
        below = self.rect().adjusted(0, DOT_PITCH, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, WORDS[self._level - 1])
        painter.end()
