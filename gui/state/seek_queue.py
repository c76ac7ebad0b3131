"""Seek queue: one `GoTo` is under way at a time, and only the newest waits."""

from __future__ import annotations

from collections.abc import Callable

from engine.protocol.messages import Frame, GoTo


class SeekQueue:
    """Sends `GoTo`s no faster than they are shown, so that a drag does not pile them up."""

    def __init__(self, send: Callable[[GoTo], int]) -> None:
        """Args: send: sends a command to the engine and returns its number."""
        self._send = send
        self._sent: GoTo | None = None
        """The newest that was sent, until it is shown."""
        self._queued: GoTo | None = None
        self.number = 0
        """Number of the newest that was sent."""

    @property
    def target(self) -> GoTo | None:
        """Step that the user wants to see; None: it is shown."""
        return self._queued or self._sent

    def seek(self, target: GoTo) -> None:
        """Go to a step as soon as the engine can. Args: target: replaces one that is queued."""
        self._queued = target
        if self._sent is None:
            self.send_queued()

    def send_queued(self) -> None:
        """Send the queued seek now, since the next command is meant for where it leads."""
        if self._queued is not None:
            self._sent, self._queued = self._queued, None
            self.number = self._send(self._sent)

    def take_frame(self, frame: Frame) -> None:
        """Go on with the queued seek once the one before is shown. Args: frame: the newest."""
        if frame.command >= self.number:
            self._sent = None
            self.send_queued()

    def cancel(self) -> None:
        """Drop every seek."""
        self._sent = self._queued = None
