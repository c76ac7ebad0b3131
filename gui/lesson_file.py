"""One lesson: a Markdown file with a small TOML head, read and checked without Qt."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings, SettingsError

FENCE = "+++"
MAX_CHARACTERS = 20_000
"""A lesson is a screen of text; a file beyond this is none."""

FIELDS: dict[str, type] = {
    "title": str, "number": int, "strategy": str, "settings": dict, "source": str,
}  # fmt: skip
REQUIRED = ("title", "number", "strategy")


class LessonError(ValueError):
    """A mistake in a lesson's file, or no such lesson; names the file, the line and the key."""

    def __init__(self, file: Path, problem: str, line: int | None = None) -> None:
        where = file.name if line is None else f"{file.name}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.file = file
        self.line = line


@dataclasses.dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: what it runs and what it says."""

    name: str
    """The file's name without its number: full-fine-tuning."""
    number: int
    """Place in the series, from 1."""
    title: str
    strategy: str
    settings: Mapping[str, Any]
    """Fields of Settings that the lesson sets."""
    source: str
    """The paper or page that the method comes from; may be empty."""
    text: str
    """Markdown."""

    def changes(self, catalogue: Catalogue | None = None) -> dict[str, Any]:
        """Every field as the lesson wants it; the seed alone stays the user's."""
        plain = dataclasses.asdict(Settings())
        del plain["seed"]
        offered = () if catalogue is None else catalogue.strategies
        defaults = [info.defaults for info in offered if info.name == self.strategy]
        for part in (*defaults, self.settings):
            plain |= part
        return plain | {"strategy": self.strategy}


def read_lesson(file: Path) -> Lesson:
    """The lesson in one file. Raises: LessonError: any mistake in it."""
    try:
        whole = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(file, f"cannot be read ({error})") from error
    if len(whole) > MAX_CHARACTERS:
        raise LessonError(file, f"is longer than {MAX_CHARACTERS:,} characters")
    head, text = _split(file, whole)
    fields = _parsed(file, head)
    _check_fields(file, head, fields)
    settings = fields.get("settings", {})
    _check_settings(file, head, fields["strategy"], settings)
    return Lesson(
        name=re.sub(r"^\d+-", "", file.stem),
        number=fields["number"],
        title=fields["title"],
        strategy=fields["strategy"],
        settings=settings,
        source=fields.get("source", ""),
        text=text.strip(),
    )


def _split(file: Path, whole: str) -> tuple[str, str]:
    lines = whole.splitlines(keepends=True)
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if not fences or fences[0] != 0:
        raise LessonError(file, f"the first line must be {FENCE}, then the head", 1)
    if len(fences) < 2:
        raise LessonError(file, f"the head is not closed by a second line {FENCE}", len(lines))
    return "".join(lines[1 : fences[1]]), "".join(lines[fences[1] + 1 :])


def _parsed(file: Path, head: str) -> dict[str, Any]:
    try:
        return tomllib.loads(head)
    except (ValueError, RecursionError) as error:
        place = re.search(r"\(at line (\d+), column \d+\)", str(error))
        problem = re.sub(r" \(at .*\)$", "", str(error))
        # The head begins in the file's second line.
        raise LessonError(
            file, f"the head is not TOML: {problem}", int(place[1]) + 1 if place else None
        ) from error


def _check_fields(file: Path, head: str, fields: Mapping[str, Any]) -> None:
    for key, value in fields.items():
        if key not in FIELDS:
            known = ", ".join(FIELDS)
            raise LessonError(file, f"{key}: unknown; a lesson has {known}", _line_of(head, key))
        if type(value) is not FIELDS[key]:
            kind = {str: "text in quotes", int: "a whole number", dict: "a table"}[FIELDS[key]]
            raise LessonError(file, f"{key}: must be {kind}", _line_of(head, key))
    for key in REQUIRED:
        if key not in fields:
            raise LessonError(file, f"{key}: missing from the head")
    if fields["number"] < 1:
        raise LessonError(file, "number: must be 1 or more", _line_of(head, "number"))


def _check_settings(file: Path, head: str, strategy: str, settings: Mapping[str, Any]) -> None:
    if "strategy" in settings:
        line = _line_of(head, "strategy", after="settings")
        raise LessonError(file, "settings.strategy: belongs above the settings", line)
    try:
        Settings.from_mapping({**settings, "strategy": strategy})
    except SettingsError as error:
        of_head = error.field == "strategy"
        line = _line_of(head, error.field, after="" if of_head else "settings")
        raise LessonError(file, f"{'' if of_head else 'settings.'}{error}", line) from error


def _line_of(head: str, key: str, after: str = "") -> int | None:
    """Line of the file on which a key of the head is set; None where it cannot be told."""
    lines = head.splitlines()
    table = re.compile(rf"\s*\[?{re.escape(after)}\b") if after else None
    inside = table is None
    for number, line in enumerate(lines, start=2):
        inside = inside or (table is not None and table.match(line) is not None)
        if inside and re.match(rf"\s*(\[|[\w.]*\.)?[\"']?{re.escape(key)}[\"']?\s*[\]=]", line):
            return number
    return None
