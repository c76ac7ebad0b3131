"""Reader of a lesson file, Markdown below a TOML head; validates all of it, without Qt."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

from engine.protocol.settings import RESTARTS
from gui.lessons.lesson import Card, CardTable, Lesson
from gui.lessons.template import TemplateError, placeholders
from gui.lessons.toml_reader import KeyPath, LessonError, Text, TomlBlock, TomlTable

HEAD_FENCE = "+++"
CARD_HEADING = "## "
TOML_FENCE, CODE_FENCE = "```toml", "```"
MAX_CHARACTERS = 40_000
"""Longest lesson file that is read."""
MAX_TEXT_CHARACTERS = 3000
"""Longest text of a card: with nesting or many formulas, a longer one takes seconds to lay out."""


class Head(TomlTable, frozen=True, kw_only=True):
    """Head of a lesson file; its fields are those of `Lesson`."""

    title: Text
    number: Annotated[int, Meta(ge=1, le=999)]
    strategy: Text
    source: Text = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CardSource:
    """A card's lines in the file."""

    title: str
    line: int
    """Line number of its heading in the file, from 1."""
    lines: list[str]
    """Lines below the heading."""


def read_lesson(file: Path) -> Lesson:
    """Read a lesson from a file. Raises: LessonError: the first mistake in it."""
    lines = _read(file).splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == HEAD_FENCE]
    if not fences or fences[0] != 0:
        raise LessonError(file, f"the first line must be {HEAD_FENCE}, then the head", 1)
    if len(fences) < 2:
        raise LessonError(file, f"the head is not closed by a second line {HEAD_FENCE}", len(lines))
    block = TomlBlock(file, "\n".join(lines[1 : fences[1]]), first_line=2)
    head = block.read(Head)
    strategy = {"strategy": head.strategy}
    block.check_settings((), strategy, {})
    block.check_settings(
        ("settings",), head.settings, strategy, frozenset(strategy), "belongs above the settings"
    )
    name = re.sub(r"^\d+-", "", file.stem)
    lesson = Lesson(file, name, **msgspec.structs.asdict(head))
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


class CardReader:
    """Reads cards in order, and knows the runs and questions of the earlier ones."""

    def __init__(self, lesson: Lesson) -> None:
        self._file = lesson.file
        self._base = {"strategy": lesson.strategy, **lesson.settings}
        self._runs: list[str] = []
        self._questions: list[str] = []

    def read(self, source: CardSource) -> Card:
        """Read the next card. Raises: LessonError: the first mistake in it."""
        if not source.title:
            raise LessonError(self._file, "a card's heading is empty", source.line)
        block, line, text = self._split(source)
        if len(text) > MAX_TEXT_CHARACTERS:
            problem = f"a card's text is at most {MAX_TEXT_CHARACTERS:,} characters long"
            raise LessonError(self._file, problem, line)
        table = block.read(CardTable)
        reason = "begins a new run: that is for [[run]]"
        block.check_settings(("set",), table.settings, self._base, RESTARTS, reason)
        for index, run in enumerate(table.runs):
            block.check_settings(("run", index, "settings"), run.settings, self._base)
            self._add_name(block, ("run", index, "name"), run.name, self._runs)
        self._check_references(block, table)
        card = Card(source.title, text, line, **msgspec.structs.asdict(table))
        self._check_placeholders(card)
        return card

    def _split(self, source: CardSource) -> tuple[TomlBlock, int, str]:
        """Return the TOML block, the line number at which the text begins, and the text."""
        lines = source.lines
        top = _first_filled(lines, 0)
        line = source.line + 1 + top
        if top == len(lines) or lines[top].strip() != TOML_FENCE:
            return TomlBlock(self._file, "", line), line, "\n".join(lines[top:]).rstrip()
        closed = [n for n in range(top + 1, len(lines)) if lines[n].strip() == CODE_FENCE]
        if not closed:
            raise LessonError(
                self._file, f"{TOML_FENCE} is not closed by a line {CODE_FENCE}", line
            )
        below = _first_filled(lines, closed[0] + 1)
        block = TomlBlock(self._file, "\n".join(lines[top + 1 : closed[0]]), line + 1)
        return block, source.line + 1 + below, "\n".join(lines[below:]).rstrip()

    def _check_references(self, block: TomlBlock, table: CardTable) -> None:
        """Check that the runs and questions that a card names stand on it or before."""
        _check_known(block, ("reveal",), table.reveal, self._questions, "question")
        for key in ("choice", "curve", "cell"):
            question = getattr(table, key)
            if question is not None:
                self._add_name(block, (key, "name"), question.name, self._questions)
                place = (key, "measure" if key == "choice" else "run")
                _check_known(block, place, question.runs, self._runs, "run")
        if table.chart is not None:
            _check_known(block, ("chart", "runs"), table.chart.runs, self._runs, "run")
        for key, claims in (("claims", table.claims), ("always", table.always)):
            for claim in claims:
                _check_known(block, (key,), claim.runs, self._runs, "run")

    def _check_placeholders(self, card: Card) -> None:
        """Check the placeholders in a card's text, and the runs that they name."""
        try:
            for place in placeholders(card.text):
                for run in place.expression.runs.difference(self._runs):
                    problem = f"{run}: there is no such run on this card or before"
                    raise TemplateError(problem, place.start)
        except TemplateError as error:
            line = card.line + card.text.count("\n", 0, error.offset)
            raise LessonError(self._file, str(error), line) from error

    def _add_name(self, block: TomlBlock, path: KeyPath, name: str, taken: list[str]) -> None:
        if name in taken:
            raise block.error(path, f"{name!r} is taken by an earlier one")
        taken.append(name)


def _first_filled(lines: list[str], start: int) -> int:
    """Return the index of the first line from `start` on that is not empty; else their number."""
    return next((n for n in range(start, len(lines)) if lines[n].strip()), len(lines))


def _check_known(
    block: TomlBlock, path: KeyPath, names: Iterable[str], known: list[str], kind: str
) -> None:
    for name in names:
        if name not in known:
            listed = ", ".join(known) or "none yet"
            problem = f"there is no such {kind} on this card or before; there is {listed}"
            raise block.error(path, f"{name!r}: {problem}")
