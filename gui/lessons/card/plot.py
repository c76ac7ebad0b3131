"""A plain plot of a few curves with their names at their ends; without pyqtgraph."""

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
from gui.lessons.card.words import MEASURES, SHARES, value_text
from gui.plots.axis import nice_top
from gui.plots.label_layout import push_apart, that_fit
from gui.theme import appearance

Points = NDArray[np.float64]

SMALL = 0.85
SHAPE = 0.53
"""Height over width, within the next two: both in lines of text."""
LEAST_LINES, MOST_LINES = 8.0, 17.0
TERSE_LINES = 8.0
"""Before a room, whatever the width."""
GAP = 5
"""Logical pixels between an axis and its figures, a curve and its name."""
LINE = 2.4


@dataclass(frozen=True)
class CardCurve:
    """One curve of a plot."""

    label: str
    """At its end; may be empty."""
    colour: str
    """A colour of the theme, by name."""
    steps: Points
    """(n,) rising."""
    values: Points
    """(n,) those that are not finite are left out."""
    dashed: bool = False


class CardPlot(QWidget):
    """Steps to the right, one measure upward from zero."""

    def __init__(self) -> None:
        super().__init__()
        self._of, self._last, self._top = "target_accuracy", 1.0, 1.0
        self._curves: tuple[CardCurve, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def curves(self) -> tuple[CardCurve, ...]:
        """What is drawn."""
        return self._curves

    @property
    def top(self) -> float:
        """The upper end of the axis."""
        return self._top

    def show_curves(
        self, of: str, last: float, curves: Sequence[CardCurve], top: float = 0.0
    ) -> None:
        """Draw curves.

        Args: of: the measure.  last: step at the right end.  top: least upper end of the axis.
        """
        self._of, self._last, self._curves = of, max(last, 1.0), tuple(curves)
        values = [c.values[np.isfinite(c.values)] for c in curves]
        highest = max((float(v.max()) for v in values if len(v)), default=0.0)
        self._top = 1.0 if of in SHARES else nice_top(max(highest, top))
        ends = (f"{c.label} {value_text(of, float(c.values[-1]))}" for c in curves if len(c.values))
        self.setAccessibleName(f"{MEASURES[of]}, step by step. {', '.join(ends)}")
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Qt's hook."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt's hook."""
        line = QFontMetricsF(card_font(SMALL)).height()
        if appearance.compact:
            return round(TERSE_LINES * line)
        return round(min(max(width * SHAPE, LEAST_LINES * line), MOST_LINES * line))

    def sizeHint(self) -> QSize:
        """Qt's hook."""
        return QSize(200, self.heightForWidth(max(self.width(), 100)))

    def minimumSizeHint(self) -> QSize:
        """Qt's hook."""
        return QSize(100, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        super().resizeEvent(event)
        self.updateGeometry()

    # ------------------------------------------------------------ places

    def area(self) -> QRectF:
        """Where curves are drawn: names stand at their right, figures at the left and below."""
        metrics = QFontMetricsF(card_font(SMALL))
        bold = QFontMetricsF(card_font(SMALL, bold=True))
        left = max(metrics.horizontalAdvance(value_text(self._of, v)) for v in (0.0, self._top))
        right = max((bold.horizontalAdvance(name) for name in self._names()), default=0.0)
        line = metrics.height()
        return QRectF(
            left + GAP, 1.5 * line, max(self.width() - left - right - 3 * GAP, 20.0),
            max(self.height() - 2.8 * line, 20.0),
        )  # fmt: skip

    def _names(self) -> list[str]:
        """Names that room is kept for at the right."""
        return [curve.label for curve in self._curves]

    def place(self, step: float, value: float) -> QPointF:
        """Where a value stands; what lies beyond the axis stands at its end."""
        area = self.area()
        share = min(max(value / self._top, 0.0), 1.0)
        return QPointF(area.left() + area.width() * step / self._last,
                       area.bottom() - area.height() * share)  # fmt: skip

    def value_at(self, point: QPointF) -> tuple[float, float]:
        """(step, value) at a point, the nearest there is."""
        area = self.area()
        across = min(max((point.x() - area.left()) / area.width(), 0.0), 1.0)
        up = min(max((area.bottom() - point.y()) / area.height(), 0.0), 1.0)
        return across * self._last, up * self._top

    # ------------------------------------------------------------ drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: the axes, then the curves."""
        painter = QPainter(self)
        self.paint_axes(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in self._curves:
            self.paint_curve(painter, curve)
        self._paint_names(painter)
        painter.end()

    def paint_axes(self, painter: QPainter) -> None:
        """Three lines, the ends of both axes, and the name of the measure."""
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
            painter.drawText(box, right, value_text(self._of, value))
        foot = QRectF(area.left(), area.bottom() + 2, area.width(), line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "step 0")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"{self._last:,.0f}")
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft,
                         MEASURES[self._of])  # fmt: skip

    def paint_curve(self, painter: QPainter, curve: CardCurve) -> None:
        """One line."""
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        pen = QPen(QColor(getattr(appearance.theme, curve.colour)), LINE, style,
                   Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)  # fmt: skip
        painter.setPen(pen)
        finite = np.isfinite(curve.values)
        steps, values = curve.steps[finite], curve.values[finite]
        painter.drawPolyline(
            QPolygonF([self.place(*pair) for pair in zip(steps, values, strict=True)])
        )

    def _paint_names(self, painter: QPainter) -> None:
        named = [c for c in self._curves if c.label and len(c.values) and np.isfinite(c.values[-1])]
        painter.setFont(card_font(SMALL, bold=True))
        metrics = QFontMetricsF(painter.font())
        half = metrics.height() / 2
        wished = [self.place(c.steps[-1], float(c.values[-1])).y() for c in named]
        room = (half, self.height() - half)
        shown = that_fit(wished, metrics.height(), room[1] - room[0])
        heights = push_apart([wished[index] for index in shown], metrics.height(), *room)
        for curve, y in zip((named[index] for index in shown), heights, strict=True):
            painter.setPen(QColor(getattr(appearance.theme, curve.colour)))
            x = self.place(curve.steps[-1], 0.0).x() + GAP
            painter.drawText(QPointF(x, y - half + metrics.ascent()), curve.label)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
