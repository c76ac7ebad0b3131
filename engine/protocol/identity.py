"""Identity: the numbers by which the window tells its commands and the answers to them apart."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A command; the window counts those that it sends, whatever engine they go to."""

    number: int = field(default=0, compare=False)
    """From 1, rising; a run or comparison that the command begins has it. 0: from no window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A frame or report of a run or comparison, as it is after the commands so far."""

    command: int = field(default=0, compare=False)
    """Number of the newest command carried out before: it knows of none beyond that."""
