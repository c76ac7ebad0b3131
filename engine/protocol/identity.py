"""Base types of all messages, with the numbers that tell commands and answers apart."""

from __future__ import annotations

import msgspec


class Plain(msgspec.Struct, frozen=True):
    """Plain data that crosses the seam: a message, or a part of one."""


class _Equal(Plain, frozen=True):
    """A message that equals another one of the same content, whatever their numbers."""

    def __eq__(self, other: object) -> bool:
        """Compare the fields but `number` and `command`."""
        names = (name for name in self.__struct_fields__ if name not in ("number", "command"))
        return type(self) is type(other) and all(
            # As tuples compare: what is the very same array is equal.
            (getattr(self, name),) == (getattr(other, name),)
            for name in names
        )

    def __hash__(self) -> int:
        """Return the same for all of a type: the others need not be comparable."""
        return hash(type(self))


class Numbered(_Equal, kw_only=True, frozen=True):
    """A command; the window counts those that it sends, whatever engine they go to."""

    number: int = 0
    """From 1, rising; a run or comparison that the command begins has it. 0: from no window."""


class Answer(_Equal, kw_only=True, frozen=True):
    """A frame or report of a run or comparison, as it is after the commands so far."""

    command: int = 0
    """Number of the newest command carried out before: it knows of none beyond that."""
