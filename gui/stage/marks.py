"""What is drawn over a heatmap: frames, hatching, the cross. All in pixels of the screen."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from gui.theme import Theme

HATCH_PERIOD = 6
"""Logical pixels from line to line."""
HATCH_ALPHA = 150
"""Of 255: the cells below stay legible."""
GUIDE_ALPHA = 110
"""Of 255, for the lines along the row and the column of the cross."""


def outline(painter: QPainter, inside: QRect, colour: QColor, width: int) -> None:
    """A frame of `width` pixels just outside `inside`."""
    x, y, w, h = inside.x(), inside.y(), inside.width(), inside.height()
    painter.fillRect(x - width, y - width, w + 2 * width, width, colour)
    painter.fillRect(x - width, y + h, w + 2 * width, width, colour)
    painter.fillRect(x - width, y, width, h, colour)
    painter.fillRect(x + w, y, width, h, colour)


@lru_cache(maxsize=8)
def hatching(colour: str, pixel: int) -> QBrush:
    """Fine diagonal lines of one logical pixel, seamless when repeated."""
    side = HATCH_PERIOD * pixel
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    line = QColor(colour)
    line.setAlpha(HATCH_ALPHA)
    for x in range(side):
        for across in range(pixel):
            tile.setPixelColor((x + across) % side, side - 1 - x, line)
    return QBrush(tile)


def paint_band(painter: QPainter, band: QRect, theme: Theme, pixel: int) -> None:
    """A ring round a whole row or column."""
    outline(painter, band, QColor(theme.page), pixel)
    outline(painter, band.adjusted(-pixel, -pixel, pixel, pixel), QColor(theme.text), pixel)


def paint_cell(
    painter: QPainter, across: QRect, down: QRect, theme: Theme, pixel: int, *, pinned: bool
) -> None:
    """A ring round the cell where two bands meet, heavier where pinned, and lines along both."""
    guide = QColor(theme.text)
    guide.setAlpha(GUIDE_ALPHA)
    outline(painter, across, guide, pixel)
    outline(painter, down, guide, pixel)
    cell = across & down
    # The gap in the page's colour keeps the ring apart from cells as dark as itself.
    outline(painter, cell, QColor(theme.page), pixel)
    ring = cell.adjusted(-pixel, -pixel, pixel, pixel)
    outline(painter, ring, QColor(theme.text), (2 if pinned else 1) * pixel)
