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
LEAST_ROOM = 10
"""Logical pixels within a heavy ring, also round a smaller cell."""


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


def paint_band(
    painter: QPainter, band: QRect, room: QRect, theme: Theme, pixel: int, *, weight: int = 1
) -> None:
    """A ring round a whole row or column. Args: as `paint_cell` has them."""
    _ring(painter, band, room, theme, pixel, weight * pixel)


def paint_cell(
    painter: QPainter,
    bands: tuple[QRect, QRect],
    room: QRect,
    theme: Theme,
    pixel: int,
    *,
    pinned: bool,
    weight: int = 1,
) -> None:
    """A ring round the cell where two bands meet, heavier where pinned, and lines along both.

    Args: bands: the cell's row and column.  room: what can be painted on: at its edge a ring moves
    inward.  weight: how many times as heavy as ordinarily; the lines are then as dark as the ring.
    """
    colour, line, gap = QColor(theme.text), pixel, pixel
    cell = bands[0] & bands[1]
    if weight == 1:
        colour.setAlpha(GUIDE_ALPHA)
    else:
        line = (weight + 1) // 2 * pixel
        gap = max(pixel, (LEAST_ROOM * pixel - min(cell.width(), cell.height())) // 2)
        for band in bands:
            outline(painter, band, QColor(theme.page), pixel)
    for band in bands:
        inside = band if weight == 1 else band.adjusted(-pixel, -pixel, pixel, pixel)
        outline(painter, inside, colour, line)
    _ring(painter, cell, room, theme, gap, (weight + pinned) * pixel)


def _ring(
    painter: QPainter, inside: QRect, room: QRect, theme: Theme, gap: int, width: int
) -> None:
    # The gap in the page's colour keeps the ring apart from cells as dark as itself.
    outline(painter, inside, QColor(theme.page), gap)
    out = gap + width
    ring = inside.adjusted(-out, -out, out, out) & room
    outline(painter, ring.adjusted(width, width, -width, -width), QColor(theme.text), width)
