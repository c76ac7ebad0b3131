"""Plots of a card: the curves of runs, and a pad to draw a predicted curve into."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy

from gui.lessons.card.curve_grid import sampled
from gui.lessons.card.type import card_font
from gui.lessons.card.words import CURVE_TITLES, PERCENT_MEASURES, value_text
from gui.lessons.lesson import COLUMNS
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, PlotSpec, nice_ends, nice_top
from gui.state.curve_buffer import SOURCE, Points
from gui.theme import SMALL, appearance

ASPECT_RATIO = 0.7
"""Height over width, within MIN_LINES and MAX_LINES, both in line heights."""
MIN_LINES, MAX_LINES = 10.0, 17.0
TERSE_LINES = 8.0
"""Height in presenter mode, in line heights, whatever the width."""
KEY_COLUMNS = 4
ACROSS: dict[int, int] = {Qt.Key.Key_Left: -KEY_COLUMNS, Qt.Key.Key_Right: KEY_COLUMNS}
"""Columns that a key moves by."""
UPWARD: dict[int, float] = {Qt.Key.Key_Up: 0.05, Qt.Key.Key_Down: -0.05}
"""Share of the axis that a key changes the value by."""
HEADROOM = 1.3
"""Smallest upper end of a loss's axis, as a multiple of its start value."""
FIRST_STEPS_SHARE = 0.1
"""Share of the steps in which a curve may lie below the axis: it is there to compare the ends."""
LEAST_PERCENT_SPAN = 0.1
"""Smallest span of an axis of percents: less would make noise look like a difference."""
PALEST = 0.45
"""Share of the measure's colour in the palest of several curves."""
HINT, GO_ON = "Drag from here to the right", "Draw on to step {:,}"
DEFAULT_START = 0.5
"""Start value of a drawn curve while the true one is unknown."""
MARKER_RADIUS = 6.0  # logical pixels
YOURS, TRUTH = "yours", "this run"


