"""TOML read field by field, so that every mistake names the file, the line and the key."""

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
Place = tuple[str | int, ...]
"""Keys, and the place in a list of tables, from the outside in."""
_HEADER = re.compile(r"\s*(\[{1,2})([^\[\]]+)\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")


class LessonError(ValueError):
    """A mistake in a lesson's file, or no such lesson; names the file, the line and the key."""

    def __init__(self, file: Path, problem: str, line: int | None = None) -> None:
        where = file.name if line is None else f"{file.name}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.file = file
        self.line = line


class TomlBlock:
    """A piece of TOML in a lesson's file."""

    def __init__(self, file: Path, text: str, first_line: int) -> None:
        """Args: first_line: of the piece, counted in the file from 1. Raises: LessonError."""
        self.file = file
        self.first_line = first_line
        try:
            self.values = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            place = re.search(r"\(at line (\d+), column \d+\)", str(error))
            problem = re.sub(r" \(at .*\)$", "", str(error))
            line = first_line - 1 + int(place[1]) if place else first_line
            raise LessonError(file, f"this is not TOML: {problem}", line) from error
        self._lines = _lines_of(text, first_line)

    def line_of(self, path: Place) -> int:
        """Where a key is set; of one that is not there, where its table begins."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, self.first_line)


def _lines_of(text: str, first_line: int) -> dict[Place, int]:
    """The line of each key and table, as far as one sees it without parsing."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
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
                found.setdefault(table, line)
                table = (*table, counts[table] - 1)
            found.setdefault(table, line)
        elif key := _KEY.match(content):
            parts = [part.strip("\"'") for part in key[1].split(".")]
            for end in range(1, len(parts) + 1):
                found.setdefault((*table, *parts[:end]), line)
    return found


class TomlTable:
    """One table of a block. Each getter takes a key; `done` refuses those nobody took."""

    def __init__(self, block: TomlBlock, values: Mapping[str, Any], path: Place = ()) -> None:
        self._block, self._values, self._path = block, values, path
        self._known: list[str] = []

    def error(self, key: str, problem: str) -> LessonError:
        """A mistake in the value of a key."""
        path = (*self._path, key) if key else self._path
        name = ".".join(part for part in path if isinstance(part, str))
        line = self._block.line_of(path)
        return LessonError(self._block.file, f"{name}: {problem}", line)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _take(self, key: str, right: Callable[[Any], bool], kind: str) -> Any:
        """The value of a key; None where it is not set."""
        self._known.append(key)
        value = self._values.get(key)
        if value is not None and not right(value):
            raise self.error(key, f"must be {kind}")
        return value

    def required(self, key: str, value: Value | None) -> Value:
        """The value of a key, as it was read, which has to be there."""
        if value is None:
            for other in difflib.get_close_matches(key, self._values, n=1):
                raise self.error(other, f"unknown; did you mean {key}?")
            raise self.error(key, "is missing")
        return value

    def text(self, key: str) -> str | None:
        """Text that is not empty."""
        found: str | None = self._take(key, lambda v: isinstance(v, str) and bool(v.strip()),
                                       "text in quotes, not empty")  # fmt: skip
        return found

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`."""
        found: int | None = self._take(
            key, lambda v: type(v) is int and least <= v <= most,
            f"a whole number from {least:,} to {most:,}",
        )  # fmt: skip
        return found

    def number(self, key: str, above: float, most: float) -> float | None:
        """A number beyond `above`, at most `most`."""
        found = self._take(key, lambda v: _is_number(v) and above < v <= most,
                           f"a number above {above:g}, at most {most:g}")  # fmt: skip
        return None if found is None else float(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """Texts, none of them empty; none at all where the key is not set."""
        found = self._take(
            key,
            lambda v: isinstance(v, list) and all(isinstance(t, str) and t.strip() for t in v),
            "a list of texts in quotes, none of them empty",
        )
        return () if found is None else tuple(found)

    def all_texts(self) -> dict[str, str]:
        """Every key of the table with its text."""
        return {key: self.required(key, self.text(key)) for key in self._values}

    def numbers(self, key: str) -> tuple[float, ...]:
        """Numbers, each larger than the one before."""
        found = self._take(
            key,
            lambda v: (
                isinstance(v, list)
                and all(map(_is_number, v))
                and all(a < b for a, b in itertools.pairwise(v))
            ),
            "a list of rising numbers",
        )
        return () if found is None else tuple(map(float, found))

    def table(self, key: str) -> TomlTable | None:
        """A table within; None where the key is not set."""
        found = self._take(key, lambda v: isinstance(v, dict), f"a table: [{key}]")
        return None if found is None else TomlTable(self._block, found, (*self._path, key))

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """Tables within, each under its own [[key]]."""
        found = self._take(
            key,
            lambda v: isinstance(v, list) and all(isinstance(t, dict) for t in v),
            f"tables, each under its own [[{key}]]",
        )
        return tuple(
            TomlTable(self._block, values, (*self._path, key, index))
            for index, values in enumerate(found or ())
        )

    def settings(
        self,
        key: str,
        base: Mapping[str, Any],
        without: frozenset[str] = frozenset(),
        why: str = "",
    ) -> dict[str, Any]:
        """Fields of Settings, right together with those of `base`; empty where not set.

        Args: without: fields that must not be among them.  why: that is so.
        """
        table = self.table(key)
        if table is None:
            return {}
        values: dict[str, Any] = dict(self._values[key])
        for name in without & values.keys():
            raise table.error(name, why)
        try:
            Settings.from_mapping({**base, **values})
        except SettingsError as error:
            at = table if error.field in values else self
            raise at.error(error.field, str(error).removeprefix(f"{error.field}: ")) from error
        return values

    def done(self) -> None:
        """Refuse keys that have no meaning here. Raises: LessonError."""
        for key in self._values:
            if key not in self._known:
                close = difflib.get_close_matches(key, self._known, n=1)
                meant = f"did you mean {close[0]}? " if close else ""
                raise self.error(key, f"unknown; {meant}here stand {', '.join(self._known)}")


def _is_number(value: object) -> bool:
    if type(value) is int:
        return abs(value) < 1e300  # a larger one is no float
    return type(value) is float and math.isfinite(value)
