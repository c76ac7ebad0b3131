"""The way to another step: one `GoTo` is on its way at a time, and the newest waits."""

from __future__ import annotations

from collections.abc import Callable

from engine.protocol.messages import Arrived, Command, Frame, GoTo


class SeekQueue:
    """Sends `GoTo`s no faster than they are answered, so that a drag piles nothing up."""

    def __init__(self, send: Callable[[Command], None]) -> None:
        self._send = send
        self._under_way: GoTo | None = None
        self._waiting: GoTo | None = None
        self._unseen: GoTo | None = None
        """Where the run is already, though no frame has come from there."""

    @property
    def target(self) -> GoTo | None:
        """Where the user wants to be; None: what is shown is there."""
        return self._waiting or self._under_way or self._unseen

    def go(self, place: GoTo) -> None:
        """Go there as soon as the engine can."""
        if self._under_way is None:
            self._under_way = place
            self._send(place)
        else:
            self._waiting = place

    def hurry(self) -> None:
        """What comes next is meant for where the user wants to be: let the engine know of it."""
        if self._waiting is not None:
            self._under_way, self._waiting = self._waiting, None
            self._send(self._under_way)

    def arrive(self, arrived: Arrived) -> None:
        """The engine has answered: go on to where the user has come meanwhile."""
        if self._under_way is None and self._unseen is None:
            return
        place, self._under_way, self._waiting = self._waiting, None, None
        self._unseen = GoTo(arrived.step, arrived.branch)
        if place is not None:
            self.go(place)

    def see(self, frame: Frame) -> None:
        """This is shown."""
        if self._unseen == GoTo(frame.step, frame.branch):
            self._unseen = None

    def stay(self) -> None:
        """Wish for no other place any more."""
        self._under_way = self._waiting = self._unseen = None
