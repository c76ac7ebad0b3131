"""Vertical lines and texts in a plot: labels of curves and marks that never overlap, and notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from gui.plots.plot_spec import Curve, PlotSpec
from gui.theme import appearance

LABEL_GAP = 5.0
"""Pixels between a curve's end and its label."""
BACKGROUND_ALPHA, FUTURE_ALPHA = 210, 120
"""Opacity of the background behind a text, and of its veil over the future, 0…255."""
SHOWN_STEP_WIDTH = 2
"""Width in pixels of the line at the step that is shown."""
MAX_MARK_LABEL_ROWS = 3
"""Rows that the labels of marks may take over a curve; labels beyond them are left out."""
LEGEND_GAP = 10.0
"""Pixels between two labels above the curves."""
KEY_LENGTH, KEY_ROOM, KEY_WIDTH = 14.0, 18.0, 3.0
"""Pixels: length of the piece of line before such a label, what it takes with the gap behind it,
and its width."""
LINE_SPACING = 0.92
"""Least distance of two curve labels, in line heights."""
LEFT = Qt.AlignmentFlag.AlignLeft


def flow(widths: Sequence[float], available: float, gap: float) -> list[tuple[int, float]]:
    """Return (row, left) of texts in a row, which goes on below where it is full.

    Args: widths, gap: of the texts and between them, in pixels.  available: of a row, in pixels.

    >>> flow([40, 40, 40], 100, 10)
    [(0, 0.0), (0, 50.0), (1, 0.0)]
    """
    places: list[tuple[int, float]] = []
    row, left = 0, 0.0
    for width in widths:
        if left and left + width > available:
            row, left = row + 1, 0.0
        places.append((row, left))
        left += width + gap
    return places


def select_labels(positions: Sequence[float], gap: float, length: float) -> list[int]:
    """Return the indices of the labels to draw: all, or those at least a gap apart.

    Args: positions, gap: desired ones, in pixels.  length: available for all of them, in pixels.

    >>> select_labels([50, 52, 80], 10, 100), select_labels([50, 52, 80], 10, 15)
    ([0, 1, 2], [0, 2])
    """
    if (len(positions) - 1) * gap <= length:
        return list(range(len(positions)))
    kept: list[int] = []
    for index in sorted(range(len(positions)), key=lambda index: positions[index]):
        if not kept or positions[index] - positions[kept[-1]] >= gap:
            kept.append(index)
    return sorted(kept)


def group_overlapping(spans: Sequence[tuple[float, float]]) -> list[list[int]]:
    """Return groups of labels that share a column because they overlap, from left to right.

    Args: spans: (left, right) of each label, pixels.

    >>> group_overlapping([(0, 30), (50, 60), (20, 40)])
    [[0, 2], [1]]
    """
    groups: list[list[int]] = []
    end = float("-inf")
    for index in sorted(range(len(spans)), key=lambda index: spans[index]):
        left, right = spans[index]
        if left > end:
            groups.append([])
        groups[-1].append(index)
        end = max(end, right)
    return [sorted(group) for group in groups]


