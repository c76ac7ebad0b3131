"""The slider for the speed: one step a second … as fast as it goes."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.session import Session
from gui.theme import appearance
from gui.widgets.label import Label
from gui.widgets.slider import Slider

WIDTH = 132
"""In pixels at the ordinary text size."""
STEPS_PER_DECADE = 20
LAST = 3 * STEPS_PER_DECADE + 1
"""1 … 1,000 steps a second, and one position more for no limit."""


class SpeedSlider(QWidget):
    """Sets how many steps a second are taken at most."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("speed")
        self._slider = Slider()
        self._slider.setObjectName("speedSlider")
        self._slider.setAccessibleName("Speed")
        self._slider.setRange(0, LAST)
        self._slider.setPageStep(STEPS_PER_DECADE)
        self._slider.setToolTip("How fast to train: one step a second … as fast as it goes")
        self._says = Label(scale=0.85, colour="muted")
        self._says.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addStretch()
        column.addWidget(self._slider)
        column.addWidget(self._says)
        column.addStretch()
        self._on_session_speed_changed(session.playback.speed)
        self._on_appearance_changed()
        appearance.changed.connect(self._on_appearance_changed)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        session.playback.speed_changed.connect(self._on_session_speed_changed)

    def _say(self, speed: float) -> None:
        if speed == 0:
            text = "as fast as it goes"
        elif speed == 1:
            text = "1 step a second"
        else:
            text = f"{speed:,.0f} steps a second" if speed >= 10 else f"{speed:.1f} steps a second"
        self._says.show_text(text)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(round(WIDTH * max(1.0, appearance.text_scale)))

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        self._session.playback.set_speed(speed_at(position))

    @Slot(float)
    def _on_session_speed_changed(self, speed: float) -> None:
        with QSignalBlocker(self._slider):  # the place nearest to it may be another speed
            self._slider.setValue(position_of(speed))
        self._say(speed)


def speed_at(position: int) -> float:
    """Steps per second; 0: no limit."""
    return 0.0 if position >= LAST else float(10 ** (position / STEPS_PER_DECADE))


def position_of(speed: float) -> int:
    """The position nearest to a speed."""
    if speed <= 0:
        return LAST
    fitting = (position for position in range(LAST) if speed_at(position) >= speed * 0.999)
    return next(fitting, LAST - 1)
