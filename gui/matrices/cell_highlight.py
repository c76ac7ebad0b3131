"""Permanent rings around cells of a matrix, each with a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.theme import SMALL, Theme, font

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
