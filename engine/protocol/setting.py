"""Description of a setting, from which its check, option, control and words derive."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

MAX_SHOWN_CHARACTERS = 60
"""Characters of a refused value that the error message repeats."""
Value = float | None
"""A number that a slider sets; None: the value that has a word instead, such as “off”."""
Section = Literal[
    "", "header", "general", "strategy", "boxes", "schedule", "overfitting", "network"
]
"""Place of a control.

header: above the stage.  general: first in the control panel.  strategy: below it, where the
strategy lists the field in its `controls`.  boxes: the row of boxes below.  schedule, overfitting,
network: a section that opens and closes.  Empty: it has no control of its own.
"""


# ---------------------------------------------------------------- kinds of values


class Integer(msgspec.Struct, frozen=True):
    """An integer from `least` to `most`."""

    least: int
    most: int

    @property
    def allowed(self) -> str:
        """The range in words, after “it must be”."""
        return f"a whole number from {self.least:,} to {self.most:,}"

    def accepts(self, value: object) -> bool:
        """Return whether a value is allowed. Args: value: anything."""
        return type(value) is int and self.least <= value <= self.most


class Number(msgspec.Struct, frozen=True):
    """A finite number from `least` to `most`."""

    least: float
    most: float = sys.float_info.max
    above: bool = False
    """Whether `least` itself is not allowed."""

    @property
    def allowed(self) -> str:
        """The range in words, after “it must be”."""
        least = f"{'above' if self.above else 'of at least'} {self.least:g}"
        if self.most == sys.float_info.max:
            return f"a finite number {least}"
        return f"a finite number {least} and at most {_one_reading(self.most)}"

    def accepts(self, value: object) -> bool:
        """Return whether a value is allowed. Args: value: anything."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return self.least <= value <= self.most and not (self.above and value == self.least)


def _one_reading(number: float) -> str:
    """Return a number that `parse_number` reads back: 1,000 could be 1.000 as well."""
    return f"{number:,.0f}" if number >= 1_000_000 else f"{number:g}"


class Choice(msgspec.Struct, frozen=True):
    """One of several names."""

    labels: Mapping[str, str]
    """Name -> its label in the window."""

    @property
    def allowed(self) -> str:
        """The names, after “it must be”."""
        return f"one of {', '.join(sorted(self.labels))}"

    def accepts(self, value: object) -> bool:
        """Return whether a value is allowed. Args: value: anything."""
        return isinstance(value, str) and value in self.labels


class Flag(msgspec.Struct, frozen=True):
    """True or False."""

    on: str = "on"
    """Word for True."""
    off: str = "off"
    allowed = "true or false"

    def accepts(self, value: object) -> bool:
        """Return whether a value is allowed. Args: value: anything."""
        return isinstance(value, bool)


class LayerNames(msgspec.Struct, frozen=True):
    """Names of layers."""

    allowed = "a list of layer names"

    def accepts(self, value: object) -> bool:
        """Return whether a value is allowed. Args: value: anything."""
        return isinstance(value, tuple | list) and all(isinstance(name, str) for name in value)


Kind = Integer | Number | Choice | Flag | LayerNames

# ---------------------------------------------------------------- sliders


class SliderScale(msgspec.Struct, frozen=True):
    """Values that a slider offers, each at a position of its own; one may type others."""

    values: tuple[Value, ...]
    """Ascending; None, if present, stands first or last."""
    first: int = 0
    """Position of the first value."""
    small_step: int = 1
    """Positions that an arrow key moves."""
    large_step: int = 3
    """Positions that a page key moves."""

    @property
    def last(self) -> int:
        """Position of the last value."""
        return self.first + len(self.values) - 1

    def position(self, value: Value) -> int:
        """Return the position of a value, or of the one nearest to it.

        Args: value: of the setting; None where it is not offered: as the last one.
        """
        if value is None:
            return self.first + self.values.index(None) if None in self.values else self.last
        numbers = [number for number in self.values if number is not None]
        inside = min(max(value, numbers[0]), numbers[-1])  # |number − 10³⁰| is 10³⁰ for each
        return self.first + self.values.index(min(numbers, key=lambda each: abs(each - inside)))

    def value(self, position: int) -> Value:
        """Return the value at a position. Args: position: `first` … `last`."""
        return self.values[position - self.first]


