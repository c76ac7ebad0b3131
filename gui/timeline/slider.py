"""The slider of the timeline: its value is the step that is shown or requested."""

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
from gui.timeline.step_axis import StepAxis

HEIGHT = 28
MIN_WIDTH = 180
GROOVE_HEIGHT, FUTURE_HEIGHT = 4, 8
"""Height of the groove up to the step that is shown, and beyond it; pixels."""
HANDLE_RADIUS, NEEDLE_WIDTH = 7, 5
"""Radius of the handle at the newest step, and its width in the past; pixels."""
TICK_HEIGHT = 6
"""Height of a tick above the groove; pixels."""
TICK_REACH = 5
"""Pixels around a tick in which the pointer is on it."""
PAGE_COUNT = 10
"""Presses of a page key that go through the whole run."""


@dataclass(frozen=True, slots=True)
class _SliderPicture:
    """All that is painted, in pixels."""

    start: int = 0
    shown_x: int = 0
    tip: int = 0
    past: bool = False
    ticks: tuple[int, ...] = ()
    focused: bool = False


class TimelineSlider(QSlider):
    """Jumps to where it is clicked; `show_run` updates it from the run without a signal."""

    def __init__(self) -> None:
        self._scale = StepAxis()
        self._marks: tuple[LoggedChange, ...] = ()
        self._painted = _SliderPicture()
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("timelineSlider")
        self.setAccessibleName("Step that is shown")
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(MIN_WIDTH)
        # After a click the arrow keys stay one step on and one step back.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMaximum(0)

    def show_run(
        self, step: int | None, tip: int, scale: StepAxis, marks: Sequence[LoggedChange]
    ) -> None:
        """Show the current step of the run.

        Args: step: None: the user is on the way to another.  tip: newest step.  scale: its width is
        ignored.  marks: changes of settings.
        """
        self._scale, self._marks = replace(scale, width=self.width()), tuple(marks)
        self.blockSignals(True)
        self.setRange(scale.first, tip)
        self.setPageStep(max((tip - scale.first) // PAGE_COUNT, 1))
        if step is not None and not self.isSliderDown():
            self.setValue(step)
        self.blockSignals(False)
        self._update_if_changed()

    def _update_if_changed(self) -> None:
        if self._picture() != self._painted:
            self.update()

    def _picture(self) -> _SliderPicture:
        scale, step, tip = self._scale, self.sliderPosition(), self.maximum()
        return _SliderPicture(
            start=scale.x(scale.first),
            shown_x=scale.x(step),
            tip=scale.x(tip),
            past=step < tip,
            ticks=tuple(scale.x(mark.step) for mark in self._marks),
            focused=self.hasFocus(),
        )

    # ------------------------------------------------------------ Qt's hooks

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """Repaint only where a pixel shows the new value."""
        if not self.signalsBlocked():  # else `show_run` is half-way
            self._update_if_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt the axis."""
        self._scale = replace(self._scale, width=self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step under the pointer, and start a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self._scale.step_at(event.position().x()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if self.isSliderDown():
            self.setSliderPosition(self._scale.step_at(event.position().x()))

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
        near = [mark for mark in self._marks if abs(self._scale.x(mark.step) - x) <= TICK_REACH]
        if near:
            return "\n".join(f"step {mark.step:,}: {mark.text}" for mark in near)
        return f"step {min(self._scale.step_at(x), self.maximum()):,}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the groove solid up to the step that is shown, hatched beyond it, and the ticks."""
        picture = self._painted = self._picture()
        theme, middle = appearance.theme, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, line = QColor(theme.accent), QColor(theme.line)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(
            picture.start,
            middle - GROOVE_HEIGHT / 2,
            self._scale.x(self._scale.last) - picture.start,
            GROOVE_HEIGHT,
        )
        painter.setBrush(line)
        painter.drawRoundedRect(whole, GROOVE_HEIGHT / 2, GROOVE_HEIGHT / 2)
        if picture.past:
            self._paint_future(painter, picture, middle)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        done = QRectF(
            picture.start,
            middle - GROOVE_HEIGHT / 2,
            picture.shown_x - picture.start,
            GROOVE_HEIGHT,
        )
        painter.drawRoundedRect(done, GROOVE_HEIGHT / 2, GROOVE_HEIGHT / 2)
        painter.setPen(QPen(QColor(theme.muted), 1.5))
        for x in picture.ticks:
            top = middle - FUTURE_HEIGHT / 2 - 1
            painter.drawLine(QPointF(x, top), QPointF(x, top - TICK_HEIGHT))
        self._paint_handle(painter, picture, middle)

    def _paint_future(self, painter: QPainter, picture: _SliderPicture, middle: float) -> None:
        future = QRectF(
            picture.shown_x,
            middle - FUTURE_HEIGHT / 2,
            picture.tip - picture.shown_x,
            FUTURE_HEIGHT,
        )
        painter.fillRect(future, QColor(appearance.theme.page))
        painter.setBrush(QBrush(QColor(appearance.theme.accent), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(QColor(appearance.theme.accent), 1))
        painter.drawRect(future)

    def _paint_handle(self, painter: QPainter, picture: _SliderPicture, middle: float) -> None:
        theme = appearance.theme
        edge = QColor(theme.text if picture.focused else theme.accent)
        painter.setPen(QPen(edge, 2))
        if picture.past:
            painter.setBrush(QColor(theme.accent))
            needle = QRectF(picture.shown_x - NEEDLE_WIDTH / 2, 2, NEEDLE_WIDTH, self.height() - 4)
            painter.drawRoundedRect(needle, 2, 2)
        else:
            painter.setBrush(QColor(theme.accent if picture.focused else theme.panel))
            painter.drawEllipse(QPointF(picture.shown_x, middle), HANDLE_RADIUS, HANDLE_RADIUS)