def push_apart(
    positions: Sequence[float], gap: float, minimum: float, maximum: float
) -> list[float]:
    """Return the positions moved as little as possible so that neighbours are a gap apart.

    The order stays; where they do not all fit they are spread evenly.
    Args: positions, gap: in pixels.  minimum, maximum: limits, pixels.

    >>> push_apart([50, 52], 10, 0, 100)
    [46.0, 56.0]
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    last = len(order) - 1
    gap = min(gap, (maximum - minimum) / max(last, 1))
    groups: list[tuple[float, int]] = []  # labels that touch: (sum of their first places, how many)
    for place, index in enumerate(order):
        total, size = positions[index] - place * gap, 1
        while groups and groups[-1][0] / groups[-1][1] >= total / size:
            before, count = groups.pop()
            total, size = before + total, count + size
        groups.append((total, size))
    starts = [total / size for total, size in groups for _ in range(size)]
    result = [0.0] * len(positions)
    for place, (index, start) in enumerate(zip(order, starts, strict=True)):
        result[index] = min(max(start, minimum), maximum - last * gap) + place * gap
    return result


class Annotations(pg.GraphicsObject):  # type: ignore[misc] # pyqtgraph has no type hints
    """Draws lines at steps and all texts but tick labels; pyqtgraph exports them with the plot.

    Args: plot: drawn over.  point_at: maps (step, value).  background: name of a theme colour.
    """

    def __init__(
        self, plot: pg.PlotItem, point_at: Callable[[float, float], QPointF], background: str
    ) -> None:
        super().__init__(plot)
        self._plot, self._point_at, self._background = plot, point_at, background
        self._spec, self._empty_text = PlotSpec(), ""
        self._pointer: float | None = None
        self._font = self._bold = QFont()
        self._legend_top: float | None = None
        self.setZValue(100)

    def show_texts(
        self, spec: PlotSpec, empty_text: str, font: QFont, bold: QFont, legend_top: float | None
    ) -> None:
        """Set what is drawn.

        Args: spec: the plot.  empty_text: shown while there is no curve.  font: of the texts.
        bold: of the labels of curves.  legend_top: pixel where these stand in rows, as there is no
        room beside the curves; None: there is.
        """
        self._spec, self._empty_text, self._font, self._bold = spec, empty_text, font, bold
        self._legend_top = legend_top
        self.update()

    def show_pointer(self, step: float | None) -> None:
        """Draw a line at the step under the pointer. Args: step: None for no line."""
        self._pointer = step
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the whole plot."""
        return QRectF(self._plot.boundingRect())

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw lines and texts. Args: painter: in coordinates of the plot."""
        painter.save()
        painter.setClipRect(self._plot.vb.geometry())
        self._draw_lines(painter, self._plot.vb.geometry())
        painter.restore()
        painter.setFont(self._font)
        painter.setPen(pg.mkPen(appearance.theme.muted))
        self._draw_notes(painter, self._plot.vb.geometry())
        self._draw_axis_name(painter, self._plot.vb.geometry())
        labels = self._end_labels() if self._legend_top is None else self._legend(self._legend_top)
        if self._spec.label_marks:
            self._draw_mark_labels(painter, self._plot.vb.geometry(), [box for _, box in labels])
        self._draw_curve_labels(painter, labels)

    def _draw_lines(self, painter: QPainter, area: QRectF) -> None:
        """Draw a line at each mark, at the pointer, and at the step shown, with a veil beyond."""
        spec, theme, style = self._spec, appearance.theme, Qt.PenStyle
        lines = [(mark.step, pg.mkPen(getattr(theme, mark.colour),
                  style=style.DotLine if mark.dotted else style.SolidLine))
                 for mark in spec.marks]  # fmt: skip
        if self._pointer is not None and self._pointer <= spec.last_step:
            lines.append((self._pointer, pg.mkPen(theme.muted)))
        if spec.shown_step is not None:
            lines.append((spec.shown_step, pg.mkPen(theme.accent, width=SHOWN_STEP_WIDTH)))
            veil = pg.mkColor(getattr(theme, self._background))
            veil.setAlpha(FUTURE_ALPHA)
            left, right = (self._point_at(s, 0.0).x() for s in (spec.shown_step, spec.last_step))
            painter.fillRect(QRectF(left, area.top(), right - left, area.height()), veil)
        for step, pen in lines:
            x = self._point_at(step, 0.0).x()
            painter.setPen(pen)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _draw_notes(self, painter: QPainter, area: QRectF) -> None:
        spec, flag = self._spec, Qt.AlignmentFlag
        painter.drawText(self.boundingRect(), LEFT, spec.title)
        # In the middle: a curve that leaves the plot has its name at the top, as marks have.
        empty = spec.is_empty and not spec.note
        text, alignment = (
            (self._empty_text, flag.AlignHCenter) if empty else (spec.note, flag.AlignCenter)
        )
        flags = int(alignment) | int(Qt.TextFlag.TextWordWrap)
        box = painter.boundingRect(area.adjusted(4, 3, -4, -3), flags, text)
        self._draw_text(painter, box, text, flags)

    def _draw_text(self, painter: QPainter, box: QRectF, text: str, flags: int = int(LEFT)) -> None:
        """Draw text on the background's colour, so that it is legible over a curve."""
        if text:
            background = pg.mkColor(getattr(appearance.theme, self._background))
            background.setAlpha(BACKGROUND_ALPHA)
            painter.fillRect(box, background)
            painter.drawText(box, flags, text)

    def _draw_axis_name(self, painter: QPainter, area: QRectF) -> None:
        """Name the axis of steps, right of its last number."""
        last = f"{self._plot.vb.viewRange()[0][1]:,.0f}"
        metrics = QFontMetricsF(painter.font())
        left = area.right() + metrics.horizontalAdvance(last) / 2 + LABEL_GAP
        place = QPointF(left, self.boundingRect().bottom() - metrics.descent() - 1)
        painter.drawText(place, self._spec.axis_name)

    def _draw_mark_labels(self, painter: QPainter, area: QRectF, labels: Sequence[QRectF]) -> None:
        """Label the marks, newest first; one that would overlap goes a row down, or is left out.

        Args: labels: of the curves.
        """
        metrics, taken = QFontMetricsF(painter.font()), list(labels)
        rightmost = area.right() if labels else self.boundingRect().right()
        for mark in reversed(self._spec.marks):
            width, x = metrics.horizontalAdvance(mark.text), self._point_at(mark.step, 0.0).x()
            if not area.left() <= x <= area.right() + 1:
                continue
            left = x + 4 if x + 4 + width <= rightmost else max(x - 4 - width, area.left())
            box = self._free_row(QRectF(left, area.top(), width + 1, metrics.height() - 1), taken)
            if box is not None:
                taken.append(box)
                painter.setPen(pg.mkPen(getattr(appearance.theme, mark.colour)))
                self._draw_text(painter, box, mark.text)

    def _free_row(self, first: QRectF, taken: Sequence[QRectF]) -> QRectF | None:
        """Return where a text overlaps no other, and where possible no curve; None: nowhere.

        Args: first: its uppermost place.  taken: by other texts.
        """
        height = first.height() + 1
        count = max(int(self._plot.vb.geometry().height() / height), MAX_MARK_LABEL_ROWS)
        rows = [first.translated(0, row * height) for row in range(count)]
        apart = [
            not any(row.adjusted(-6, 0, 6, 0).intersects(other) for other in taken) for row in rows
        ]
        free = list(compress(rows, apart))
        beside = (row for row in free if not self._is_crossed(row))
        over = compress(rows[:MAX_MARK_LABEL_ROWS], apart)
        return next(beside, next(over, None))

    def _is_crossed(self, box: QRectF) -> bool:
        """Return whether a curve may run through a box. Args: box: in pixels."""
        area, (first, last) = self._plot.vb.geometry(), self._plot.vb.viewRange()[0]
        steps = [first + (x - area.left()) * (last - first) / max(area.width(), 1.0)
                 for x in (box.left(), box.right())]  # fmt: skip
        for curve in self._spec.curves:
            begin, end = np.searchsorted(curve.steps, steps)
            values = curve.values[max(begin - 1, 0) : end + 1]
            values = values[np.isfinite(values)]
            if len(values):
                largest, least = float(values.max()), float(values.min())
                top, bottom = (self._point_at(0.0, it).y() for it in (largest, least))
                if top < box.bottom() and bottom > box.top():
                    return True
        return False

    def _draw_curve_labels(self, painter: QPainter, labels: Sequence[tuple[Curve, QRectF]]) -> None:
        painter.setFont(self._bold)
        for curve, box in labels:
            if self._legend_top is not None:
                self._draw_key(painter, curve, box)
            colour = curve.label_colour or curve.colour
            painter.setPen(pg.mkPen(getattr(appearance.theme, colour, colour)))
            painter.drawText(box, int(LEFT) | int(Qt.TextFlag.TextDontClip), curve.label)

    def _draw_key(self, painter: QPainter, curve: Curve, box: QRectF) -> None:
        """Draw a piece of a curve's line before its label. Args: box: of the label."""
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        colour = getattr(appearance.theme, curve.colour, curve.colour)
        painter.setPen(pg.mkPen(colour, width=KEY_WIDTH, style=style))
        left, y = box.left() - KEY_ROOM, box.center().y()
        painter.drawLine(QPointF(left, y), QPointF(left + KEY_LENGTH, y))

    def _legend(self, top: float) -> list[tuple[Curve, QRectF]]:
        """Return where the labels stand above the curves."""
        metrics, left = QFontMetricsF(self._bold), self._plot.vb.geometry().left()
        named = [curve for curve in self._spec.curves if curve.label and len(curve.steps) > 1]
        height = metrics.height()
        widths = [metrics.horizontalAdvance(curve.label) for curve in named]
        room = self.boundingRect().right() - left
        places = flow([KEY_ROOM + width for width in widths], room, LEGEND_GAP)
        return [
            (curve, QRectF(left + x + KEY_ROOM, top + row * height, width, height))
            for curve, width, (row, x) in zip(named, widths, places, strict=True)
        ]

    def _end_labels(self) -> list[tuple[Curve, QRectF]]:
        """Return where the label of each curve stands: at its end, pushed apart from others."""
        metrics = QFontMetricsF(self._bold)
        ends = [(curve, end) for curve in self._spec.curves
                if curve.label and (end := self._end_of(curve)) is not None]  # fmt: skip
        spans = [(end.x(), end.x() + metrics.horizontalAdvance(curve.label)) for curve, end in ends]
        return [
            label
            for group in group_overlapping(spans)
            for label in self._label_column(metrics, [ends[index] for index in group])
        ]

    def _label_column(
        self, metrics: QFontMetricsF, ends: Sequence[tuple[Curve, QPointF]]
    ) -> list[tuple[Curve, QRectF]]:
        """Return where the labels stand of curves that end at about the same step."""
        half, gap = metrics.height() / 2, metrics.height() * LINE_SPACING
        desired = [end.y() for _, end in ends]
        limits = (half, self._plot.vb.geometry().bottom())  # below are the numbers of the steps
        shown = select_labels(desired, gap, limits[1] - limits[0])
        heights = push_apart([desired[index] for index in shown], gap, *limits)
        return [
            (curve, QRectF(end.x(), y - half, metrics.horizontalAdvance(curve.label), 2 * half))
            for (curve, end), y in zip((ends[index] for index in shown), heights, strict=True)
        ]

    def _end_of(self, curve: Curve) -> QPointF | None:
        """Return where a curve's label begins, at its last value in view; None: it has none."""
        last = self._plot.vb.viewRange()[0][1]
        index = int(np.searchsorted(curve.steps, last, side="right")) - 1
        if index < 1 or not np.isfinite(curve.values[index]):
            return None
        area = self._plot.vb.geometry()
        point = self._point_at(float(curve.steps[index]), float(curve.values[index]))
        if point.x() < area.left():
            return None
        return QPointF(point.x() + LABEL_GAP, min(max(point.y(), area.top()), area.bottom()))
