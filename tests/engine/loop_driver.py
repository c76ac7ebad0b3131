"""Drives the engine thread's loop without a process around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from msgspec.structs import replace

from engine.process.limits import LIMITS, EngineLimits
from engine.process.loop import Loop
from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import (
    Answer,
    Command,
    Frame,
    Measurements,
    Message,
    Ping,
    Pong,
    RequestFrame,
)
from engine.protocol.settings import Settings

Kind = TypeVar("Kind", bound=Message)
PATIENCE = 60.0
TURNS = 20
"""Of a loop that had something to say again and again, one would be enough."""


class LoopDriver:
    """An outbox that remembers, and the inbox beside it."""

    def __init__(self) -> None:
        self.inbox = CommandQueue()
        self.messages: list[Message] = []
        self.command = 1

    def put(self, message: Message) -> None:
        answers = isinstance(message, Answer)
        self.messages.append(replace(message, command=self.command) if answers else message)

    def put_frame(self, frame: Frame, measurements: Measurements) -> None:
        self.put(frame.with_measurements(measurements))

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

    def count(self, kind: type[Message]) -> int:
        """How many of a kind there are once the loop has turned `TURNS` times more."""
        for _ in range(TURNS):
            self.send(Ping())
            deadline = time.monotonic() + PATIENCE
            while not (pongs := [each for each in self.messages if isinstance(each, Pong)]):
                assert time.monotonic() < deadline
                time.sleep(0.0005)
            self.messages.remove(pongs[0])
        return sum(isinstance(message, kind) for message in self.messages)


@contextmanager
def running(
    settings: Settings, heard: LoopDriver | None = None, limits: EngineLimits = LIMITS
) -> Iterator[LoopDriver]:
    heard = heard or LoopDriver()
    loop = Loop(heard.inbox, heard, settings, limits)  # type: ignore[arg-type]
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        yield heard
    finally:
        heard.inbox.close()
        thread.join()
