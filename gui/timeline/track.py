"""The slider of the timeline: its value is the step that is shown, or that one goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Slot
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
from gui.timeline.scale import StepAxis
from gui.widgets.slider import SLIDER_KEYS

HEIGHT = 28
LEAST_WIDTH = 180
GROOVE, FUTURE = 4, 8
"""Heights of what was trained up to the step that is shown, and of what lies beyond it."""
KNOB, NEEDLE = 7, 5
"""Radius of the handle at the newest step, and width of that in the past."""
TICK = 6
"""Height of a tick above the groove."""
NEAR = 5
"""Pixels from a tick within which it is pointed at."""
PAGES = 10
"""Page keys go through the run in so many turns."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """All that is painted, in pixels."""

    start: int = 0
    here: int = 0
    tip: int = 0
    past: bool = False
    ticks: tuple[int, ...] = ()
    focused: bool = False


class TimelineSlider(QSlider):
    """Goes where it is clicked; what follows the run is told by `follow`, without a signal."""

    def __init__(self) -> None:
        self._scale = StepAxis()
        self._marks: tuple[LoggedChange, ...] = ()
        self._painted = _Picture()
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("timelineSlider")
        self.setAccessibleName("Step that is shown")
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(LEAST_WIDTH)
        # After a click the arrow keys stay one step on and one step back.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMaximum(0)
        appearance.changed.connect(self._on_appearance_changed)

    def follow(
        self, step: int | None, tip: int, scale: StepAxis, marks: Sequence[LoggedChange]
    ) -> None:
        """Show where the run stands.

        Args: step: None: the user is on the way to another.  scale: its width does not count.
        """
        self._scale, self._marks = replace(scale, width=self.width()), tuple(marks)
        self.blockSignals(True)
        self.setRange(scale.first, tip)
        self.setPageStep(max((tip - scale.first) // PAGES, 1))
        if step is not None and not self.isSliderDown():
            self.setValue(step)
        self.blockSignals(False)
        self._refresh()

    def _refresh(self) -> None:
        """Paint anew what would look different."""
        if self._picture() != self._painted:
            self.update()

    def _picture(self) -> _Picture:
        scale, here, tip = self._scale, self.sliderPosition(), self.maximum()
        return _Picture(
            start=scale.x(scale.first),
            here=scale.x(here),
            tip=scale.x(tip),
            past=here < tip,
            ticks=tuple(scale.x(mark.step) for mark in self._marks),
            focused=self.hasFocus(),
        )

    # ------------------------------------------------------------ Qt's hooks

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """A new value that no pixel shows is not painted."""
        if not self.signalsBlocked():  # else `follow` is half-way
            self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the steps anew."""
        self._scale = replace(self._scale, width=self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step under the pointer; a drag begins there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self._scale.step_at(event.position().x()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if self.isSliderDown():
            self.setSliderPosition(self._scale.step_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Beyond the newest step → is the window's: one more step of training."""
        if event.key() == Qt.Key.Key_Right and self.value() == self.maximum():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the keys while focused; say what lies under the pointer."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in SLIDER_KEYS:
                event.accept()
                return True
        elif isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """What lies there: changes of settings, else the step."""
        near = [mark for mark in self._marks if abs(self._scale.x(mark.step) - x) <= NEAR]
        if near:
            return "\n".join(f"step {mark.step:,}: {mark.text}" for mark in near)
        return f"step {min(self._scale.step_at(x), self.maximum()):,}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Solid up to the step that is shown, hatched beyond it; ticks where settings changed."""
        picture = self._painted = self._picture()
        theme, middle = appearance.theme, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, line = QColor(theme.accent), QColor(theme.line)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(picture.start, middle - GROOVE / 2, self._end() - picture.start, GROOVE)
        painter.setBrush(line)
        painter.drawRoundedRect(whole, GROOVE / 2, GROOVE / 2)
        if picture.past:
            self._paint_future(painter, picture, middle)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        done = QRectF(picture.start, middle - GROOVE / 2, picture.here - picture.start, GROOVE)
        painter.drawRoundedRect(done, GROOVE / 2, GROOVE / 2)
        painter.setPen(QPen(QColor(theme.muted), 1.5))
        for x in picture.ticks:
            top = middle - FUTURE / 2 - 1
            painter.drawLine(QPointF(x, top), QPointF(x, top - TICK))
        self._paint_handle(painter, picture, middle)

    def _end(self) -> int:
        return self._scale.x(self._scale.last)

    def _paint_future(self, painter: QPainter, picture: _Picture, middle: float) -> None:
        room = QRectF(picture.here, middle - FUTURE / 2, picture.tip - picture.here, FUTURE)
        painter.fillRect(room, QColor(appearance.theme.page))
        painter.setBrush(QBrush(QColor(appearance.theme.accent), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(QColor(appearance.theme.accent), 1))
        painter.drawRect(room)

    def _paint_handle(self, painter: QPainter, picture: _Picture, middle: float) -> None:
        theme = appearance.theme
        edge = QColor(theme.text if picture.focused else theme.accent)
        painter.setPen(QPen(edge, 2))
        if picture.past:
            painter.setBrush(QColor(theme.accent))
            needle = QRectF(picture.here - NEEDLE / 2, 2, NEEDLE, self.height() - 4)
            painter.drawRoundedRect(needle, 2, 2)
        else:
            painter.setBrush(QColor(theme.accent if picture.focused else theme.panel))
            painter.drawEllipse(QPointF(picture.here, middle), KNOB, KNOB)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.update()
