"""Cells ringed for good on one matrix, each with a word: a guess, and what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.theme import Theme, font

AIR = 2.5
"""Logical pixels between a cell and its ring."""
WIDTH = 2.0
GAP = 4.0
SMALL = 0.85
PLATE_ALPHA = 225


@dataclass(frozen=True, slots=True)
class CellHighlight:
    """One ringed cell."""

    row: int
    """Counted from 0."""
    column: int
    label: str
    colour: str = "text"
    """A colour of the theme, by name."""


def paint_rings(
    painter: QPainter, rings: Sequence[tuple[CellHighlight, QRect]], picture: QRect, theme: Theme,
    ratio: float,
) -> None:  # fmt: skip
    """Draw them, and their words inside the picture where they do not cover each other.

    Args: rings: each with its cell, in pixels of the screen.  ratio: those in a logical pixel.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    face = QFont(font(SMALL, bold=True))
    # One unit is one pixel of the screen here, and a point is not.
    face.setPixelSize(max(round(QFontMetricsF(face).height() * 0.82 * ratio), 1))
    painter.setFont(face)
    taken: list[QRectF] = [_circle(cell, ratio) for _, cell in rings]
    for ring, cell in rings:
        circle = _circle(cell, ratio)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.page), (WIDTH + 2) * ratio))
        painter.drawEllipse(circle)
        painter.setPen(QPen(QColor(getattr(theme, ring.colour)), WIDTH * ratio))
        painter.drawEllipse(circle)
    for ring, cell in rings:
        box = _label_box(painter, ring.label, _circle(cell, ratio), picture, taken, ratio)
        taken.append(box)
        plate = QColor(theme.page)
        plate.setAlpha(PLATE_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(box, 3 * ratio, 3 * ratio)
        painter.setPen(QColor(getattr(theme, ring.colour)))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, ring.label)
    painter.restore()


def _circle(cell: QRect, ratio: float) -> QRectF:
    side = max(cell.width(), cell.height()) + 2 * AIR * ratio
    middle = QRectF(cell).center()
    return QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)


def _label_box(
    painter: QPainter, label: str, circle: QRectF, picture: QRect, taken: Sequence[QRectF],
    ratio: float,
) -> QRectF:  # fmt: skip
    """Beside the ring: where there is room, and nothing else."""
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(label) + 2 * GAP * ratio, metrics.height()
    middle, gap = circle.center(), GAP * ratio
    left = min(max(middle.x() - width / 2, picture.left()), picture.right() + 1 - width)
    corners = (
        QPointF(circle.right() + gap, middle.y() - height / 2),
        QPointF(circle.left() - gap - width, middle.y() - height / 2),
        QPointF(left, circle.top() - gap - height),
        QPointF(left, circle.bottom() + gap),
    )
    boxes = [QRectF(corner.x(), corner.y(), width, height) for corner in corners]
    room = QRectF(picture).adjusted(-1, -1, 1, 1)
    inside = [box for box in boxes if room.contains(box)]
    free = [box for box in inside if not any(box.intersects(other) for other in taken)]
    return (free or inside or boxes)[0]
