"""When the window is painted with W in it for the first time, from inside."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent

import gui.window
from engine.protocol.command_line import parse_arguments
from gui.app import run


def measure() -> float:
    """The moment, in seconds since the epoch. Raises: AssertionError: no W was painted."""
    painted: list[float] = []

    class ClosesOncePainted(gui.window.Window):
        def paintEvent(self, event: QPaintEvent) -> None:
            QTimer.singleShot(0, self.note)  # runs when this paint and its children's are done
            super().paintEvent(event)

        def note(self) -> None:
            frame = self._session.state.frame
            assert frame is not None
            assert frame.layers[0].weight.any()
            painted.append(time.time())
            self.close()

    gui.window.Window = ClosesOncePainted  # type: ignore[misc]
    run(parse_arguments([]))
    return painted[0]
