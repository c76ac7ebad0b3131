"""Reader of a lesson file, Markdown below a TOML head; validates all of it, without Qt."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from engine.protocol.settings import Settings, SettingsError
from gui.lessons.cards import CardReader, CardSource
from gui.lessons.lesson import Lesson
from gui.lessons.toml_reader import LessonError, TomlBlock, TomlTable

HEAD_FENCE = "+++"
CARD_HEADING = "## "
CODE_FENCE = "```"
HEAD_KEYS = frozenset({"strategy"})
MAX_CHARACTERS = 40_000
"""Longest lesson file that is read."""


def read_lesson(file: Path) -> Lesson:
    """Read a lesson from a file. Raises: LessonError: the first mistake in it."""
    lines = _read(file).splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == HEAD_FENCE]
    if not fences or fences[0] != 0:
        raise LessonError(file, f"the first line must be {HEAD_FENCE}, then the head", 1)
    if len(fences) < 2:
        raise LessonError(file, f"the head is not closed by a second line {HEAD_FENCE}", len(lines))
    block = TomlBlock(file, "\n".join(lines[1 : fences[1]]), first_line=2)
    lesson = _head(file, TomlTable(block, block.values))
    reader = CardReader(lesson)
    cards = tuple(map(reader.read, _card_sources(lesson, lines, fences[1] + 1)))
    if not cards:
        raise LessonError(file, "has no text below its head", len(lines))
    return dataclasses.replace(lesson, cards=cards)


def _read(file: Path) -> str:
    try:
        if not file.is_file():  # reading a pipe would wait for ever
            raise LessonError(file, "is no file")
        with file.open(encoding="utf-8-sig") as text:
            content = text.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise LessonError(file, "is no text in UTF-8") from error
    except OSError as error:
        raise LessonError(file, f"cannot be read ({error.strerror})") from error
    if len(content) > MAX_CHARACTERS:
        raise LessonError(file, f"is longer than {MAX_CHARACTERS:,} characters")
    return content


def _head(file: Path, head: TomlTable) -> Lesson:
    title = head.required("title", head.text("title"))
    number = head.required("number", head.integer("number", 1, 999))
    strategy = head.required("strategy", head.text("strategy"))
    source = head.text("source") or ""
    try:
        Settings(strategy=strategy)
    except SettingsError as error:
        raise head.error("strategy", str(error).removeprefix("strategy: ")) from error
    settings = head.settings(
        "settings", {"strategy": strategy}, HEAD_KEYS, "belongs above the settings"
    )
    head.reject_unknown_keys()
    name = re.sub(r"^\d+-", "", file.stem)
    return Lesson(file, name, number, title, strategy, settings, source)


def _card_sources(lesson: Lesson, lines: list[str], start: int) -> list[CardSource]:
    """Split the text into cards; text above the first heading is a card of its own."""
    sources = [CardSource(lesson.title, start, [])]
    code = False
    for number, line in enumerate(lines[start:], start=start + 1):
        code ^= line.startswith(CODE_FENCE)
        if line.startswith(CARD_HEADING) and not code:
            sources.append(CardSource(line.removeprefix(CARD_HEADING).strip(), number, []))
        else:
            sources[-1].lines.append(line)
    return sources if any(map(str.strip, sources[0].lines)) else sources[1:]
