"""Step and speed: the step that is shown, and how fast the run trains."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from engine.protocol.setting import SliderScale
from gui.session import Session
from gui.state.branches import in_past
from gui.theme import HEADING, SMALL, appearance
from gui.widgets.box import vbox
from gui.widgets.frame_throttle import SPEED_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label
from gui.widgets.slider import Slider

WIDTH = 132
"""Pixels at the ordinary text size."""
SPEEDS = SliderScale((*(float(10 ** (i / 20)) for i in range(61)), None), large_step=20)
"""Steps per second, 20 positions per factor of 10; None: as fast as possible."""


class SpeedSlider(QWidget):
    """Sets how many steps a second are taken at most."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("speed")
        self._slider = Slider()
        self._slider.setObjectName("speedSlider")
        self._slider.setAccessibleName("Speed")
        self._slider.setRange(SPEEDS.first, SPEEDS.last)
        self._slider.setPageStep(SPEEDS.large_step)
        self._slider.setToolTip("How fast to train: one step a second … as fast as it goes")
        self._label = Label(scale=SMALL, colour="muted")
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        vbox(0, self._slider, self._label, 0, on=self, spacing=1)
        self._on_session_speed_changed(session.playback.speed)
        self._on_appearance_changed()
        appearance.changed.connect(self._on_appearance_changed)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        session.playback.speed_changed.connect(self._on_session_speed_changed)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(round(WIDTH * max(1.0, appearance.text_scale)))

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        self._session.playback.set_speed(SPEEDS.value(position) or 0.0)

    @Slot(float)
    def _on_session_speed_changed(self, speed: float) -> None:
        with QSignalBlocker(self._slider):  # the nearest position may be another speed
            self._slider.setValue(SPEEDS.position(speed or None))
        text = {0.0: "as fast as it goes", 1.0: "1 step a second"}.get(speed)
        self._label.show_text(text or _speed_text(speed))


class StepCount(QWidget):
    """Shows “step 300”, and below it the steps per second while it trains; of constant width."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._throttle = FrameThrottle(self, SPEED_MILLISECONDS)
        self._throttle.due.connect(self._show_speed)
        self._step = Label(scale=HEADING, bold=True, widest="step 9,999,999")
        self._step.setObjectName("stepCount")
        self._step.setAutoFillBackground(True)  # else all that lies behind is painted with it
        self._speed = Label(scale=SMALL, colour="muted", widest="88,888 steps a second")
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
            self._speed.show_text(_speed_text(frame.steps_per_second))
        elif frame is not None:
            self._speed.show_text("paused in the past" if in_past(frame) else "paused")

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if not playing:
            self._speed.show_text("paused")


def _speed_text(steps_per_second: float) -> str:
    if steps_per_second <= 0:
        return "training"
    digits = 0 if steps_per_second >= 10 else 1
    return f"{steps_per_second:,.{digits}f} steps a second"
