"""From a user's input to the repaint that shows the engine's answer, from inside a window."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QSlider, QWidget

from engine.protocol.settings import Settings
from tests.benchmarks.driven import Driven, driven, run_events

LORA = Settings(strategy="lora", rank=4)
REST_SECONDS = (0.02, 0.06)
"""Between two inputs, so that they meet every moment of the display's beat."""
LONGEST = 5.0
"""Seconds after which an answer counts as this late."""


@dataclass(slots=True)
class Waiting:
    """One input on its way. Seconds are counted from the event's beginning."""

    user: Driven
    before: Settings
    began: float = field(default_factory=time.perf_counter)
    shown: float | None = None
    """When the widget itself had been painted anew."""
    answered: float | None = None
    """When a frame with the new settings had been painted."""

    def painted(self, at: float) -> None:
        """Take note of a repaint."""
        session = self.user.session
        if session.state.settings == self.before:
            return  # the button is down, and not up yet
        if self.shown is None:
            self.shown = at - self.began
        if (
            session.state.frame is not None
            and session.state.frame.settings == session.state.settings
        ):
            self.answered = at - self.began


def _click_slider(slider: QWidget) -> None:
    """Press the groove where the value is another one."""
    assert isinstance(slider, QSlider)
    before = slider.value()
    while slider.value() == before:
        place = QPoint(random.randrange(8, slider.width() - 8), slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def _click_button(button: QWidget) -> None:
    assert isinstance(button, QAbstractButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


INPUTS: dict[str, tuple[str, Callable[[QWidget], None]]] = {
    "rank slider": ("rankSlider", _click_slider),
    "rate slider": ("learningRateSlider", _click_slider),
    "freeze toggle": ("freeze.layer2", _click_button),
}


def _ask(user: Driven, widget: QWidget, act: Callable[[QWidget], None]) -> Waiting:
    waiting = Waiting(user, user.session.state.settings)
    user.window.painted = waiting.painted
    act(widget)
    while waiting.answered is None and time.perf_counter() - waiting.began < LONGEST:
        run_events(0.001)
    user.window.painted = None
    return waiting


def measure(count: int) -> dict[str, dict[str, list[float]]]:
    """Input -> seconds until the widget showed it, and until the engine's answer was painted."""
    random.seed(0)
    found: dict[str, dict[str, list[float]]] = {n: {"shown": [], "answered": []} for n in INPUTS}
    with driven(LORA) as user:
        user.wait(lambda frame: frame.step == 0)
        user.session.playback.play()
        user.wait(lambda frame: frame.step > 300)
        for _ in range(count):
            for name, (widget, act) in INPUTS.items():
                run_events(random.uniform(*REST_SECONDS))
                waiting = _ask(user, user.find(widget), act)
                found[name]["shown"].append(waiting.shown or LONGEST)
                found[name]["answered"].append(waiting.answered or LONGEST)
            if not user.session.state.playing:  # a high rate blew the run up
                user.session.playback.reset()
                user.session.editor.update(learning_rate=1e-3)
                user.session.playback.play()
                user.wait(lambda frame: frame.playing)
    return found
