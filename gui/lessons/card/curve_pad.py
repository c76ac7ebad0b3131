"""Plot to draw a predicted curve into, and to compare it with the run's curve afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)

from gui.lessons.card.plot import CardPlot
from gui.lessons.card.type import card_font
from gui.lessons.card.words import CURVE_TITLES, PERCENT_MEASURES, value_text
from gui.lessons.lesson import COLUMNS
from gui.plots.axis import nice_top
from gui.plots.plot_spec import Curve
from gui.state.curve_buffer import Points
from gui.theme import SMALL, appearance

KEY_COLUMNS = 4
"""Columns that ← and → move by."""
KEY_RISE = 0.05
"""Share of the axis that ↑ and ↓ change the value by."""
HEADROOM = 1.3
"""Smallest upper end of a loss's axis, as a multiple of its start value."""
HINT = "Drag from here to the right"
DEFAULT_START = 0.5
"""Start value of a drawn curve while the true one is unknown."""
MARKER_RADIUS = 6.0  # logical pixels
YOURS, TRUTH = "yours", "this run"


class CurvePad(CardPlot):
    """Plot in which the learner drags a curve from left to right and can redraw any part."""

    drawn = Signal()
    """Emitted when the curve changes."""

    def __init__(self) -> None:
        super().__init__()
        self._values: list[float] = [0.0]
        self._is_open = True
        self._pen_column: int | None = None
        self._selected_column = 0
        self._truth: Curve | None = None
        self.start_is_known = True
        self._measure, self._last_step = "target_accuracy", 1.0
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._set_open(True)

    @property
    def is_complete(self) -> bool:
        """True: the curve reaches the last step."""
        return len(self._values) == COLUMNS

    @property
    def values(self) -> tuple[float, ...]:
        """(COLUMNS,) drawn values; fewer while the curve is incomplete."""
        return tuple(self._values)

    def begin(self, measure: str, last_step: float, start: float | None) -> None:
        """Begin a new curve. Args: start: value at step 0; None: not known."""
        self.start_is_known = start is not None
        self._truth, self._selected_column = None, 0
        self._values = [DEFAULT_START if start is None else start]
        self._set_open(True)
        self._show(measure, last_step, HEADROOM * self._values[0])

    def show_committed(self, values: Sequence[float]) -> None:
        """Show a committed curve, which can no longer be changed. Args: values: (COLUMNS,)."""
        self._values = [float(value) for value in values]
        self._set_open(False)
        self._show(self._measure, self._last_step, max(self._values))

    def reveal(self, steps: Points, values: Points) -> None:
        """Show the true curve as well. Args: steps, values: (n,)."""
        self._truth = Curve("truth", TRUTH, self._colour(), steps, values)
        self._set_open(False)
        self._show(self._measure, self._last_step, max(self._values))

    def show_alone(self, measure: str, last_step: float, steps: Points, values: Points) -> None:
        """Show a true curve without a prediction. Args: steps, values: (n,)."""
        self._truth, self._values = None, []
        self._measure, self._last_step = measure, last_step
        self._set_open(False)
        self.show_curves(
            measure, last_step, (Curve("truth", TRUTH, self._colour(), steps, values),)
        )

    def _colour(self) -> str:
        """Return the name of the theme colour used for this measure."""
        return "source" if self._measure == "source_accuracy" else "target"

    def true_values(self) -> tuple[float, ...]:
        """Return the true curve at the drawn curve's steps, (COLUMNS,); empty before the reveal."""
        truth = self._truth
        if truth is None or not len(truth.steps):
            return ()
        steps = np.linspace(0.0, self._last_step, COLUMNS)
        values = np.interp(steps, truth.steps, truth.values)
        values[steps > truth.steps[-1]] = np.nan
        return tuple(values.tolist())

    def _set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        if is_open:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.viewport().unsetCursor()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_open else Qt.FocusPolicy.NoFocus)

    def _show(self, measure: str, last_step: float, top: float) -> None:
        steps = np.linspace(0.0, last_step, COLUMNS)[: len(self._values)]
        label = YOURS if self._truth is not None or not self._is_open else ""
        drawn = Curve(
            "drawn", label, "text", steps, np.array(self._values), dashed=not self._is_open
        )
        curves = (drawn,) if self._truth is None else (self._truth, drawn)
        if measure not in PERCENT_MEASURES:
            same_axis = (last_step, measure) == (self._last_step, self._measure)
            top = nice_top(max(top, self.spec.top if same_axis else 0.0))
        self._measure, self._last_step = measure, last_step
        self.show_curves(measure, last_step, curves, top)
        if self._is_open:
            title = CURVE_TITLES[measure]
            self.setAccessibleName(f"{title}: draw your guess; arrow keys do so as well")

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
        end = len(self._values) - 1
        if column == 0:
            if not self.start_is_known:
                self._values[0] = value
                self._redraw()
            self._pen_column = 0
            return
        from_column = self._pen_column if self._pen_column is not None else column
        from_column = min(from_column, end)
        before = self._values[from_column]
        self._extend_to(max(column, end))
        low, high = sorted((from_column, column))
        for at in range(low, high + 1):
            share = 1.0 if column == from_column else (at - from_column) / (column - from_column)
            if at > 0 and (at != from_column or column == from_column):
                self._values[at] = before + share * (value - before)
        self._pen_column = self._selected_column = column
        self._redraw()

    def _extend_to(self, column: int) -> None:
        self._values += [self._values[-1]] * (column + 1 - len(self._values))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select a step with ← →, change its value with ↑ ↓; the first key draws a flat line."""
        key = event.key()
        across = {Qt.Key.Key_Left: -KEY_COLUMNS, Qt.Key.Key_Right: KEY_COLUMNS}
        upward = {Qt.Key.Key_Up: KEY_RISE, Qt.Key.Key_Down: -KEY_RISE}
        if not self._is_open or (key not in across and key not in upward):
            event.ignore()
            return
        self._extend_to(COLUMNS - 1)
        if key in across:
            column = self._selected_column + across[Qt.Key(key)]
            self._selected_column = min(max(column, KEY_COLUMNS), COLUMNS - 1)
        else:
            self._selected_column = max(self._selected_column, KEY_COLUMNS)
            self._raise_selected(upward[Qt.Key(key)] * self.spec.top)
        self._redraw()

    def _raise_selected(self, by: float) -> None:
        """Change the value at the selected step, and interpolate to its neighbours."""
        at = self._selected_column
        left, right = at - KEY_COLUMNS, min(at + KEY_COLUMNS, COLUMNS - 1)
        value = min(max(self._values[at] + by, 0.0), self.spec.top)
        nodes = [left, at] if right == at else [left, at, right]
        heights = [value if column == at else self._values[column] for column in nodes]
        span = range(left, nodes[-1] + 1)
        for column, height in zip(span, np.interp(span, nodes, heights), strict=True):
            self._values[column] = float(height)

    def _redraw(self) -> None:
        self._show(self._measure, self._last_step, self.spec.top)
        self.drawn.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the selected step."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Remove the mark of the selected step."""
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plot, the start, the selected step, and the difference from the true curve."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_start(painter)
        if self._is_open and self.hasFocus():
            self._paint_column(painter)
        if self._truth is not None:
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
        if not self._is_open or len(self._values) > 1:
            return
        painter.setFont(card_font(SMALL))
        painter.setPen(QColor(theme.accent))
        metrics = painter.fontMetrics()
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
