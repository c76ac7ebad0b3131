"""The engine's way back to the window."""

from __future__ import annotations

import contextlib
from multiprocessing.connection import Connection

from engine.protocol.codec import MessageEncoder
from engine.protocol.messages import Frame, Report


class Outbox:
    """Sends messages to the window, and drops them once the window is gone.

    Args: connection: to the window's process.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sender = MessageEncoder()

    def put(self, message: Report | Frame) -> None:
        """Send one message. Args: message: a report or a frame."""
        with contextlib.suppress(OSError):
            self._connection.send_bytes(self._sender.encode(message))
