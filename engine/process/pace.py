"""The pace of steps: how fast they follow each other at most, and when the next one is due."""

from __future__ import annotations

import time


class Pace:
    """The pace of a run, or of runs side by side; as fast as possible until a speed is set."""

    def __init__(self) -> None:
        self.period = 0.0
        """Seconds between two steps, at least."""
        self._due = 0.0

    def set_speed(self, steps_per_second: float) -> None:
        """Change the speed at once. Args: steps_per_second: at most; 0: as fast as possible."""
        self.period = 1 / steps_per_second if steps_per_second > 0 else 0.0
        # A slider on its way changes it many times: none of that earns a step.
        now = time.perf_counter()
        self._due = min(max(self._due, now), now + self.period)

    def start(self) -> None:
        """Let a step be due now."""
        self._due = time.perf_counter()

    def seconds_left(self) -> float:
        """Return the seconds until a step is due, ≥ 0."""
        return max(0.0, self._due - time.perf_counter()) if self.period else 0.0

    def count(self) -> None:
        """Count a step that is taken now: after a long one the next may be early, by one step."""
        if self.period:
            self._due = max(self._due + self.period, time.perf_counter() - self.period)
