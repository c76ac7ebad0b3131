"""The engine's way back to the window."""

from __future__ import annotations

import contextlib
from multiprocessing.connection import Connection

from msgspec.structs import replace

from engine.protocol.codec import MessageEncoder
from engine.protocol.messages import Answer, Frame, Measurements, Report


class Outbox:
    """Sends messages to the window, and drops them once the window is gone.

    Args: connection: to the window's process.  command: number of the newest command carried out.
    """

    def __init__(self, connection: Connection, command: int) -> None:
        self._connection = connection
        self.command = command
        """Set before a command is carried out; every answer from then on carries it."""
        self._sender = MessageEncoder()
        self._measurements: Measurements | None = None
        """The newest that were sent."""

    def put_frame(self, frame: Frame, measurements: Measurements) -> None:
        """Send a frame, before it its measurements if new. Args: frame, measurements: of a run."""
        if measurements is not self._measurements:
            self.put(measurements)
            self._measurements = measurements
        self.put(frame)

    def put(self, message: Report | Frame | Measurements) -> None:
        """Send one message. Args: message: a report, a frame or measurements."""
        if isinstance(message, Answer):
            message = replace(message, command=self.command)
        with contextlib.suppress(OSError):
            self._connection.send_bytes(self._sender.encode(message))
