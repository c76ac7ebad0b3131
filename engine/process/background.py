"""Background measurement: large networks are measured in a thread of its own, on a copy."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from engine.frames.measurements import Measured

Version = tuple[int, int]


class BackgroundMeasurement:
    """One measurement at a time, beside the training; torch does without the interpreter's lock."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "deltaw-measurement")
        self._future: Future[tuple[Measured, float]] | None = None
        self._version: Version = (0, 0)

    @property
    def is_busy(self) -> bool:
        """Whether one is under way, or was not taken yet."""
        return self._future is not None

    def start(self, version: Version, measure: Callable[[], Measured]) -> None:
        """Begin one. Args: version: what it is of.  measure: takes it."""
        self._version = version
        self._future = self._pool.submit(_timed, measure)

    def take(self, version: Version, *, wait: bool) -> tuple[Measured, float] | None:
        """Return a measurement that has ended, and its seconds.

        Args: version: of any other there is nothing to return.  wait: for one that is under way.
        """
        future = self._future
        if future is None or not (wait or future.done()):
            return None
        self._future = None
        return future.result() if version == self._version else None


def _timed(measure: Callable[[], Measured]) -> tuple[Measured, float]:
    began = time.perf_counter()
    return measure(), time.perf_counter() - began
