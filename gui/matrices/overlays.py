"""Painting over a heatmap: frame, hatching, cross. All in device pixels."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from gui.theme import Theme

HATCH_PERIOD = 6
"""Logical pixels from line to line."""
HATCH_ALPHA = 150
"""Opacity of the hatching, 0…255; the cells below stay legible."""
GUIDE_ALPHA = 110
"""Opacity of the lines along the row and the column of the cross, 0…255."""
MIN_RING_SIDE = 10
"""Logical pixels within a heavy ring, also around a smaller cell."""


def paint_frame(painter: QPainter, inside: QRect, colour: QColor, width: int) -> None:
    """Paint a frame just outside a rectangle."""
    x, y, w, h = inside.x(), inside.y(), inside.width(), inside.height()
    painter.fillRect(x - width, y - width, w + 2 * width, width, colour)
    painter.fillRect(x - width, y + h, w + 2 * width, width, colour)
    painter.fillRect(x - width, y, width, h, colour)
    painter.fillRect(x + w, y, width, h, colour)


@lru_cache(maxsize=8)
def hatch_brush(colour: str, pixel: int) -> QBrush:
    """Return a brush of thin diagonal lines that tiles without seams.

    Args: colour: of the lines, #rrggbb.  pixel: device pixels to a logical one.
    """
    side = HATCH_PERIOD * pixel
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    line = QColor(colour)
    line.setAlpha(HATCH_ALPHA)
    for x in range(side):
        for across in range(pixel):
            tile.setPixelColor((x + across) % side, side - 1 - x, line)
    return QBrush(tile)


def paint_line(
    painter: QPainter, line: QRect, bounds: QRect, theme: Theme, pixel: int, *, weight: int = 1
) -> None:
    """Paint a ring around a whole row or column.

    Args: painter: in device pixels.  line: the row or column.  bounds: where one may paint.  theme:
    of the window.  pixel: device pixels to a logical one.  weight: times the ordinary thickness.
    """
    _paint_ring(painter, line, bounds, theme, pixel, weight * pixel)


def paint_cell(
    painter: QPainter,
    lines: tuple[QRect, QRect],
    bounds: QRect,
    theme: Theme,
    pixel: int,
    *,
    pinned: bool,
    weight: int = 1,
) -> None:
    """Paint a ring around a cell, heavier where it is pinned, and lines along its row and column.

    Args: painter: in device pixels.  lines: the cell's row and column.  bounds: where one may
    paint; at its edge a ring moves inward.  theme: of the window.  pixel: device pixels to a
    logical one.  pinned: whether the user pinned the cell.  weight: times the ordinary thickness;
    above 1 the lines are as dark as the ring.
    """
    colour, width, gap = QColor(theme.text), pixel, pixel
    cell = lines[0] & lines[1]
    if weight == 1:
        colour.setAlpha(GUIDE_ALPHA)
    else:
        width = (weight + 1) // 2 * pixel
        gap = max(pixel, (MIN_RING_SIDE * pixel - min(cell.width(), cell.height())) // 2)
        for line in lines:
            paint_frame(painter, line, QColor(theme.page), pixel)
    for line in lines:
        inside = line if weight == 1 else line.adjusted(-pixel, -pixel, pixel, pixel)
        paint_frame(painter, inside, colour, width)
    _paint_ring(painter, cell, bounds, theme, gap, (weight + pinned) * pixel)


def _paint_ring(
    painter: QPainter, inside: QRect, bounds: QRect, theme: Theme, gap: int, width: int
) -> None:
    # The gap in the page's colour keeps the ring apart from cells as dark as itself.
    paint_frame(painter, inside, QColor(theme.page), gap)
    margin = gap + width
    ring = inside.adjusted(-margin, -margin, margin, margin) & bounds
    paint_frame(painter, ring.adjusted(width, width, -width, -width), QColor(theme.text), width)
