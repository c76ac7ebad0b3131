"""TOML reader whose errors name the file, the line and the key."""

from __future__ import annotations

import difflib
import itertools
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from engine.protocol.settings import Settings, SettingsError

Value = TypeVar("Value")
KeyPath = tuple[str | int, ...]
"""Keys and indices in lists of tables, from the outermost inwards."""
_HEADER = re.compile(r"\s*(\[{1,2})([^\[\]]+)\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")


class LessonError(ValueError):
    """A mistake in a lesson's file, with file, line and key; or an unknown lesson."""

    def __init__(self, file: Path, problem: str, line: int | None = None) -> None:
        where = file.name if line is None else f"{file.name}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.file = file
        self.line = line


class TomlBlock:
    """A block of TOML in a lesson's file."""

    def __init__(self, file: Path, text: str, first_line: int) -> None:
        """Parse the block. Args: first_line: its line number in the file. Raises: LessonError."""
        self.file = file
        self.first_line = first_line
        try:
            self.values = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            place = re.search(r"\(at line (\d+), column \d+\)", str(error))
            problem = re.sub(r" \(at .*\)$", "", str(error))
            line = first_line - 1 + int(place[1]) if place else first_line
            raise LessonError(file, f"this is not TOML: {problem}", line) from error
        self._lines = _line_numbers(text, first_line)

    def line_of(self, path: KeyPath) -> int:
        """Return the line of a key; of a missing key, the line of its table."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, self.first_line)


def _line_numbers(text: str, first_line: int) -> dict[KeyPath, int]:
    """Return the line number of each key and table, value without parsing values."""
    numbers: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for line, content in enumerate(text.splitlines(), start=first_line):
        if header := _HEADER.match(content):
            table = ()
            *outer, last = (part.strip(" \"'") for part in header[2].split("."))
            for part in outer:
                table = (*table, part)
                if table in counts:
                    table = (*table, counts[table] - 1)
            table = (*table, last)
            if header[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                numbers.setdefault(table, line)
                table = (*table, counts[table] - 1)
            numbers.setdefault(table, line)
        elif key := _KEY.match(content):
            parts = [part.strip("\"'") for part in key[1].split(".")]
            for end in range(1, len(parts) + 1):
                numbers.setdefault((*table, *parts[:end]), line)
    return numbers


class TomlTable:
    """A table of a block, with one getter for each type of value."""

    def __init__(self, block: TomlBlock, values: Mapping[str, Any], path: KeyPath = ()) -> None:
        self._block, self._values, self._path = block, values, path
        self._known: list[str] = []

    def error(self, key: str, problem: str) -> LessonError:
        """Return an error about the value of a key."""
        path = (*self._path, key) if key else self._path
        name = ".".join(part for part in path if isinstance(part, str))
        line = self._block.line_of(path)
        return LessonError(self._block.file, f"{name}: {problem}", line)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _checked(self, key: str, is_valid: Callable[[Any], bool], kind: str) -> Any:
        """Return the value of a key; None: not set. Raises: LessonError: not valid."""
        self._known.append(key)
        value = self._values.get(key)
        if value is not None and not is_valid(value):
            raise self.error(key, f"must be {kind}")
        return value

    def required(self, key: str, value: Value | None) -> Value:
        """Return a value that was read. Raises: LessonError: the key is not set."""
        if value is None:
            for other in difflib.get_close_matches(key, self._values, n=1):
                raise self.error(other, f"unknown; did you mean {key}?")
            raise self.error(key, "is missing")
        return value

    def text(self, key: str) -> str | None:
        """Return a string that is not empty; None: not set."""
        value: str | None = self._checked(
            key, lambda v: isinstance(v, str) and bool(v.strip()), "text in quotes, not empty"
        )
        return value

    def integer(self, key: str, minimum: int, maximum: int) -> int | None:
        """Return an integer from `minimum` to `maximum`; None: not set."""
        value: int | None = self._checked(
            key, lambda v: type(v) is int and minimum <= v <= maximum,
            f"a whole number from {minimum:,} to {maximum:,}",
        )  # fmt: skip
        return value

    def number(self, key: str, above: float, maximum: float) -> float | None:
        """Return a number above `above`, at most `maximum`; None: not set."""
        value = self._checked(
            key, lambda v: _is_number(v) and above < v <= maximum,
            f"a number above {above:g}, at most {maximum:g}",
        )  # fmt: skip
        return None if value is None else float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return strings that are not empty; an empty tuple: not set."""
        value = self._checked(
            key,
            lambda v: isinstance(v, list) and all(isinstance(t, str) and t.strip() for t in v),
            "a list of texts in quotes, none of them empty",
        )
        return () if value is None else tuple(value)

    def all_texts(self) -> dict[str, str]:
        """Return all keys of the table with their strings."""
        return {key: self.required(key, self.text(key)) for key in self._values}

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return ascending numbers; an empty tuple: not set."""
        value = self._checked(
            key,
            lambda v: (
                isinstance(v, list)
                and all(map(_is_number, v))
                and all(a < b for a, b in itertools.pairwise(v))
            ),
            "a list of rising numbers",
        )
        return () if value is None else tuple(map(float, value))

    def table(self, key: str) -> TomlTable | None:
        """Return an inner table; None: not set."""
        value = self._checked(key, lambda v: isinstance(v, dict), f"a table: [{key}]")
        return None if value is None else TomlTable(self._block, value, (*self._path, key))

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """Return the tables of an array of tables; an empty tuple: not set."""
        value = self._checked(
            key,
            lambda v: isinstance(v, list) and all(isinstance(t, dict) for t in v),
            f"tables, each under its own [[{key}]]",
        )
        return tuple(
            TomlTable(self._block, values, (*self._path, key, index))
            for index, values in enumerate(value or ())
        )

    def settings(
        self,
        key: str,
        base: Mapping[str, Any],
        excluded: frozenset[str] = frozenset(),
        reason: str = "",
    ) -> dict[str, Any]:
        """Return fields of Settings that are valid together with `base`; empty: not set.

        Args: excluded: fields that are refused.  reason: why, for the error.
        """
        table = self.table(key)
        if table is None:
            return {}
        values: dict[str, Any] = dict(self._values[key])
        for name in excluded & values.keys():
            raise table.error(name, reason)
        try:
            Settings.from_mapping({**base, **values})
        except SettingsError as error:
            at = table if error.field in values else self
            raise at.error(error.field, str(error).removeprefix(f"{error.field}: ")) from error
        return values

    def reject_unknown_keys(self) -> None:
        """Raise LessonError if the table has a key that no getter was called with."""
        for key in self._values:
            if key not in self._known:
                close = difflib.get_close_matches(key, self._known, n=1)
                suggestion = f"did you mean {close[0]}? " if close else ""
                raise self.error(key, f"unknown; {suggestion}here stand {', '.join(self._known)}")


def _is_number(value: object) -> bool:
    if type(value) is int:
        return abs(value) < 1e300  # a larger one is no float
    return type(value) is float and math.isfinite(value)
