"""Step count: the step that is shown, and the speed."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.state.branches import in_past
from gui.theme import HEADING, SMALL
from gui.widgets.box import vbox
from gui.widgets.frame_throttle import SPEED_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label


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
