"""Mappings between the integer positions of a slider and the values of a setting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from gui.text.numbers import parse_integer, parse_number, short_number

Value = float | None
"""A value of a setting; None: its special value, such as “off”."""


class SliderScale(Protocol):
    """Positions of a slider, the values that they stand for, and the text of these values."""

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
        """Return the position nearest to a value.

        Args: value: clamped to the scale.
        """

    def value(self, position: int) -> Value:
        """Return the value of a position.

        Args: position: `first` … `last`.
        """

    def parse(self, text: str) -> Value:
        """Return the value that a user typed.

        Args: text: as typed.
        Raises: ValueError: the text is not a value of this scale.
        """

    def text(self, value: Value) -> str:
        """Return the text in the slider's box; `parse` reads it back.

        Args: value: of the setting.
        """


@dataclass(frozen=True, slots=True)
class LogScale:
    """A logarithmic scale of hundredths of a decade: position p stands for 10^(p / 100)."""

    first: int
    last: int
    small_step: int = 5
    large_step: int = 50

    def position(self, value: Value) -> int:
        """Return the position nearest to a value.

        Args: value: > 0; clamped to the scale.
        """
        return min(max(round(100 * math.log10(_required(value))), self.first), self.last)

    def value(self, position: int) -> float:
        """Return 10^(position / 100).

        Args: position: hundredths of a decade.
        """
        return float(10 ** (position / 100))

    def parse(self, text: str) -> float:
        """Return any number that a user typed.

        Args: text: as typed.
        Raises: ValueError: the text is not a number.
        """
        return _parsed(parse_number(text))

    def text(self, value: Value) -> str:
        """Return three significant digits.

        Args: value: > 0.
        """
        return short_number(_required(value))


@dataclass(frozen=True, slots=True)
class IntegerScale:
    """A scale of integers, each at its own position."""

    first: int
    last: int
    fractions: bool = False
    """Whether a typed value may lie between the positions."""
    small_step: int = 1
    large_step: int = 4

    def position(self, value: Value) -> int:
        """Return the value rounded to a position.

        Args: value: clamped to the scale.
        """
        return round(min(max(_required(value), self.first), self.last))

    def value(self, position: int) -> float:
        """Return the position itself.

        Args: position: `first` … `last`.
        """
        return float(position) if self.fractions else position

    def parse(self, text: str) -> float:
        """Return the integer that a user typed, or any number where fractions are allowed.

        Args: text: as typed.
        Raises: ValueError: the text is no such number.
        """
        return _parsed(parse_number(text) if self.fractions else parse_integer(text))

    def text(self, value: Value) -> str:
        """Return all digits of an integer, three significant ones of a fraction.

        Args: value: of the setting.
        """
        return short_number(_required(value)) if self.fractions else f"{value:,}"


@dataclass(frozen=True, slots=True)
class ListedScale:
    """A scale of listed values, each a position; a typed value may lie between them."""

    values: tuple[Value, ...]
    """Ascending; None, if present, stands first or last."""
    none: str = ""
    """Text for None: off, default, all."""
    whole: bool = True
    """Whether only integers are allowed."""
    small_step: int = 1
    large_step: int = 3

    @property
    def first(self) -> int:
        """Position of the first value."""
        return 0

    @property
    def last(self) -> int:
        """Position of the last value."""
        return len(self.values) - 1

    def position(self, value: Value) -> int:
        """Return the position of the value, or of the nearest one.

        Args: value: of the setting; None only where it is listed.
        """
        if value is None:
            return self.values.index(None)
        distances = [math.inf if other is None else abs(other - value) for other in self.values]
        return distances.index(min(distances))

    def value(self, position: int) -> Value:
        """Return the value at a position.

        Args: position: 0 … number of values − 1.
        """
        return self.values[position]

    def parse(self, text: str) -> Value:
        """Return the number that a user typed, or None for its text.

        Args: text: as typed.
        Raises: ValueError: the text is neither.
        """
        if self.none and text.strip().lower() == self.none:
            return None
        return _parsed(parse_integer(text) if self.whole else parse_number(text))

    def text(self, value: Value) -> str:
        """Return all digits of an integer, three significant ones of a float, or the text for None.

        Args: value: of the setting.
        """
        if value is None:
            return self.none
        return f"{value:,}" if self.whole else short_number(value)


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """A setting that a slider controls."""

    field: str
    """Name of the field of `Settings`."""
    name: str
    scale: SliderScale
    ends: tuple[str, str]
    """Texts below the two ends of the slider."""
    hint: str = ""
    """Tooltip: a sentence or two without the last full stop; empty: the name suffices."""
    shown: str = ""
    """Attribute of `Settings` that holds the value as a number; empty: the field itself."""


def _required(value: Value) -> float:
    assert value is not None  # only a scale with a word for it stands for None
    return value


def _parsed(value: float | None) -> float:
    if value is None:
        raise ValueError("not a number")
    return value
