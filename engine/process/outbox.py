"""The engine's way back to the window."""

from __future__ import annotations

import contextlib
from multiprocessing.connection import Connection

from engine.protocol.codec import MessageEncoder
from engine.protocol.messages import Frame, Report


class Outbox:
    """The way back to the window; when the window is gone, nothing is said."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sender = MessageEncoder()

    def put(self, message: Report | Frame) -> None:
        """Send one message."""
        with contextlib.suppress(OSError):
            self._connection.send_bytes(self._sender.encode(message))
