"""Painting over a heatmap: frame, hatching, cross, rings with labels. All in device pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from gui.palette import Theme
from gui.theme import SMALL, font

HATCH_PERIOD = 6
"""Logical pixels from line to line."""
HATCH_ALPHA = 150
"""Opacity of the hatching, 0…255; the cells below stay legible."""
GUIDE_ALPHA = 110
"""Opacity of the lines along the row and the column of the cross, 0…255."""
MIN_RING_SIDE = 10
"""Logical pixels within a heavy ring, also around a smaller cell."""
RING_GAP = 2.5
"""Logical pixels between a cell and its ring."""
RING_WIDTH = 2.0
"""Logical pixels."""
LABEL_MARGIN = 4.0
"""Logical pixels between ring and label, and left and right of its text."""
LABEL_BACKGROUND_ALPHA = 225
"""Opacity of the page's colour behind a label, 0…255."""


@dataclass(frozen=True, slots=True)
class CellHighlight:
    """A ring around one cell, and its label."""

    row: int
    """Counted from 0."""
    column: int
    label: str
    colour: str = "text"
    """Name of a colour of the theme."""


def paint_frame(painter: QPainter, inside: QRect, colour: QColor, width: int) -> None:
    """Paint a frame around a rectangle. Args: painter, inside, colour, width: in device pixels."""
    x, y, w, h = inside.x(), inside.y(), inside.width(), inside.height()
    painter.fillRect(x - width, y - width, w + 2 * width, width, colour)
    painter.fillRect(x - width, y + h, w + 2 * width, width, colour)
    painter.fillRect(x - width, y, width, h, colour)
    painter.fillRect(x + w, y, width, h, colour)


@lru_cache(maxsize=8)
def hatch_brush(colour: str, pixel: int) -> QBrush:
    """Return a seamless brush of diagonal lines. Args: colour: #rrggbb.  pixel: device pixels."""
    side = HATCH_PERIOD * pixel
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    line = QColor(colour)
    line.setAlpha(HATCH_ALPHA)
    for x in range(side):
        for across in range(pixel):
            tile.setPixelColor((x + across) % side, side - 1 - x, line)
    return QBrush(tile)


def paint_mark(
    painter: QPainter,
    lines: tuple[QRect, QRect],
    bounds: QRect,
    theme: Theme,
    pixel: int,
    *,
    cell: bool,
    pinned: bool,
    weight: int = 1,
) -> None:
    """Paint a ring around a cell, and lines along its row and column; or around a whole line.

    Args: painter: in device pixels.  lines: row and column, of which the marked part is in both.
    bounds: where one may paint; at its edge a ring moves inward.  theme: of the window.  pixel:
    device pixels to a logical one.  cell: whether a single cell is marked.  pinned: whether the
    user pinned it; its ring is heavier.  weight: times the ordinary thickness; above 1 the lines
    are as dark as the ring.
    """
    colour, width, gap = QColor(theme.text), pixel, pixel
    marked = lines[0] & lines[1]
    if not cell:
        _paint_ring(painter, marked, bounds, theme, gap, weight * pixel)
        return
    if weight == 1:
        colour.setAlpha(GUIDE_ALPHA)
    else:
        width = (weight + 1) // 2 * pixel
        gap = max(pixel, (MIN_RING_SIDE * pixel - min(marked.width(), marked.height())) // 2)
        for line in lines:
            paint_frame(painter, line, QColor(theme.page), pixel)
    for line in lines:
        inside = line if weight == 1 else line.adjusted(-pixel, -pixel, pixel, pixel)
        paint_frame(painter, inside, colour, width)
    _paint_ring(painter, marked, bounds, theme, gap, (weight + pinned) * pixel)


def _paint_ring(
    painter: QPainter, inside: QRect, bounds: QRect, theme: Theme, gap: int, width: int
) -> None:
    # The gap in the page's colour keeps the ring apart from cells as dark as itself.
    paint_frame(painter, inside, QColor(theme.page), gap)
    margin = gap + width
    ring = inside.adjusted(-margin, -margin, margin, margin) & bounds
    paint_frame(painter, ring.adjusted(width, width, -width, -width), QColor(theme.text), width)


def paint_highlights(
    painter: QPainter,
    highlights: Sequence[tuple[CellHighlight, QRect]],
    picture: QRect,
    theme: Theme,
    ratio: float,
) -> None:
    """Paint rings, and their labels inside the picture where they do not overlap.

    Args: painter: in device pixels.  highlights: each with the rectangle of its cell.  picture:
    rectangle of the matrix.  theme: of the window.  ratio: device pixels to a logical pixel.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    label_font = QFont(font(SMALL, bold=True))
    # One unit is one pixel of the screen here, and a point is not.
    label_font.setPixelSize(max(round(QFontMetricsF(label_font).height() * 0.82 * ratio), 1))
    painter.setFont(label_font)
    taken: list[QRectF] = [_circle(cell, ratio) for _, cell in highlights]
    for highlight, cell in highlights:
        circle = _circle(cell, ratio)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.page), (RING_WIDTH + 2) * ratio))
        painter.drawEllipse(circle)
        painter.setPen(QPen(QColor(getattr(theme, highlight.colour)), RING_WIDTH * ratio))
        painter.drawEllipse(circle)
    for highlight, cell in highlights:
        box = _label_box(painter, highlight.label, _circle(cell, ratio), picture, taken, ratio)
        taken.append(box)
        background = QColor(theme.page)
        background.setAlpha(LABEL_BACKGROUND_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(background)
        painter.drawRoundedRect(box, 3 * ratio, 3 * ratio)
        painter.setPen(QColor(getattr(theme, highlight.colour)))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, highlight.label)
    painter.restore()


def _circle(cell: QRect, ratio: float) -> QRectF:
    side = max(cell.width(), cell.height()) + 2 * RING_GAP * ratio
    middle = QRectF(cell).center()
    return QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)


def _label_box(
    painter: QPainter, label: str, circle: QRectF, picture: QRect, taken: Sequence[QRectF],
    ratio: float,
) -> QRectF:  # fmt: skip
    """Return the rectangle of a label beside its ring: inside the picture and free if possible."""
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(label) + 2 * LABEL_MARGIN * ratio, metrics.height()
    middle, gap = circle.center(), LABEL_MARGIN * ratio
    left = min(max(middle.x() - width / 2, picture.left()), picture.right() + 1 - width)
    corners = (
        QPointF(circle.right() + gap, middle.y() - height / 2),
        QPointF(circle.left() - gap - width, middle.y() - height / 2),
        QPointF(left, circle.top() - gap - height),
        QPointF(left, circle.bottom() + gap),
    )
    boxes = [QRectF(corner.x(), corner.y(), width, height) for corner in corners]
    bounds = QRectF(picture).adjusted(-1, -1, 1, 1)
    inside = [box for box in boxes if bounds.contains(box)]
    free = [box for box in inside if not any(box.intersects(other) for other in taken)]
    return (free or inside or boxes)[0]