class CardPlot(LinePlot):
    """Plot of one measure over the steps; the wheel scrolls the card."""

    background = "panel"
    line_width = 2.4

    def __init__(self, measure: str) -> None:
        """Args: measure: a key of `CURVE_TITLES`."""
        super().__init__(zoomable=False)
        self._measure = measure
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def colours(self, count: int) -> list[str]:
        """Return shades of the measure's own colour, the last of them the colour itself."""
        theme = appearance.theme
        full, page = QColor(getattr(theme, self._colour())), QColor(getattr(theme, self.background))
        shares = np.linspace(PALEST, 1.0, count) if count > 1 else [1.0]
        return [_mix(full, page, float(share)) for share in shares]

    def _colour(self) -> str:
        """Return the name of the theme colour used for this measure."""
        return "source" if self._measure == SOURCE else "target"

    def ends(self, curves: Sequence[Curve], last_step: float) -> tuple[float, float]:
        """Return the ends of the axis: round what is shown, without a few steps at the start."""
        # What is forgotten is lost from the start on.
        first = 0.0 if self._measure == SOURCE else FIRST_STEPS_SHARE * last_step
        late = [c.values[c.steps >= first] for c in curves]
        values = np.concatenate([np.zeros(0), *late])
        values = values[np.isfinite(values)]
        if not len(values):
            return 0.0, 1.0
        is_percent = self._measure in PERCENT_MEASURES
        least = LEAST_PERCENT_SPAN if is_percent else 0.0
        bottom, top = nice_ends(float(values.min()), float(values.max()), least)
        return bottom, min(top, 1.0) if is_percent else top

    def show_curves(self, curves: Sequence[Curve], last_step: float) -> None:
        """Draw curves. Args: last_step: right end of the axis."""
        measure, title = self._measure, CURVE_TITLES[self._measure]
        bottom, top = self.ends(curves, last_step)
        self.set_spec(
            PlotSpec(
                tuple(curves),
                top=top,
                bottom=bottom,
                value_text=partial(value_text, measure),
                title=title,
                min_last_step=max(last_step, 1.0),
            )
        )
        ends = (
            f"{c.label} {value_text(measure, float(c.values[-1]))}" for c in curves if len(c.values)
        )
        self.setAccessibleName(f"{title}, step by step. {', '.join(ends)}")

    def text_font(self, *, bold: bool = False) -> QFont:
        """Return a lesson's font."""
        return card_font(SMALL, bold=bold)

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width, both in logical pixels."""
        line = QFontMetricsF(card_font(SMALL)).height()
        if appearance.sizes.compact:
            return round(TERSE_LINES * line)
        return round(min(max(width * ASPECT_RATIO, MIN_LINES * line), MAX_LINES * line))


class CurvePad(CardPlot):
    """Plot in which the learner drags a curve from left to right and can redraw any part.

    Args: measure: name of the curve.  last_step: of its run.
    """

    drawn = Signal()
    """Emitted when the curve changes."""

    def __init__(self, measure: str, last_step: float) -> None:
        super().__init__(measure)
        self._last_step = last_step
        self._values: list[float] = []
        self._top = 0.0
        """Smallest upper end of the axis."""
        self._is_open = True
        self._pen_column: int | None = None
        self._selected_column = 0
        self._truth: Curve | None = None
        self.start_is_known = True
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    @property
    def is_complete(self) -> bool:
        """True: the curve reaches the last step."""
        return len(self._values) == COLUMNS

    @property
    def values(self) -> tuple[float, ...]:
        """(COLUMNS,) drawn values; fewer while the curve is incomplete."""
        return tuple(self._values)

    def begin(self, start: float | None) -> None:
        """Begin a new curve. Args: start: value at step 0; None: not known."""
        self.start_is_known = start is not None
        self._values = [DEFAULT_START if start is None else start]
        self._top = HEADROOM * self._values[0]
        self._show(is_open=True)
        self.setAccessibleName(
            f"{CURVE_TITLES[self._measure]}: draw your guess; arrow keys do so as well"
        )

    def show_committed(
        self, values: Sequence[float], truth: tuple[Points, Points] | None = None
    ) -> None:
        """Show a committed curve, which can no longer be changed.

        Args: values: (COLUMNS,); empty: there is none.  truth: (n,) steps and values of the run;
        None: it has none yet.
        """
        self._values = [float(value) for value in values]
        if truth is not None:
            self._truth = Curve("truth", TRUTH, self._colour(), *truth)
        self._show(is_open=False)

    def ends(self, curves: Sequence[Curve], last_step: float) -> tuple[float, float]:
        """Return the ends of the axis of values, which must not tell what the truth is."""
        if self._measure in PERCENT_MEASURES:
            return 0.0, 1.0
        values = np.concatenate([[self._top], *(curve.values for curve in curves)])
        return 0.0, nice_top(float(values[np.isfinite(values)].max()))

    def true_values(self) -> tuple[float, ...]:
        """Return the true curve at the drawn curve's steps, (COLUMNS,); empty before the reveal."""
        truth = self._truth
        found = () if truth is None else sampled((truth.steps, truth.values), self._last_step)
        return tuple(found)

    def _show(self, *, is_open: bool) -> None:
        self._is_open = is_open
        shape = Qt.CursorShape.CrossCursor if is_open else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_open else Qt.FocusPolicy.NoFocus)
        curves = [] if self._truth is None else [self._truth]
        if self._values:
            steps = np.linspace(0.0, self._last_step, COLUMNS)[: len(self._values)]
            label = "" if is_open else YOURS
            values = np.array(self._values)
            curves.append(Curve("drawn", label, "text", steps, values, dashed=not is_open))
        self.show_curves(curves, self._last_step)

    def end_labels(self) -> list[str]:
        """Return both from the start, so that the plot does not shrink later."""
        return [YOURS, TRUTH]

    # ------------------------------------------------------------ drawing by hand

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Draw: the second press of two quick ones is one as well."""
        self.mousePressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start drawing."""
        if self._is_open and event.button() == Qt.MouseButton.LeftButton:
            self._pen_column = None
            self._draw_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw; of a curve that can no longer be drawn, show the values."""
        if not self._is_open:
            super().mouseMoveEvent(event)
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self._draw_to(event.position())

    def _draw_to(self, point: QPointF) -> None:
        """Draw a line from the pen's last column; a new stroke beyond the end is joined to it."""
        step, value = self.value_at(point)
        column = round(step / self._last_step * (COLUMNS - 1))
        start = column if self._pen_column is None else self._pen_column
        self._pen_column = column
        if column == 0 and self.start_is_known:
            return
        start = min(start, len(self._values) - 1)
        self._extend_to(column)
        if column:
            self._selected_column = column
            self._set_line({start: self._values[start], column: value})
        else:
            self._values[0] = value
        self._redraw()

    def _extend_to(self, column: int) -> None:
        self._values += [self._values[-1]] * (column + 1 - len(self._values))

    def _set_line(self, nodes: dict[int, float]) -> None:
        """Set the values from the first of these columns to the last, with straight lines."""
        columns = sorted(nodes)
        span = range(columns[0], columns[-1] + 1)
        heights = np.interp(span, columns, [nodes[column] for column in columns])
        self._values[span.start : span.stop] = heights.tolist()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select a step with ← →, change its value with ↑ ↓; the first key draws a flat line."""
        key = event.key()
        across, upward = ACROSS.get(key, 0), UPWARD.get(key, 0.0)
        if not self._is_open or not (across or upward):
            event.ignore()
            return
        self._extend_to(COLUMNS - 1)
        at = min(max(self._selected_column + across, KEY_COLUMNS), COLUMNS - 1)
        self._selected_column = at
        if upward:
            ends = at - KEY_COLUMNS, min(at + KEY_COLUMNS, COLUMNS - 1)
            top = self.spec.top
            value = min(max(self._values[at] + upward * top, 0.0), top)
            self._set_line({**{end: self._values[end] for end in ends}, at: value})
        self._redraw()

    def _redraw(self) -> None:
        self._show(is_open=True)
        self.drawn.emit()

    def event(self, event: QEvent) -> bool:
        """Redraw with or without the mark of the selected step, which goes with the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plot, the start, the selected step, and the difference from the true curve."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_start(painter)
        if self._is_open and self.hasFocus():
            self._paint_column(painter)
        if self._truth is not None and self._values:
            self._paint_difference(painter)
        painter.end()

    def _paint_start(self, painter: QPainter) -> None:
        if not self._values:
            return
        theme = appearance.theme
        start = self.point_at(0.0, self._values[0])
        painter.setPen(QPen(QColor(theme.panel), 2))
        painter.setBrush(QColor(theme.text))
        painter.drawEllipse(start, MARKER_RADIUS, MARKER_RADIUS)
        if not self._is_open or self.is_complete:
            return
        painter.setFont(card_font(SMALL))
        painter.setPen(QColor(theme.accent))
        metrics = painter.fontMetrics()
        if len(self._values) > 1:
            area = self.area()
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(area, flags, f"{GO_ON.format(int(self._last_step))} →")
            return
        above = start.y() - metrics.height() - 2 * MARKER_RADIUS > self.area().top()
        y = start.y() - metrics.height() - MARKER_RADIUS if above else start.y() + MARKER_RADIUS
        box = QRectF(start.x() + 2 * MARKER_RADIUS, y, self.width() - start.x() - 2 * MARKER_RADIUS,
                     2 * metrics.height())  # fmt: skip
        painter.drawText(box, Qt.TextFlag.TextWordWrap, f"{HINT} →")

    def _paint_column(self, painter: QPainter) -> None:
        at = max(self._selected_column, KEY_COLUMNS)
        step = self._last_step * at / (COLUMNS - 1)
        value = self._values[min(at, len(self._values) - 1)]
        point, area = self.point_at(step, value), self.area()
        painter.setPen(QPen(QColor(appearance.theme.accent), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(point.x(), area.top()), QPointF(point.x(), area.bottom()))
        painter.setPen(QPen(QColor(appearance.theme.panel), 2))
        painter.setBrush(QColor(appearance.theme.accent))
        painter.drawEllipse(point, MARKER_RADIUS, MARKER_RADIUS)
        painter.setFont(card_font(SMALL, bold=True))
        painter.setPen(QColor(appearance.theme.accent))
        text = value_text(self._measure, value)
        width = painter.fontMetrics().horizontalAdvance(text)
        x = min(point.x() + MARKER_RADIUS, self.width() - width)
        painter.drawText(QPointF(x, max(point.y() - 1.5 * MARKER_RADIUS, area.top())), text)

    def _paint_difference(self, painter: QPainter) -> None:
        truth = [value for value in self.true_values() if np.isfinite(value)]
        steps = np.linspace(0.0, self._last_step, COLUMNS)[: len(truth)]
        true_points = [self.point_at(s, v) for s, v in zip(steps, truth, strict=True)]
        drawn_points = [self.point_at(s, v) for s, v in zip(steps, self._values, strict=False)]
        colour = QColor(getattr(appearance.theme, self._colour()))
        colour.setAlpha(30)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon([*true_points, *reversed(drawn_points)])


def _mix(colour: QColor, other: QColor, share: float) -> str:
    """Return a mixture of two colours, as #rrggbb. Args: share: of the first, 0…1."""
    parts = ("redF", "greenF", "blueF")
    pairs = ((getattr(colour, part)(), getattr(other, part)()) for part in parts)
    return QColor.fromRgbF(*(share * a + (1 - share) * b for a, b in pairs)).name()
