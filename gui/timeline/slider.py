"""The slider of the timeline, and the axis that maps its steps to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSlider, QToolTip

from gui.state.change_log import LoggedChange
from gui.theme import appearance
from gui.widgets.spoken_slider import SpokenSlider

MARGIN_PIXELS = 9
"""Pixels left of the first and right of the last step, for the handle."""
HEIGHT = 28
MIN_WIDTH = 96
GROOVE_HEIGHT, FUTURE_HEIGHT = 4, 8
"""Height of the groove up to the step that is shown, and beyond it; pixels."""
HANDLE_RADIUS, NEEDLE_WIDTH = 7, 5
"""Radius of the handle at the newest step, and its width in the past; pixels."""
TICK_HEIGHT, TICK_REACH = 6, 5
"""Height of a tick above the groove, and how near to it the pointer is on it; pixels."""
PAGE_COUNT = 10
"""Presses of a page key that go through the whole run."""


@dataclass(frozen=True, slots=True)
class StepAxis:
    """All steps of a run from left to right."""

    first: int = 0
    last: int = 0
    width: int = 0
    """Width of the widget, in pixels."""

    def x(self, step: float) -> int:
        """Return the x of a step, in pixels."""
        share = (step - self.first) / max(self.last - self.first, 1)
        return MARGIN_PIXELS + round(share * max(self.width - 2 * MARGIN_PIXELS, 1))

    def step_at(self, x: float) -> int:
        """Return the step at x, clamped to the axis."""
        share = min(max((x - MARGIN_PIXELS) / max(self.width - 2 * MARGIN_PIXELS, 1), 0.0), 1.0)
        return self.first + round(share * (self.last - self.first))


class TimelineSlider(SpokenSlider):
    """Jumps to where it is clicked; `show_run` updates it from the run without a signal."""

    def __init__(self) -> None:
        self.axis = StepAxis()
        """The steps of the run over the present width."""
        self._marks: tuple[LoggedChange, ...] = ()
        self._painted: tuple[object, ...] = ()
        super().__init__()
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setObjectName("timelineSlider")
        self.setAccessibleName("Step that is shown")
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(MIN_WIDTH)
        # After a click the arrow keys stay one step on and one step back.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMaximum(0)

    def show_run(
        self, step: int | None, tip: int, steps: tuple[int, int], marks: Sequence[LoggedChange]
    ) -> None:
        """Show a step of the run. Args: step: None: it is sought.  steps: first, last of all."""
        self.axis, self._marks = StepAxis(*steps, self.width()), tuple(marks)
        self.blockSignals(True)
        self.setRange(steps[0], tip)
        self.setPageStep(max((tip - steps[0]) // PAGE_COUNT, 1))
        before = self.value()
        if step is not None and not self.isSliderDown():
            self.setValue(step)
        self.blockSignals(False)
        if self.hasFocus() and self.value() != before:
            self.announce()
        self._update_if_changed()

    def _update_if_changed(self) -> None:
        if self._pixels() != self._painted:
            self.update()

    def _pixels(self) -> tuple[object, ...]:
        """Return all of the run that a repaint would show."""
        step, tip = self.sliderPosition(), self.maximum()
        ticks = (self.axis.x(mark.step) for mark in self._marks)
        return self.axis.x(step), self.axis.x(tip), step < tip, *ticks

    # ------------------------------------------------------------ Qt's hooks

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """Repaint only where a pixel shows the new value."""
        if not self.signalsBlocked():  # else `show_run` is half-way
            self._update_if_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt the axis."""
        self.axis = replace(self.axis, width=self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step under the pointer, and start a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self.axis.step_at(event.position().x()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if self.isSliderDown():
            self.setSliderPosition(self.axis.step_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave → at the newest step to the window: there it trains one more step."""
        if event.key() == Qt.Key.Key_Right and self.value() == self.maximum():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show a tooltip of what is under the pointer."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """Return the tooltip at x: changes of settings, otherwise the step."""
        near = [mark for mark in self._marks if abs(self.axis.x(mark.step) - x) <= TICK_REACH]
        if near:
            return "\n".join(f"step {mark.step:,}: {mark.text}" for mark in near)
        return f"step {min(self.axis.step_at(x), self.maximum()):,}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the groove solid up to the step that is shown, hatched beyond it, and the ticks."""
        self._painted = self._pixels()
        theme, axis, middle = appearance.theme, self.axis, self.height() / 2
        start, shown, tip = map(axis.x, (axis.first, self.sliderPosition(), self.maximum()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_groove(painter, start, self.width() - MARGIN_PIXELS, middle, theme.line)
        past = self.sliderPosition() < self.maximum()
        if past:
            top = middle - FUTURE_HEIGHT / 2
            future = QRectF(shown, top, tip - shown, FUTURE_HEIGHT)
            painter.fillRect(future, QColor(theme.page))
            painter.setBrush(QBrush(QColor(theme.accent), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRect(future)
        _paint_groove(painter, start, shown, middle, theme.accent)
        painter.setPen(QPen(QColor(theme.muted), 1.5))
        for x in (axis.x(mark.step) for mark in self._marks):
            top = middle - FUTURE_HEIGHT / 2 - 1
            painter.drawLine(QPointF(x, top), QPointF(x, top - TICK_HEIGHT))
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.accent), 2))
        if past:
            painter.setBrush(QColor(theme.accent))
            needle = QRectF(shown - NEEDLE_WIDTH / 2, 2, NEEDLE_WIDTH, self.height() - 4)
            painter.drawRoundedRect(needle, 2, 2)
        else:
            painter.setBrush(QColor(theme.accent if self.hasFocus() else theme.panel))
            painter.drawEllipse(QPointF(shown, middle), HANDLE_RADIUS, HANDLE_RADIUS)


def _paint_groove(painter: QPainter, left: int, right: int, middle: float, colour: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    groove = QRectF(left, middle - GROOVE_HEIGHT / 2, right - left, GROOVE_HEIGHT)
    painter.drawRoundedRect(groove, GROOVE_HEIGHT / 2, GROOVE_HEIGHT / 2)
