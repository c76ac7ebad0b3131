"""The step that is shown, and how fast steps are taken."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from engine.protocol.setting import SliderScale
from gui.session import Session
from gui.state.branches import in_past
from gui.theme import LARGE, SMALL, appearance, font
from gui.widgets.box import vbox
from gui.widgets.frame_throttle import SPEED_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label
from gui.widgets.slider import Slider

SPEEDS = SliderScale((*(float(10 ** (i / 20)) for i in range(61)), None), large_step=20)
"""Steps per second, 20 positions per factor of 10; None: as fast as possible."""
FASTEST = "as fast as possible"


class SpeedSlider(QWidget):
    """Sets how many steps a second are taken at most."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("speed")
        self._slider = Slider()
        self._slider.setObjectName("speedSlider")
        self._slider.setAccessibleName("Speed")
        self._slider.scale = SPEEDS
        self._slider.setRange(SPEEDS.first, SPEEDS.last)
        self._slider.setPageStep(SPEEDS.large_step)
        self._slider.setToolTip("How fast to train: from one step a second to as fast as possible")
        self._label = Label(scale=SMALL, colour="muted")
        vbox(0, self._label, self._slider, 0, on=self)
        self._on_session_speed_changed(session.playback.speed)
        self._on_appearance_changed()
        appearance.changed.connect(self._on_appearance_changed)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        session.playback.speed_changed.connect(self._on_session_speed_changed)

    @Slot()
    def _on_appearance_changed(self) -> None:
        metrics = QFontMetrics(font(SMALL))
        self.setFixedWidth(
            max(map(metrics.horizontalAdvance, (FASTEST, f"Speed: {speed_text(1000)}"))) + 4
        )

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        self._session.playback.choose_speed(SPEEDS.value(position) or 0.0)

    @Slot(float)
    def _on_session_speed_changed(self, speed: float) -> None:
        with QSignalBlocker(self._slider):  # the nearest position may be another speed
            self._slider.setValue(SPEEDS.position(speed or None))
        self._slider.speak(speed_text(speed) if speed else FASTEST)
        self._label.show_text(f"Speed: {speed_text(speed)}" if speed else FASTEST)


class StepCount(QWidget):
    """Shows “step 300”, and below it the steps a second while it trains; of constant width."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._throttle = FrameThrottle(self, SPEED_MILLISECONDS)
        self._throttle.due.connect(self._show_speed)
        self._step = Label(scale=LARGE, bold=True, widest="step 999,999")
        self._step.setObjectName("stepCount")
        self._step.setAutoFillBackground(True)  # else all that lies behind is painted with it
        self._speed = Label(scale=SMALL, colour="muted", widest="paused in the past")
        self._of_the_stage = Label("on the stage", scale=SMALL, colour="muted")
        self._of_the_stage.hide()
        vbox(0, self._step, self._speed, self._of_the_stage, 0, on=self)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.playing_changed.connect(self._on_session_playing_changed)
        step = 0 if session.state.frame is None else session.state.frame.step
        self._step.show_text(f"step {step:,}")
        self._speed.show_text("paused")

    def set_run_hidden(self, run_hidden: bool) -> None:
        """Show that the run is on the stage, while that is not shown."""
        self._step.set_colour("muted" if run_hidden else "text")
        self._speed.setVisible(not run_hidden)
        self._of_the_stage.setVisible(run_hidden)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        self._step.show_text(f"step {frame.step:,}")
        if frame.playing:
            self._throttle.request()
        else:
            self._show_speed()

    @Slot()
    def _show_speed(self) -> None:
        frame = self._session.state.frame
        if frame is not None and frame.playing:
            self._speed.show_text(speed_text(frame.steps_per_second))
        elif frame is not None:
            self._speed.show_text("paused in the past" if in_past(frame) else "paused")

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if not playing:
            self._speed.show_text("paused")


def speed_text(steps_per_second: float) -> str:
    """Return a speed in words. Args: steps_per_second: ≥ 0; 0: none is known yet.

    >>> speed_text(30.0), speed_text(1.0), speed_text(1.26), speed_text(0.0)
    ('30 steps/s', '1 step/s', '1.3 steps/s', 'training')
    """
    if steps_per_second <= 0:
        return "training"
    if steps_per_second == 1:
        return "1 step/s"
    return f"{steps_per_second:,.{0 if steps_per_second >= 10 else 1}f} steps/s"
