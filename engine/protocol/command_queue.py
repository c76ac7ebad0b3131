"""Commands on their way to the engine thread: none is lost, and stale ones are overtaken."""

from __future__ import annotations

import threading

from engine.protocol.messages import (
    Command,
    Configure,
    DrawSample,
    EstimateCost,
    FrameOptions,
    GoTo,
    RequestFrame,
    SetSpeed,
    SetViews,
    ShowSample,
)

_NEWEST_COUNTS = (
    Configure, GoTo, SetSpeed, ShowSample, DrawSample, EstimateCost, FrameOptions, SetViews, RequestFrame,
)  # fmt: skip
"""Of these only the newest is worth carrying out, unless something was to happen in between."""
_WHERE_AND_WHAT = (Configure, GoTo)
"""What the one of these does depends on whether the other came before."""


class CommandQueue:
    """A queue between a thread that must not wait and one that takes its time.

    There are two on a command's way: before the pipe, so that the window never waits for an
    engine that does not read, and behind it, so that the engine carries out only what still counts.
    """

    def __init__(self) -> None:
        self._waiting: list[Command] = []
        self._news = threading.Condition()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the last command has been put in."""
        return self._closed

    def put(self, command: Command) -> None:
        """Add a command; an older one of a kind of which only the newest counts is dropped.

        A closed queue takes no more.
        """
        with self._news:
            if self._closed:
                return
            if isinstance(command, _NEWEST_COUNTS):
                self._drop_stale(type(command))
            self._waiting.append(command)
            self._news.notify()

    def _drop_stale(self, kind: type[Command]) -> None:
        for place in reversed(range(len(self._waiting))):
            other = self._waiting[place]
            if type(other) is kind:
                del self._waiting[place]
                return
            in_order = kind in _WHERE_AND_WHAT and isinstance(other, _WHERE_AND_WHAT)
            if in_order or not isinstance(other, _NEWEST_COUNTS):
                return

    def close(self) -> None:
        """Wake whoever takes, for the last time."""
        with self._news:
            self._closed = True
            self._news.notify()

    def take(self, wait: float | None) -> list[Command]:
        """All commands that wait, oldest first; without any, wait for one.

        Args: wait: seconds at most; 0: not at all; None: until there is one or the end.
        """
        if wait == 0 and not self._waiting:
            return []
        with self._news:
            if not self._waiting and not self._closed and wait != 0:
                self._news.wait(wait)
            taken, self._waiting = self._waiting, []
            return taken
