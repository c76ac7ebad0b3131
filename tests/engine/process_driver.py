"""Drives a real engine process as the window does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from engine.protocol.host import EngineHost
from engine.protocol.messages import Command, Frame, Report
from engine.protocol.settings import Settings

PATIENCE = 60.0
"""Seconds; a machine under load imports torch slowly."""

Kind = TypeVar("Kind", bound=Report)


class Driver:
    """An engine process, its newest frame, and all it reported."""

    def __init__(self, host: EngineHost) -> None:
        self.host = host
        self.reports: list[Report] = []

    def send(self, *commands: Command) -> None:
        for command in commands:
            self.host.send(command)

    def wait_for(self, kind: type[Kind]) -> Kind:
        """The next report of a kind; those before it are kept in `reports`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for index, report in enumerate(self.reports):
                if isinstance(report, kind):
                    del self.reports[: index + 1]
                    return report
            self.reports += self.host.take_reports()
            time.sleep(0.002)
        raise TimeoutError(f"no {kind.__name__}; there were {self.reports}")

    def frame(self, good: Callable[[Frame], bool] = lambda _frame: True) -> Frame:
        """The next frame that is as wanted."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.host.request_frame(None)
            frame = self.host.take_frame()
            if frame is not None and good(frame):
                return frame
            time.sleep(0.002)
        raise TimeoutError("no such frame")


@contextmanager
def engine(settings: Settings) -> Iterator[Driver]:
    host = EngineHost()
    host.start(settings)
    try:
        yield Driver(host)
    finally:
        host.close()
