"""Garbage collection timer: Python's search for cyclic garbage, on the GUI thread alone.

By itself Python searches on whatever thread happens to allocate. On one that talks to the engine
it would destroy widgets there, which ends in a segmentation fault.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MILLISECONDS = 1000
"""Milliseconds between two searches."""
FREEZE_TICKS = 5
"""Ticks after which the window is built: what it is made of is not searched again."""


class GcTimer(QObject):
    """Searches for garbage on the GUI thread, where it must be created, once a second if due."""

    def __init__(self, interval: int = INTERVAL_MILLISECONDS) -> None:
        """Start it. Args: interval: milliseconds between two searches."""
        super().__init__()
        gc.disable()
        self._ticks = 0
        self._timer = QTimer(self, interval=interval)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        self._ticks += 1
        if self._ticks == FREEZE_TICKS:
            gc.freeze()  # a full search takes 50 ms before, and less than 1 ms afterwards
        collect_due()


def collect_due() -> None:
    """Search the oldest generation that Python would search by now, and those younger than it."""
    due = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    for generation in (2, 1, 0):
        if due[generation]:
            gc.collect(generation)
            return
