"""When the window is painted with W in it for the first time, from inside."""

from __future__ import annotations

import time

import gui.app
from engine.protocol.command_line import parse_arguments
from engine.protocol.host import EngineHost
from engine.protocol.settings import Settings


def measure() -> float:
    """The moment, in seconds since the epoch. Raises: AssertionError: no W was painted."""
    painted: list[float] = []

    class ThenWatches(EngineHost):
        """The window's modules are imported when they always are: once the engine is started."""

        def start(self, settings: Settings) -> None:
            super().start(settings)
            _watch_window(painted)

    gui.app.EngineHost = ThenWatches  # type: ignore[misc]
    gui.app.run(parse_arguments([]))
    return painted[0]


def _watch_window(painted: list[float]) -> None:
    """Have the window note when it is painted first, and close. Args: painted: gets the time."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent

    import gui.window

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
