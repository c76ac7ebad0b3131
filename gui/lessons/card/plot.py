"""Plain plot of a few curves, labelled at their ends; without pyqtgraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.lessons.card.type import card_font
from gui.lessons.card.words import CURVE_TITLES, PERCENT_MEASURES, value_text
from gui.plots.axis import nice_top
from gui.plots.label_layout import push_apart, select_labels
from gui.theme import SMALL, appearance

Points = NDArray[np.float64]

ASPECT_RATIO = 0.53
"""Height over width, within MIN_LINES and MAX_LINES, both in line heights."""
MIN_LINES, MAX_LINES = 8.0, 17.0
TERSE_LINES = 8.0
"""Height in presenter mode, in line heights, whatever the width."""
GAP = 5
"""Logical pixels between an axis and its numbers, a curve and its label."""
LINE_WIDTH = 2.4  # logical pixels


@dataclass(frozen=True)
class CardCurve:
    """One curve of a plot."""

    label: str
    """Label at its end; may be empty."""
    colour: str
    """Name of a theme colour."""
    steps: Points
    """(n,) ascending."""
    values: Points
    """(n,); values that are not finite are left out."""
    dashed: bool = False


class CardPlot(QWidget):
    """Plot of one measure over the steps; both axes start at zero."""

    def __init__(self) -> None:
        super().__init__()
        self._measure, self._last_step, self._top = "target_accuracy", 1.0, 1.0
        self._curves: tuple[CardCurve, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def curves(self) -> tuple[CardCurve, ...]:
        """Curves shown."""
        return self._curves

    @property
    def top(self) -> float:
        """Upper end of the value axis."""
        return self._top

    def show_curves(
        self, measure: str, last_step: float, curves: Sequence[CardCurve], top: float = 0.0
    ) -> None:
        """Draw curves.

        Args: measure: a key of `CURVE_TITLES`.  last_step: right end of the axis.  top: smallest
        upper end of the axis.
        """
        self._measure, self._last_step, self._curves = measure, max(last_step, 1.0), tuple(curves)
        values = [c.values[np.isfinite(c.values)] for c in curves]
        highest = max((float(v.max()) for v in values if len(v)), default=0.0)
        self._top = 1.0 if measure in PERCENT_MEASURES else nice_top(max(highest, top))
        ends = (
            f"{c.label} {value_text(measure, float(c.values[-1]))}" for c in curves if len(c.values)
        )
        self.setAccessibleName(f"{CURVE_TITLES[measure]}, step by step. {', '.join(ends)}")
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return True."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width, both in logical pixels."""
        line = QFontMetricsF(card_font(SMALL)).height()
        if appearance.compact:
            return round(TERSE_LINES * line)
        return round(min(max(width * ASPECT_RATIO, MIN_LINES * line), MAX_LINES * line))

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(200, self.heightForWidth(max(self.width(), 100)))

    def minimumSizeHint(self) -> QSize:
        """Return the minimum width; the height follows from it."""
        return QSize(100, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Update the height, which depends on the width."""
        super().resizeEvent(event)
        self.updateGeometry()

    # ------------------------------------------------------------ places

    def area(self) -> QRectF:
        """Return the curves' rectangle; labels are to its right, numbers to its left and below."""
        metrics = QFontMetricsF(card_font(SMALL))
        bold = QFontMetricsF(card_font(SMALL, bold=True))
        left = max(
            metrics.horizontalAdvance(value_text(self._measure, v)) for v in (0.0, self._top)
        )
        right = max((bold.horizontalAdvance(name) for name in self._end_labels()), default=0.0)
        line = metrics.height()
        return QRectF(
            left + GAP, 1.5 * line, max(self.width() - left - right - 3 * GAP, 20.0),
            max(self.height() - 2.8 * line, 20.0),
        )  # fmt: skip

    def _end_labels(self) -> list[str]:
        """Return the labels that the right margin has to hold."""
        return [curve.label for curve in self._curves]

    def point_at(self, step: float, value: float) -> QPointF:
        """Return the point of a value; values beyond the axis are clipped."""
        area = self.area()
        share = min(max(value / self._top, 0.0), 1.0)
        return QPointF(area.left() + area.width() * step / self._last_step,
                       area.bottom() - area.height() * share)  # fmt: skip

    def value_at(self, point: QPointF) -> tuple[float, float]:
        """Return the (step, value) nearest to a point."""
        area = self.area()
        across = min(max((point.x() - area.left()) / area.width(), 0.0), 1.0)
        up = min(max((area.bottom() - point.y()) / area.height(), 0.0), 1.0)
        return across * self._last_step, up * self._top

    # ------------------------------------------------------------ drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the axes, the curves and their labels."""
        painter = QPainter(self)
        self.paint_axes(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in self._curves:
            self.paint_curve(painter, curve)
        self._paint_end_labels(painter)
        painter.end()

    def paint_axes(self, painter: QPainter) -> None:
        """Draw three grid lines, the ends of both axes, and the measure's title."""
        theme, area = appearance.theme, self.area()
        painter.setPen(QColor(theme.line))
        for share in (0.0, 0.5, 1.0):
            y = round(area.bottom() - share * area.height()) + 0.5
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setFont(card_font(SMALL))
        painter.setPen(QColor(theme.muted))
        line = QFontMetricsF(painter.font()).height()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in (0.0, self._top):
            y = area.bottom() - area.height() * value / self._top
            box = QRectF(0, y - line / 2, area.left() - GAP, line)
            painter.drawText(box, right, value_text(self._measure, value))
        below = QRectF(area.left(), area.bottom() + 2, area.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "step 0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self._last_step:,.0f}")
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft,
                         CURVE_TITLES[self._measure])  # fmt: skip

    def paint_curve(self, painter: QPainter, curve: CardCurve) -> None:
        """Draw one curve."""
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        pen = QPen(QColor(getattr(appearance.theme, curve.colour)), LINE_WIDTH, style,
                   Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)  # fmt: skip
        painter.setPen(pen)
        finite = np.isfinite(curve.values)
        steps, values = curve.steps[finite], curve.values[finite]
        painter.drawPolyline(
            QPolygonF([self.point_at(*pair) for pair in zip(steps, values, strict=True)])
        )

    def _paint_end_labels(self, painter: QPainter) -> None:
        named = [c for c in self._curves if c.label and len(c.values) and np.isfinite(c.values[-1])]
        painter.setFont(card_font(SMALL, bold=True))
        metrics = QFontMetricsF(painter.font())
        half = metrics.height() / 2
        positions = [self.point_at(c.steps[-1], float(c.values[-1])).y() for c in named]
        limits = (half, self.height() - half)
        shown = select_labels(positions, metrics.height(), limits[1] - limits[0])
        heights = push_apart([positions[index] for index in shown], metrics.height(), *limits)
        for curve, y in zip((named[index] for index in shown), heights, strict=True):
            painter.setPen(QColor(getattr(appearance.theme, curve.colour)))
            x = self.point_at(curve.steps[-1], 0.0).x() + GAP
            painter.drawText(QPointF(x, y - half + metrics.ascent()), curve.label)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
