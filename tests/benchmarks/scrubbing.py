"""From a drag of the timeline to the repaint that shows that step, from inside a window."""

from __future__ import annotations

import random
import time

from PySide6.QtWidgets import QSlider

from engine.protocol.settings import Settings
from tests.benchmarks.driven import Driven, driven, run_events

STEPS = 10_000
REST_SECONDS = (0.02, 0.06)
LONGEST = 5.0
"""Seconds after which a step counts as this late."""


def _seconds_to(user: Driven, slider: QSlider, step: int) -> float:
    seen: list[float] = []
    began = time.perf_counter()

    def painted(at: float) -> None:
        frame = user.session.state.frame
        if frame is not None and frame.step == step:
            seen.append(at - began)

    user.window.painted = painted
    slider.setValue(step)
    while not seen and time.perf_counter() - began < LONGEST:
        run_events(0.001)
    user.window.painted = None
    return seen[0] if seen else LONGEST


def measure(strategy: str, count: int) -> list[float]:
    """Seconds until each of so many random steps of a run was painted."""
    dice = random.Random(0)
    total = {"total_steps": STEPS} if strategy == "adalora" else {}
    with driven(Settings(strategy=strategy, **total)) as user:
        user.wait(lambda frame: frame.step == 0)
        user.session.playback.take_steps(STEPS)
        user.wait(lambda frame: frame.step == STEPS)
        slider = user.find("timelineSlider")
        assert isinstance(slider, QSlider)
        found = []
        for _ in range(count):
            run_events(dice.uniform(*REST_SECONDS))
            found.append(_seconds_to(user, slider, dice.randrange(STEPS)))
        return found
