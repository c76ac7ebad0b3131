"""Queue of commands for the engine thread: none is lost, and stale ones are superseded."""

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

_SUPERSEDABLE = (
    Configure, GoTo, SetSpeed, ShowSample, DrawSample, EstimateCost, FrameOptions, SetViews,
    RequestFrame,
)  # fmt: skip
"""Commands of which only the newest counts, unless another one lies in between."""
_ORDER_DEPENDENT = (Configure, GoTo)
"""Commands whose effect depends on whether the other one came before."""


class CommandQueue:
    """A queue between a thread that must not wait and one that takes its time.

    There are two on a command's way: before the pipe, so that the window never waits for an engine
    that does not read, and behind it, so that the engine carries out only what still counts.
    """

    def __init__(self) -> None:
        self._pending: list[Command] = []
        self._condition = threading.Condition()
        self.closed = False
        """Whether it takes no more commands."""

    def put(self, command: Command) -> None:
        """Add a command; an older one that it supersedes is dropped. A closed queue ignores it.

        Args: command: for the engine.
        """
        with self._condition:
            if self.closed:
                return
            if isinstance(command, _SUPERSEDABLE):
                self._drop_stale(type(command))
            self._pending.append(command)
            self._condition.notify()

    def _drop_stale(self, kind: type[Command]) -> None:
        """Drop the command of that type that a new one supersedes, if there is one."""
        for index in reversed(range(len(self._pending))):
            other = self._pending[index]
            if type(other) is kind:
                del self._pending[index]
                return
            in_order = kind in _ORDER_DEPENDENT and isinstance(other, _ORDER_DEPENDENT)
            if in_order or not isinstance(other, _SUPERSEDABLE):
                return

    def close(self) -> None:
        """Accept no more commands, and wake whoever waits in `take`."""
        with self._condition:
            self.closed = True
            self._condition.notify()

    def take(self, timeout: float | None) -> list[Command]:
        """Remove and return all commands, oldest first; if there are none, wait for one.

        Args: timeout: seconds at most; 0: do not wait; None: until there is one or the queue is
        closed.
        """
        if timeout == 0 and not self._pending:
            return []
        with self._condition:
            if not self._pending and not self.closed and timeout != 0:
                self._condition.wait(timeout)
            commands, self._pending = self._pending, []
            return commands
