"""Drives the engine thread's loop without a process around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from engine.process.loop import Loop
from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import Command, Frame, Message, RequestFrame
from engine.protocol.settings import Settings

Kind = TypeVar("Kind", bound=Message)
PATIENCE = 20.0


class LoopDriver:
    """An outbox that remembers, and the inbox beside it."""

    def __init__(self) -> None:
        self.inbox = CommandQueue()
        self.messages: list[Message] = []

    def put(self, message: Message) -> None:
        self.messages.append(message)

    def send(self, *commands: Command) -> None:
        for command in commands:
            self.inbox.put(command)

    def wait_for(self, *kinds: type[Kind]) -> Kind:
        """The first of these kinds not taken yet; what came before it is dropped."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for index, message in enumerate(self.messages):
                if isinstance(message, kinds):
                    del self.messages[: index + 1]
                    return message
            time.sleep(0.002)
        raise TimeoutError(f"no {kinds}")

    def frame_at(self, step: int) -> Frame:
        """The first frame from this step on."""
        self.send(RequestFrame())
        while (frame := self.wait_for(Frame)).step < step:
            self.send(RequestFrame())
        return frame

    def count(self, kind: type[Message], seconds: float = 0.3) -> int:
        time.sleep(seconds)
        return sum(isinstance(message, kind) for message in self.messages)


@contextmanager
def running(settings: Settings, heard: LoopDriver | None = None) -> Iterator[LoopDriver]:
    heard = heard or LoopDriver()
    loop = Loop(heard.inbox, heard, settings)  # type: ignore[arg-type]
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        yield heard
    finally:
        heard.inbox.close()
        thread.join()
