"""TOML reader whose errors name the file, the line and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import inspect

from engine.protocol.settings import SETTINGS, TRAINING_SAMPLES, Settings, SettingsError
from gui.lessons.suggestion import did_you_mean

KeyPath = tuple[str | int, ...]
"""Keys and indices in lists of tables, from the outermost inwards."""
PATTERNS = {
    r"\S": "text in quotes, not empty",
    r"^[a-z][a-z0-9_]*\Z": "small letters, digits and _",
}
"""Pattern of a text -> its description."""
_NOT_EMPTY, _NAME = PATTERNS
Text = Annotated[str, msgspec.Meta(pattern=_NOT_EMPTY)]
Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
"""Name of a run or a question."""
_HEADER = re.compile(r"\s*(\[{1,2})([^\[\]]+)\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")
_PATH = re.compile(r" - at `\$(.*)`$", re.DOTALL)


class TomlTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base class of what is read from a table; its fields are the keys that the table may have."""


Table = TypeVar("Table", bound=TomlTable)


class TableError(ValueError):
    """A value that does not go together with the others of its table."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


class LessonError(ValueError):
    """A mistake in a lesson's file, with file, line and key; or an unknown lesson."""

    def __init__(self, file: Path, problem: str, line: int | None = None) -> None:
        where = file.name if line is None else f"{file.name}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.file = file


class TomlBlock:
    """A block of TOML in a lesson's file."""

    def __init__(self, file: Path, text: str, first_line: int) -> None:
        """Parse the block. Args: first_line: its line number in the file. Raises: LessonError."""
        self._file, self._lines, self._first_line = file, text.splitlines(), first_line
        try:
            self._values = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            place = re.search(r"\(at line (\d+), column \d+\)", str(error))
            problem = re.sub(r" \(at .*\)$", "", str(error))
            line = first_line - 1 + int(place[1]) if place else first_line
            raise LessonError(file, f"this is not TOML: {problem}", line) from error

    def error(self, path: KeyPath, problem: str) -> LessonError:
        """Return an error about the value of a key."""
        name = ".".join(part for part in path if isinstance(part, str))
        return LessonError(self._file, f"{name}: {problem}", self._line_of(path))

    def read(self, kind: type[Table]) -> Table:
        """Return the block as a table of this kind. Raises: LessonError: the first mistake."""
        try:
            return msgspec.convert(self._values, kind, dec_hook=_from_text)
        except msgspec.ValidationError as error:
            raise self._explained(error, kind) from error

    def check_settings(
        self, path: KeyPath, values: Mapping[str, Any], base: Mapping[str, Any],
        excluded: frozenset[str] = frozenset(), reason: str = "",
    ) -> None:  # fmt: skip
        """Check that fields of Settings are valid together with others. Raises: LessonError.

        Args: path: of their table.  base: the others.  excluded: fields that are refused.  reason:
        why, for the error.
        """
        for name in excluded & values.keys():
            raise self.error((*path, name), reason)
        try:
            settings = Settings.from_mapping({**base, **values})
        except SettingsError as error:
            table = path if error.field in values else path[:-1]
            problem = _settings_problem(error, values.get(error.field))
            raise self.error((*table, error.field), problem) from error
        most = TRAINING_SAMPLES[settings.task]
        if settings.train_samples is not None and settings.train_samples > most:
            key = "train_samples" if "train_samples" in values else "task"
            problem = f"{settings.train_samples:,} is too many: {settings.task} has {most}"
            raise self.error((*path, key), f"{problem} training samples")

    def _explained(self, error: msgspec.ValidationError, kind: type[TomlTable]) -> LessonError:
        """Return the error in words that say what would be right."""
        message, *place = _PATH.split(str(error))
        found = re.findall(r"\.(\w+)|\[(\d+)\]", place[0]) if place else ()
        path: KeyPath = tuple(key or int(index) for key, index in found)
        if (cause := error.__cause__) is not None:
            key = (cause.key,) if isinstance(cause, TableError) else ()
            return self.error((*path, *key), str(cause))
        if missing := re.fullmatch(r"Object missing required field `(\w+)`", message):
            return self.error((*path, missing[1]), "is missing")
        if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL):
            table = _type_at(kind, path)
            assert isinstance(table, inspect.StructType)
            known = [field.encode_name for field in table.fields]
            problem = f"unknown; {did_you_mean(unknown[1], known)}here stand {', '.join(known)}"
            return self.error((*path, unknown[1]), problem)
        while isinstance(path[-1], int):
            path = path[:-1]
        return self.error(path, f"must be {_description(_type_at(kind, path), str(path[-1]))}")

    def _line_of(self, path: KeyPath) -> int:
        """Return the line of a key; of a missing key, the line of its table."""
        numbers = _line_numbers(self._lines)
        while path and path not in numbers:
            path = path[:-1]
        return self._first_line + numbers.get(path, 0)


def _settings_problem(error: SettingsError, written: object) -> str:
    """Return what is wrong with a setting, and what was meant. Args: written: its value."""
    known = re.findall(r"[a-z][a-z0-9_-]+", error.allowed)
    if error.field not in SETTINGS:
        meant = did_you_mean(error.field, SETTINGS)
        return f"there is no such setting; {meant}there are {', '.join(sorted(SETTINGS))}"
    problem = str(error).removeprefix(f"{error.field}: ")
    meant = did_you_mean(written, known) if isinstance(written, str) else ""
    return problem.replace("it must be", f"{meant}it must be")


def _line_numbers(lines: list[str]) -> dict[KeyPath, int]:
    """Return the line number of each key and table, from 0, without parsing values."""
    numbers: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for line, content in enumerate(lines):
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


def _from_text(kind: type[str], value: object) -> str:
    """Make a text of a kind that checks itself."""
    if not isinstance(value, str):
        raise ValueError(f"must be {PATTERNS[_NOT_EMPTY]}")
    return kind(value)


def _type_at(kind: type[TomlTable], path: KeyPath) -> inspect.Type:
    """Return the type of a key's value."""
    found: Any = inspect.type_info(kind)
    for key in path:
        if isinstance(key, int):
            found = found.item_type
        else:
            found = next(field.type for field in found.fields if field.encode_name == key)
        if isinstance(found, inspect.UnionType):  # a table, or None where it is left out
            found = found.types[0]
    return found  # type: ignore[no-any-return]


def _description(kind: inspect.Type, key: str) -> str:
    """Return what a value of this type must be, after “must be”."""
    match kind:
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least:,} to {most:,}"
        case inspect.FloatType(gt=above, le=most):
            return f"a number above {above:g}, at most {most:g}"
        case inspect.StrType(pattern=str() as pattern):
            return PATTERNS[pattern]
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(str(value) for value in values if value != '')}"
        case inspect.VarTupleType(item_type=inspect.StructType()):
            return f"tables, each under its own [[{key}]]"
        case inspect.VarTupleType(item_type=inspect.FloatType()):
            return "a list of numbers"
        case inspect.StructType() | inspect.DictType():
            return f"a table: [{key}]"
    return "a list of texts in quotes, none of them empty"
