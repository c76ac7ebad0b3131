"""How often an idle window repaints, counted from inside."""

from __future__ import annotations

from typing import Any

from engine.protocol.settings import Settings
from tests.benchmarks.driven import driven, run_events

SETTLING_SECONDS = 2.0


def measure(seconds: float, settings: dict[str, Any]) -> int:
    """Repaints in so many seconds after a run was paused and had come to rest."""
    painted: list[float] = []
    with driven(Settings(**settings)) as user:
        user.wait(lambda frame: frame.step == 0)
        user.session.playback.take_steps(20)
        user.wait(lambda frame: frame.step == 20)
        run_events(SETTLING_SECONDS)
        user.window.painted = painted.append
        run_events(seconds)
        user.window.painted = None
    return len(painted)
