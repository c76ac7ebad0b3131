"""Little, some or much, as filled dots and as a word."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.method_guide.entries import MOST
from gui.theme import appearance, font

WORDS = ("little", "some", "much")
SMALL = 0.8
RADIUS = 4
PITCH = 12


class Level(QWidget):
    """So many of three dots are filled; the word below says it again."""

    def __init__(self, of: str, level: int) -> None:
        """Args: of: what there is so much of, for screen readers.  level: 1…3."""
        super().__init__()
        self._level, self._faded = level, False
        self.setAccessibleName(f"{of}: {WORDS[level - 1]}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._on_appearance_changed)

    def fade(self, faded: bool) -> None:
        """Step back, or forward again."""
        if faded != self._faded:
            self._faded = faded
            self.update()

    def sizeHint(self) -> QSize:
        """Room for dots and word."""
        metrics = QFontMetrics(font(SMALL))
        widest = max(map(metrics.horizontalAdvance, WORDS))
        return QSize(max(MOST * PITCH, widest) + 2, PITCH + metrics.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The dots, then the word."""
        theme = appearance.theme
        ink = QColor(theme.hatch if self._faded else theme.accent)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink)
        for index in range(MOST):
            painter.setBrush(ink if index < self._level else Qt.BrushStyle.NoBrush)
            middle = QPointF(index * PITCH + RADIUS + 1, PITCH / 2)
            painter.drawEllipse(middle, RADIUS - 0.5, RADIUS - 0.5)
        painter.setPen(QColor(theme.hatch if self._faded else theme.muted))
        painter.setFont(font(SMALL))
        below = self.rect().adjusted(0, PITCH, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, WORDS[self._level - 1])
        painter.end()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
