"""Which colour stands for which number."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.stage.text import SMALL
from gui.text.layers import NONE, number
from gui.theme import LEVELS, appearance, font

THICKNESS = 6
WIDEST = "−0.058"
_LEVELS = np.arange(LEVELS + 1, dtype=np.uint8)


class ColourBar(QWidget):
    """The map of −scale…scale with both ends and 0 written under it."""

    def __init__(self, subject: str, parent: QWidget) -> None:
        """Args: subject: what is drawn on this scale, for screen readers."""
        super().__init__(parent)
        self._end = NONE
        self.setAccessibleName(f"Colour scale of {subject}")
        appearance.changed.connect(self._on_appearance_changed)

    def draw(self, scale: float) -> None:
        """Show the scale. Args: scale: ≥ 0; at 0 nothing but zero has a colour."""
        end = number(scale) if scale > 0.0 else NONE
        if end != self._end:
            self._end = end
            words = f"from {number(-scale)} to {end}" if scale > 0.0 else "all zero"
            self.setAccessibleDescription(words)
            self.update()

    def natural_height(self) -> int:
        """Pixels of the bar and its numbers."""
        return THICKNESS + 2 + QFontMetrics(font(SMALL)).height()

    def natural_width(self) -> int:
        """Pixels in which the three numbers stand clear of each other."""
        return QFontMetrics(font(SMALL)).horizontalAdvance(f"{WIDEST}  0  {WIDEST}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, then numbers."""
        painter = QPainter(self)
        theme = appearance.theme
        image = QImage(_LEVELS.data, LEVELS, 1, LEVELS + 1, QImage.Format.Format_Indexed8)
        image.setColorTable(theme.table)
        painter.drawImage(QRect(0, 0, self.width(), THICKNESS), image)
        painter.setFont(font(SMALL))
        metrics = painter.fontMetrics()
        painter.setPen(QColor(theme.muted))
        room = QRectF(0, THICKNESS + 2, self.width(), self.height() - THICKNESS - 2)
        if self._end == NONE:
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, "0")
        elif self.width() < metrics.horizontalAdvance(f"−{self._end}  0  −{self._end}"):
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, f"±{self._end}")
        else:
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft, f"−{self._end}")
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, "0")
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, self._end)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.update()