def integer_scale(least: int, most: int) -> SliderScale:
    """Return a scale of all integers of a range, each at the position of its own number.

    Args: least, most: both included.
    """
    return SliderScale(tuple(range(least, most + 1)), least, large_step=4)


def log_scale(low: int, high: int) -> SliderScale:
    """Return a logarithmic scale; a position is a hundredth of a decade, 0 stands for 1.

    Args: low, high: powers of ten of the first and last value.
    """
    positions = range(100 * low, 100 * high + 1)
    values = tuple(10 ** (position / 100) for position in positions)
    return SliderScale(values, 100 * low, small_step=5, large_step=50)


def one_two_five(low: int, high: int) -> tuple[float, ...]:
    """Return 1, 2 and 5 times each power of ten, and 10^high. Args: low, high: exponents."""
    values = [factor * 10.0**power for power in range(low, high) for factor in (1, 2, 5)]
    return (*(round(value, 9) for value in values), 10.0**high)


STEP_COUNTS = (10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 2000, 3000, 5000, 10_000)
"""Optimizer steps offered by the sliders that count them."""


# ---------------------------------------------------------------- the setting


class Setting(msgspec.Struct, frozen=True):
    """Description of one field of `Settings`."""

    label: str
    """Name beside its control and in messages."""
    kind: Kind
    none: str | None = None
    """Text for None, which then is allowed as well; None: it is not allowed."""
    symbol: str | None = None
    """Stands before the value where a change is told in a few characters; None: the label does."""
    hint: str = ""
    """Tooltip of its control: a sentence or two without the last full stop."""
    section: Section = ""
    scale: SliderScale | None = None
    """What its slider offers; None: every integer of the range."""
    shown: str = ""
    """Attribute of `Settings` that holds its value as a number; empty: the field itself."""
    key: str = ""
    """Name in lessons, and of its box; empty: the field's name."""
    restarts: bool = False
    """Whether a change always begins a new run; a strategy may let others restart as well."""
    shared: bool = False
    """Whether runs that are compared agree in it: else they would not see the same samples."""
    why_unused: Callable[[Any], tuple[str, str]] | None = None
    """Function of `Settings`: why it has no effect, in short and in full; empty: it has one."""

    @property
    def slider(self) -> SliderScale:
        """Scale of its slider."""
        if self.scale is not None:
            return self.scale
        assert isinstance(self.kind, Integer), f"{self.label}: a slider of fractions needs a scale"
        return integer_scale(self.kind.least, self.kind.most)

    @property
    def allowed(self) -> str:
        """The values that are allowed, in words, after “it must be”."""
        return self.kind.allowed

    def accepts(self, value: object) -> bool:
        """Return whether a value is allowed. Args: value: anything."""
        return (value is None and self.none is not None) or self.kind.accepts(value)


# ---------------------------------------------------------------- the check


class SettingsError(ValueError):
    """A setting outside its range; names the field, the value and the allowed values."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]}…"
        super().__init__(f"{field}: {shown} is not allowed; it must be {allowed}")
        self.field, self.allowed = field, allowed


def check_value(field: str, value: object, kind: Setting | Kind) -> None:
    """Check a value. Args: field, value, kind: of it.  Raises: SettingsError: it is not allowed."""
    if not kind.accepts(value):
        raise SettingsError(field, value, kind.allowed)


def check_fields(name: str, values: object, kind: type) -> dict[str, Any]:
    """Return the values by field name.

    Args: name: of the mapping.  values: to check.  kind: dataclass with the known fields.
    Raises: SettingsError: not a mapping, or a field that is unknown.
    """
    known = sorted(field.name for field in dataclasses.fields(kind))
    if not isinstance(values, Mapping):
        raise SettingsError(name, values, f"a mapping of the fields {', '.join(known)}")
    for field in values:
        if field not in known:
            raise SettingsError(str(field), values[field], f"one of the fields {', '.join(known)}")
    return dict(values)
