"""A legend of the colours of a matrix."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.palette import LEVELS
from gui.text.numbers import NO_VALUE, number_text
from gui.theme import SMALL, appearance, font

BAR_HEIGHT = 6
"""Logical pixels."""
MIN_BAR_WIDTH = 24
"""Logical pixels; in less the numbers are left out."""
NUMBER_GAP = 4
WIDEST_END = "0.00"
"""An end as it mostly is."""
_LEVELS = np.arange(LEVELS + 1, dtype=np.uint8)


class ColourBar(QWidget):
    """The colours of −scale…scale, between its two ends as numbers."""

    def __init__(self, subject: str, parent: QWidget) -> None:
        """Args: subject: for screen readers: the matrices drawn on this scale."""
        super().__init__(parent)
        self._subject, self._end, self._range = subject, NO_VALUE, ""
        self.setAccessibleName(f"Colour scale of {subject}")
        appearance.changed.connect(self._describe)

    def draw(self, scale: float) -> None:
        """Show a scale. Args: scale: ≥ 0; at 0 only zeros have a colour."""
        end = number_text(scale) if scale > 0.0 else NO_VALUE
        if end != self._end:
            self._end = end
            self._range = f"from {number_text(-scale)} to {end}" if scale > 0.0 else "all zero"
            self._describe()
            self.update()

    @Slot()
    def _describe(self) -> None:
        colours = appearance.colour_map
        signs = f"{colours.negative} is negative, {colours.positive} is positive"
        self.setAccessibleDescription(f"{self._range}; {signs}")
        self.setToolTip(f"The colours of {self._subject}, {self._range}: {signs}.")

    def natural_width(self) -> int:
        """Return the width in which the numbers at the ends have room, in pixels."""
        metrics = QFontMetrics(font(SMALL))
        ends = (WIDEST_END, f"−{WIDEST_END}")
        return MIN_BAR_WIDTH + sum(metrics.horizontalAdvance(end) + NUMBER_GAP for end in ends)

    def natural_height(self) -> int:
        """Return the height of the numbers, in pixels."""
        return QFontMetrics(font(SMALL)).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar and the numbers at its ends."""
        painter = QPainter(self)
        theme, metrics = appearance.theme, QFontMetrics(font(SMALL))
        image = QImage(_LEVELS.data, LEVELS, 1, LEVELS + 1, QImage.Format.Format_Indexed8)
        image.setColorTable(theme.table)
        ends = ("", "") if self._end == NO_VALUE else (f"−{self._end}", self._end)
        left, right = (metrics.horizontalAdvance(end) + NUMBER_GAP for end in ends)
        if self._end == NO_VALUE or self.width() - left - right < MIN_BAR_WIDTH:
            left = right = 0
        else:
            painter.setFont(font(SMALL))
            painter.setPen(QColor(theme.muted))
            for end, side in zip(ends, ("AlignLeft", "AlignRight"), strict=True):
                painter.drawText(self.rect(), Qt.AlignmentFlag[side], end)
        top = (self.height() - BAR_HEIGHT) // 2
        painter.drawImage(QRect(left, top, self.width() - left - right, BAR_HEIGHT), image)
