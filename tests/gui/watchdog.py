"""Notices every event whose handling holds the window up for over 100 ms of our own time.

Our own time is that of the clock less what the machine withheld: while this thread stood in the
queue for a core, or the whole machine was not given one, nothing of ours was to blame. What the
thread spends computing counts, and so does what it sleeps through: a lock, a pipe, a process.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

LIMIT_SECONDS = 0.1
STEAL_SECONDS = 0.05
"""How old what is known of the machine's own waiting may be; it takes longer to read."""
STAT = Path("/proc/stat")


class OwnClock:
    """Seconds of this thread's own time since it was made on it."""

    def __init__(self) -> None:
        file = f"/proc/self/task/{threading.get_native_id()}/schedstat"
        self._schedstat = os.open(file, os.O_RDONLY) if os.path.exists(file) else None
        self._stolen: tuple[float, ...] = ()
        self._stolen_at = 0.0

    def now(self) -> float:
        """Where the system does not tell how long a thread queued: the time that it computed."""
        if self._schedstat is None:
            return time.thread_time()
        queued = int(os.pread(self._schedstat, 64, 0).split()[1])
        return time.perf_counter() - queued / 1e9

    def stolen(self, age: float) -> tuple[float, ...]:
        """Seconds for which each core of this machine was given to another; at most so old."""
        if STAT.exists() and time.perf_counter() - self._stolen_at > age:
            cores = [line.split() for line in STAT.read_text().splitlines() if line[:3] == "cpu"]
            self._stolen = tuple(int(core[8]) / os.sysconf("SC_CLK_TCK") for core in cores[1:])
            self._stolen_at = time.perf_counter()
        return self._stolen


class WatchedApplication(QApplication):
    """Handles events as ever, and keeps what took too long."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self._clock = OwnClock()
        self._handling = False
        self.stalls: list[str] = []
        """What took over `LIMIT_SECONDS`, in words."""

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        """Qt's hook: every event of this thread, one within another too."""
        if self._handling or threading.current_thread() is not threading.main_thread():
            return super().notify(receiver, event)
        self._handling = True
        stolen, began = self._clock.stolen(STEAL_SECONDS), self._clock.now()
        kind = event.type()
        try:
            return super().notify(receiver, event)
        finally:
            self._handling = False
            seconds = self._clock.now() - began
            if seconds > LIMIT_SECONDS:
                pairs = zip(self._clock.stolen(0.0), stolen, strict=False)
                seconds -= max((now - before for now, before in pairs), default=0.0)
            # A window that is being closed is off the screen before it waits for its engine.
            if seconds > LIMIT_SECONDS and kind != QEvent.Type.Close:
                self.stalls.append(f"{kind.name} took {seconds * 1000:.0f} ms")
