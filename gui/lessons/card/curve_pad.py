"""A plot to draw a curve into before the run, and to see the true one over it afterwards."""

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

from gui.lessons.card.plot import SMALL, CardCurve, CardPlot, Points
from gui.lessons.card.type import card_font
from gui.lessons.card.words import MEASURES, SHARES, value_text
from gui.plots.axis import nice_top
from gui.theme import appearance

COLUMNS = 41
"""A drawn curve has so many values, evenly spaced over the steps, the first given."""
KEYED = 4
"""Columns that ← and → pass at once."""
RISE = 0.05
"""Of the axis, that ↑ and ↓ change the value by."""
HEADROOM = 1.3
"""The axis of a loss ends so far above where it starts, at least."""
HINT = "Drag from here to the right"
MIDDLE = 0.5
"""Where a curve starts that starts nobody knows where."""
AIM = 6.0
YOURS, TRUTH = "yours", "this run"


class CurvePad(CardPlot):
    """The learner drags the curve from left to right; any part may be drawn again."""

    drawn = Signal()
    """The curve changed."""

    def __init__(self) -> None:
        super().__init__()
        self._values: list[float] = [0.0]
        self._open = True
        self._at: int | None = None
        self._column = 0
        self._truth: CardCurve | None = None
        self._known = True
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def whole(self) -> bool:
        """Whether the curve has come to the last step."""
        return len(self._values) == COLUMNS

    @property
    def known(self) -> bool:
        """Whether the start is given."""
        return self._known

    @property
    def values(self) -> tuple[float, ...]:
        """(COLUMNS,) the drawn values; fewer as long as it is not whole."""
        return tuple(self._values)

    def ask(self, of: str, last: float, start: float | None) -> None:
        """Begin a new curve. Args: last: step.  start: the value at step 0; None: not known."""
        self._known = start is not None
        self._truth, self._column = None, 0
        self._values = [MIDDLE if start is None else start]
        self._set_open(True)
        self._show(of, last, HEADROOM * self._values[0])

    def keep(self, values: Sequence[float]) -> None:
        """Show a curve that was committed to; it is drawn no more."""
        self._values = [float(value) for value in values]
        self._set_open(False)
        self._show(self._of, self._last, max(self._values))

    def reveal(self, steps: Points, values: Points) -> None:
        """Lay the true curve over it. Args: (n,) each."""
        self._truth = CardCurve(TRUTH, self._colour(), steps, values)
        self._set_open(False)
        self._show(self._of, self._last, max(self._values))

    def show_alone(self, of: str, last: float, steps: Points, values: Points) -> None:
        """Show a true curve that nobody guessed. Args: last: step.  steps, values: (n,) each."""
        self._truth, self._values = None, []
        self._of = of
        self._set_open(False)
        self.show_curves(of, last, (CardCurve(TRUTH, self._colour(), steps, values),))

    def _colour(self) -> str:
        """Of the theme, as the window draws that measure elsewhere."""
        return "source" if self._of == "source_accuracy" else "target"

    def true_values(self) -> tuple[float, ...]:
        """(COLUMNS,) the true curve at the steps of the drawn one; empty before the reveal."""
        truth = self._truth
        if truth is None or not len(truth.steps):
            return ()
        steps = np.linspace(0.0, self._last, COLUMNS)
        found = np.interp(steps, truth.steps, truth.values)
        found[steps > truth.steps[-1]] = np.nan
        return tuple(found.tolist())

    def _set_open(self, open_: bool) -> None:
        self._open = open_
        if open_:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if open_ else Qt.FocusPolicy.NoFocus)

    def _show(self, of: str, last: float, top: float) -> None:
        steps = np.linspace(0.0, last, COLUMNS)[: len(self._values)]
        label = YOURS if self._truth is not None or not self._open else ""
        mine = CardCurve(label, "text", steps, np.array(self._values), dashed=not self._open)
        curves = (mine,) if self._truth is None else (self._truth, mine)
        if of not in SHARES:
            top = max(top, self._top if self._last == last and of == self._of else 0.0)
            top = nice_top(top)
        self.show_curves(of, last, curves, top)
        told = f"{MEASURES[of]}: draw your guess; arrow keys do so as well"
        if self._open:
            self.setAccessibleName(told)

    def _names(self) -> list[str]:
        return [YOURS, TRUTH]  # room for both from the start, so that nothing moves

    # ------------------------------------------------------------ drawing by hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: take the pen."""
        if self._open and event.button() == Qt.MouseButton.LeftButton:
            self._at = None
            self._draw_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: draw."""
        if self._open and event.buttons() & Qt.MouseButton.LeftButton:
            self._draw_to(event.position())

    def _draw_to(self, point: QPointF) -> None:
        """A line from where the pen was; one put down beyond the end is joined to it."""
        step, value = self.value_at(point)
        column = round(step / self._last * (COLUMNS - 1))
        end = len(self._values) - 1
        if column == 0:
            if not self._known:
                self._values[0] = value
                self._redraw()
            self._at = 0
            return
        since = self._at if self._at is not None else column
        since = min(since, end)
        before = self._values[since]
        self._reach(max(column, end))
        low, high = sorted((since, column))
        for at in range(low, high + 1):
            share = 1.0 if column == since else (at - since) / (column - since)
            if at > 0 and (at != since or column == since):
                self._values[at] = before + share * (value - before)
        self._at = self._column = column
        self._redraw()

    def _reach(self, column: int) -> None:
        """Have values up to that column; new ones go on flat."""
        self._values += [self._values[-1]] * (column + 1 - len(self._values))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: ← → choose a step, ↑ ↓ the value there; the first of them lays a flat line."""
        key = event.key()
        across = {Qt.Key.Key_Left: -KEYED, Qt.Key.Key_Right: KEYED}
        upward = {Qt.Key.Key_Up: RISE, Qt.Key.Key_Down: -RISE}
        if not self._open or (key not in across and key not in upward):
            super().keyPressEvent(event)
            return
        self._reach(COLUMNS - 1)
        if key in across:
            self._column = min(max(self._column + across[Qt.Key(key)], KEYED), COLUMNS - 1)
        else:
            self._column = max(self._column, KEYED)
            self._lift(upward[Qt.Key(key)] * self._top)
        self._redraw()

    def _lift(self, by: float) -> None:
        """Change the value at the chosen step, and with it the line from and to its neighbours."""
        at = self._column
        left, right = at - KEYED, min(at + KEYED, COLUMNS - 1)
        value = min(max(self._values[at] + by, 0.0), self._top)
        known = [left, at] if right == at else [left, at, right]
        heights = [value if column == at else self._values[column] for column in known]
        span = range(left, known[-1] + 1)
        for column, height in zip(span, np.interp(span, known, heights), strict=True):
            self._values[column] = float(height)

    def _redraw(self) -> None:
        self._show(self._of, self._last, self._top)
        self.drawn.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's hook: the chosen step is marked."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's hook."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the plot; where to begin; the step that keys would change."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_start(painter)
        if self._open and self.hasFocus():
            self._paint_column(painter)
        if self._truth is not None:
            self._paint_gap(painter)
        painter.end()

    def _paint_start(self, painter: QPainter) -> None:
        if not self._values:
            return
        theme = appearance.theme
        start = self.place(0.0, self._values[0])
        painter.setPen(QPen(QColor(theme.panel), 2))
        painter.setBrush(QColor(theme.text))
        painter.drawEllipse(start, AIM, AIM)
        if not self._open or len(self._values) > 1:
            return
        painter.setFont(card_font(SMALL))
        painter.setPen(QColor(theme.accent))
        metrics = painter.fontMetrics()
        above = start.y() - metrics.height() - 2 * AIM > self.area().top()
        y = start.y() - metrics.height() - AIM if above else start.y() + AIM
        box = QRectF(start.x() + 2 * AIM, y, self.width() - start.x() - 2 * AIM,
                     2 * metrics.height())  # fmt: skip
        painter.drawText(box, Qt.TextFlag.TextWordWrap, f"{HINT} →")

    def _paint_column(self, painter: QPainter) -> None:
        at = max(self._column, KEYED)
        step = self._last * at / (COLUMNS - 1)
        value = self._values[min(at, len(self._values) - 1)]
        point, area = self.place(step, value), self.area()
        painter.setPen(QPen(QColor(appearance.theme.accent), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(point.x(), area.top()), QPointF(point.x(), area.bottom()))
        painter.setPen(QPen(QColor(appearance.theme.panel), 2))
        painter.setBrush(QColor(appearance.theme.accent))
        painter.drawEllipse(point, AIM, AIM)
        painter.setFont(card_font(SMALL, bold=True))
        painter.setPen(QColor(appearance.theme.accent))
        text = value_text(self._of, value)
        width = painter.fontMetrics().horizontalAdvance(text)
        x = min(point.x() + AIM, self.width() - width)
        painter.drawText(QPointF(x, max(point.y() - 1.5 * AIM, area.top())), text)

    def _paint_gap(self, painter: QPainter) -> None:
        """What lies between the two, faintly."""
        truth = [value for value in self.true_values() if np.isfinite(value)]
        steps = np.linspace(0.0, self._last, COLUMNS)[: len(truth)]
        there = [self.place(s, v) for s, v in zip(steps, truth, strict=True)]
        back = [self.place(s, v) for s, v in zip(steps, self._values, strict=False)]
        colour = QColor(getattr(appearance.theme, self._colour()))
        colour.setAlpha(30)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon([*there, *reversed(back)])
