"""How the positions of a slider stand for values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from gui.text.numbers import parse_number, parse_whole, short_number

Value = float | None
"""None: the setting's own word for it, such as off."""


class SliderScale(Protocol):
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

    def position(self, value: Value) -> int:
        """The position nearest to a value; an end for what lies beyond."""

    def value(self, position: int) -> Value:
        """What a position stands for."""

    def parse(self, text: str) -> Value:
        """The value that a text means. Raises: ValueError: it means none."""

    def text(self, value: Value) -> str:
        """The value as the slider's box shows it; `parse` reads it back."""


@dataclass(frozen=True, slots=True)
class LogScale:
    """Hundredths of a decade: position p stands for 10^(p / 100)."""

    first: int
    last: int
    small_step: int = 5
    large_step: int = 50

    def position(self, value: Value) -> int:
        """The position nearest to a value > 0; an end for what lies beyond."""
        return min(max(round(100 * math.log10(_number(value))), self.first), self.last)

    def value(self, position: int) -> float:
        """10^(position / 100)."""
        return float(10 ** (position / 100))

    def parse(self, text: str) -> float:
        """Any number. Raises: ValueError: it is none."""
        return _meant(parse_number(text))

    def text(self, value: Value) -> str:
        """Three figures."""
        return short_number(_number(value))


@dataclass(frozen=True, slots=True)
class WholeScale:
    """Whole numbers, each its own position."""

    first: int
    last: int
    fractions: bool = False
    """Whether what is typed may lie between the positions."""
    small_step: int = 1
    large_step: int = 4

    def position(self, value: Value) -> int:
        """The value itself; an end for what lies beyond."""
        return round(min(max(_number(value), self.first), self.last))

    def value(self, position: int) -> float:
        """The position itself."""
        return float(position) if self.fractions else position

    def parse(self, text: str) -> float:
        """A whole number, or any where fractions are allowed. Raises: ValueError: another."""
        return _meant(parse_number(text) if self.fractions else parse_whole(text))

    def text(self, value: Value) -> str:
        """Three figures of a fraction, all of a whole number."""
        return short_number(_number(value)) if self.fractions else f"{value:,}"


@dataclass(frozen=True, slots=True)
class ListedScale:
    """Chosen values, each a position; what is typed may lie between them."""

    values: tuple[Value, ...]
    """Rising; None, where there is one, first or last."""
    none: str = ""
    """What None is called: off, default, all."""
    whole: bool = True
    """Whether only whole numbers count."""
    small_step: int = 1
    large_step: int = 3

    @property
    def first(self) -> int:
        """Where the first value stands."""
        return 0

    @property
    def last(self) -> int:
        """Where the last value stands."""
        return len(self.values) - 1

    def position(self, value: Value) -> int:
        """That of the value, or of the nearest one."""
        if value is None:
            return self.values.index(None)
        away = [math.inf if other is None else abs(other - value) for other in self.values]
        return away.index(min(away))

    def value(self, position: int) -> Value:
        """The value at this position."""
        return self.values[position]

    def parse(self, text: str) -> Value:
        """A number, or the word for None. Raises: ValueError: neither."""
        if self.none and text.strip().lower() == self.none:
            return None
        return _meant(parse_whole(text) if self.whole else parse_number(text))

    def text(self, value: Value) -> str:
        """All of a whole number, three figures of another, the word for None."""
        if value is None:
            return self.none
        return f"{value:,}" if self.whole else short_number(value)


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """A setting that a slider sets."""

    field: str
    """Of Settings."""
    name: str
    scale: SliderScale
    ends: tuple[str, str]
    """What stands below the ends of the slider."""
    hint: str = ""
    """What it does, in a sentence or two without the last full stop; empty: its name says it."""
    shown: str = ""
    """Attribute of Settings that holds the value as a number; empty: the field itself."""


def _number(value: Value) -> float:
    assert value is not None  # only a scale with a word for it stands for None
    return value


def _meant(value: float | None) -> float:
    if value is None:
        raise ValueError("not a number")
    return value
