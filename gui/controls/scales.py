"""How the positions of a slider stand for values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from gui.controls.numbers import parse_number, parse_whole, short_number


class Scale(Protocol):
    """Positions of a slider, the values they stand for, and their text."""

    @property
    def first(self) -> int:
        """Leftmost position."""

    @property
    def last(self) -> int:
        """Rightmost position."""

    @property
    def small_step(self) -> int:
        """Positions that an arrow key moves."""

    @property
    def large_step(self) -> int:
        """Positions that a page key moves."""

    def position(self, value: float) -> int:
        """The position nearest to a value; an end for what lies beyond."""

    def value(self, position: int) -> float:
        """What a position stands for."""

    def parse(self, text: str) -> float | None:
        """The value that a text means; None where it means none."""


@dataclass(frozen=True, slots=True)
class LogScale:
    """Hundredths of a decade: position p stands for 10^(p / 100)."""

    first: int
    last: int
    small_step: int = 5
    large_step: int = 50

    def position(self, value: float) -> int:
        """The position nearest to a value > 0; an end for what lies beyond."""
        return min(max(round(100 * math.log10(value)), self.first), self.last)

    def value(self, position: int) -> float:
        """10^(position / 100)."""
        return float(10 ** (position / 100))

    def parse(self, text: str) -> float | None:
        """Any number."""
        return parse_number(text)


@dataclass(frozen=True, slots=True)
class WholeScale:
    """Whole numbers, each its own position."""

    first: int
    last: int
    fractions: bool = False
    """Whether what is typed may lie between the positions."""
    small_step: int = 1
    large_step: int = 4

    def position(self, value: float) -> int:
        """The value itself; an end for what lies beyond."""
        return round(min(max(value, self.first), self.last))

    def value(self, position: int) -> float:
        """The position itself."""
        return float(position) if self.fractions else position

    def parse(self, text: str) -> float | None:
        """A whole number, or any where fractions are allowed."""
        return parse_number(text) if self.fractions else parse_whole(text)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A setting that a slider sets."""

    field: str
    """Of Settings."""
    name: str
    scale: Scale
    ends: tuple[str, str]
    """What stands below the ends of the slider."""
    shown: str = ""
    """Attribute of Settings that holds the value as a number; empty: the field itself."""

    def text(self, value: float) -> str:
        """The value as the slider's box shows it, and reads it back."""
        return short_number(value)
