"""Seek queue: one `GoTo` is under way at a time, and only the newest waits."""

from __future__ import annotations

from collections.abc import Callable

from engine.protocol.messages import Arrived, Command, Frame, GoTo


class SeekQueue:
    """Sends `GoTo`s no faster than they are answered, so that a drag does not pile them up."""

    def __init__(self, send: Callable[[Command], None]) -> None:
        """Args: send: sends a command to the engine."""
        self._send = send
        self._in_flight: GoTo | None = None
        self._queued: GoTo | None = None
        self._awaiting_frame: GoTo | None = None
        """Step that the run has reached, although no frame has come from there."""

    @property
    def target(self) -> GoTo | None:
        """Step that the user wants to see; None: it is shown."""
        return self._queued or self._in_flight or self._awaiting_frame

    def seek(self, target: GoTo) -> None:
        """Go to a step as soon as the engine can. Args: target: replaces one that is queued."""
        if self._in_flight is None:
            self._in_flight = target
            self._send(target)
        else:
            self._queued = target

    def send_queued(self) -> None:
        """Send the queued seek now, since the next command is meant for where it leads."""
        if self._queued is not None:
            self._in_flight, self._queued = self._queued, None
            self._send(self._in_flight)

    def take_arrived(self, arrived: Arrived) -> None:
        """Go on with the seek that was queued meanwhile. Args: arrived: the engine's answer."""
        if self._in_flight is None and self._awaiting_frame is None:
            return
        target, self._in_flight, self._queued = self._queued, None, None
        self._awaiting_frame = GoTo(arrived.step, arrived.branch)
        if target is not None:
            self.seek(target)

    def take_frame(self, frame: Frame) -> None:
        """Note which step is shown. Args: frame: the newest."""
        if self._awaiting_frame == GoTo(frame.step, frame.branch):
            self._awaiting_frame = None

    def cancel(self) -> None:
        """Drop every seek."""
        self._in_flight = self._queued = self._awaiting_frame = None
