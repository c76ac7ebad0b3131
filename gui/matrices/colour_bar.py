"""A legend of the colours of a matrix."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.text.numbers import NO_VALUE, number_text
from gui.theme import LEVELS, SMALL, appearance, font

BAR_HEIGHT = 6
"""Logical pixels."""
WIDEST_NUMBER = "−0.058"
"""The widest number at an end of the bar."""
_LEVELS = np.arange(LEVELS + 1, dtype=np.uint8)


class ColourBar(QWidget):
    """The colours of −scale…scale, with both ends and 0 written below."""

    def __init__(self, subject: str, parent: QWidget) -> None:
        """Args: subject: for screen readers: the matrices drawn on this scale."""
        super().__init__(parent)
        self._end = NO_VALUE
        self.setAccessibleName(f"Colour scale of {subject}")

    def draw(self, scale: float) -> None:
        """Show a scale. Args: scale: ≥ 0; at 0 only zeros have a colour."""
        end = number_text(scale) if scale > 0.0 else NO_VALUE
        if end != self._end:
            self._end = end
            words = f"from {number_text(-scale)} to {end}" if scale > 0.0 else "all zero"
            self.setAccessibleDescription(words)
            self.update()

    def natural_height(self) -> int:
        """Return the height of bar and numbers, in pixels."""
        return BAR_HEIGHT + 2 + QFontMetrics(font(SMALL)).height()

    def natural_width(self) -> int:
        """Return the width in which the three numbers do not touch, in pixels."""
        return QFontMetrics(font(SMALL)).horizontalAdvance(f"{WIDEST_NUMBER}  0  {WIDEST_NUMBER}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar, then the numbers."""
        painter = QPainter(self)
        theme = appearance.theme
        image = QImage(_LEVELS.data, LEVELS, 1, LEVELS + 1, QImage.Format.Format_Indexed8)
        image.setColorTable(theme.table)
        painter.drawImage(QRect(0, 0, self.width(), BAR_HEIGHT), image)
        painter.setFont(font(SMALL))
        metrics = painter.fontMetrics()
        painter.setPen(QColor(theme.muted))
        bounds = QRectF(0, BAR_HEIGHT + 2, self.width(), self.height() - BAR_HEIGHT - 2)
        if self._end == NO_VALUE:
            painter.drawText(bounds, Qt.AlignmentFlag.AlignHCenter, "0")
        elif self.width() < metrics.horizontalAdvance(f"−{self._end}  0  −{self._end}"):
            painter.drawText(bounds, Qt.AlignmentFlag.AlignHCenter, f"±{self._end}")
        else:
            painter.drawText(bounds, Qt.AlignmentFlag.AlignLeft, f"−{self._end}")
            painter.drawText(bounds, Qt.AlignmentFlag.AlignHCenter, "0")
            painter.drawText(bounds, Qt.AlignmentFlag.AlignRight, self._end)
