"""Reads one lesson, a Markdown file with a small TOML head, and checks all of it; without Qt."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from engine.protocol.settings import Settings, SettingsError
from gui.lessons.cards import CardReader, Piece
from gui.lessons.lesson import Lesson
from gui.lessons.toml_reader import LessonError, TomlBlock, TomlTable

FENCE = "+++"
CARD = "## "
CODE = "```"
OF_HEAD = frozenset({"strategy"})
MAX_CHARACTERS = 40_000
"""A lesson is a few cards; a file beyond this is none."""


def read_lesson(file: Path) -> Lesson:
    """The lesson in one file. Raises: LessonError: the first mistake in it."""
    lines = _read(file).splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if not fences or fences[0] != 0:
        raise LessonError(file, f"the first line must be {FENCE}, then the head", 1)
    if len(fences) < 2:
        raise LessonError(file, f"the head is not closed by a second line {FENCE}", len(lines))
    block = TomlBlock(file, "\n".join(lines[1 : fences[1]]), first_line=2)
    lesson = _head(file, TomlTable(block, block.values))
    reader = CardReader(lesson)
    cards = tuple(map(reader.read, _pieces(lesson, lines, fences[1] + 1)))
    if not cards:
        raise LessonError(file, "has no text below its head", len(lines))
    return dataclasses.replace(lesson, cards=cards)


def _read(file: Path) -> str:
    try:
        if not file.is_file():  # reading a pipe would wait for ever
            raise LessonError(file, "is no file")
        with file.open(encoding="utf-8-sig") as text:
            whole = text.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise LessonError(file, "is no text in UTF-8") from error
    except OSError as error:
        raise LessonError(file, f"cannot be read ({error.strerror})") from error
    if len(whole) > MAX_CHARACTERS:
        raise LessonError(file, f"is longer than {MAX_CHARACTERS:,} characters")
    return whole


def _head(file: Path, head: TomlTable) -> Lesson:
    title = head.required("title", head.text("title"))
    number = head.required("number", head.whole("number", 1, 999))
    strategy = head.required("strategy", head.text("strategy"))
    source = head.text("source") or ""
    try:
        Settings(strategy=strategy)
    except SettingsError as error:
        raise head.error("strategy", str(error).removeprefix("strategy: ")) from error
    settings = head.settings(
        "settings", {"strategy": strategy}, OF_HEAD, "belongs above the settings"
    )
    head.done()
    name = re.sub(r"^\d+-", "", file.stem)
    return Lesson(file, name, number, title, strategy, settings, source)


def _pieces(lesson: Lesson, lines: list[str], start: int) -> list[Piece]:
    """The cards as they are written; text above the first heading is a card of its own."""
    found = [Piece(lesson.title, start, [])]
    code = False
    for number, line in enumerate(lines[start:], start=start + 1):
        code ^= line.startswith(CODE)
        if line.startswith(CARD) and not code:
            found.append(Piece(line.removeprefix(CARD).strip(), number, []))
        else:
            found[-1].lines.append(line)
    return found if any(map(str.strip, found[0].lines)) else found[1:]
