"""Heartbeat: detects an engine that no longer answers."""

from __future__ import annotations

from engine.protocol.host import EngineHost

ASK_TICKS = 60
"""Display frames without a sign of life, after which the engine is asked for one."""
SILENT_TICKS = 250
"""Display frames without an answer until the user is told: four seconds."""


class Heartbeat:
    """Asks the engine thread for a sign of life once a second, from its first frame on.

    It counts display frames, not seconds: a window that was itself held up has missed nothing.
    """

    def __init__(self, host: EngineHost) -> None:
        """Args: host: the engine process."""
        self._host = host
        self._ticks: int | None = None
        """Display frames since the last sign of life; None: none is expected."""

    def beat(self) -> None:
        """Note a sign of life."""
        self._ticks = 0

    def stop(self) -> None:
        """Expect no sign of life until there was one."""
        self._ticks = None

    def is_lost(self) -> bool:
        """Whether there was none for long; to be called once for each display frame."""
        if self._ticks is None:
            return False
        self._ticks += 1
        if self._ticks >= ASK_TICKS and self._host.ping():
            self._ticks = 0
        return self._ticks >= SILENT_TICKS
