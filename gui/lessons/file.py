"""Lesson files, Markdown below a TOML head: reading, validation and lookup; without Qt."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Container, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from engine.protocol.settings import RESTARTS, SettingsError
from engine.protocol.shipped import RESOURCES
from gui.lessons.cause import Because
from gui.lessons.code_block import FENCE, FENCE_LINE, without_code
from gui.lessons.expression import TemplateError, placeholders
from gui.lessons.expression_text import claim_problem
from gui.lessons.lesson import Card, CardTable, Lesson, LessonHead, LessonRun, Question
from gui.lessons.suggestion import did_you_mean
from gui.lessons.toml_reader import KeyPath, LessonError, TomlBlock

FOLDER = RESOURCES / "lessons"
FILES = "[!.~]*.[mM][dD]"
"""Pattern of lessons' names: what systems and editors put beside them begins with . or ~."""
HEAD_FENCE = "+++"
CARD_HEADING = "## "
TOML_FENCE = f"{FENCE}toml"
_TOML_LINE = re.compile(rf"^ {{0,3}}{TOML_FENCE}", re.MULTILINE)
_CARD_PARTS = re.compile(
    r"(?:[ \t]*\n)*"
    r"(?:[ \t]*```toml[ \t]*\n(?P<toml>(?:.*\n)*?)[ \t]*```[ \t]*(?:\n|\Z)(?:[ \t]*\n)*)?"
    r"(?P<text>[\s\S]*)"
)
MAX_CHARACTERS = 40_000
"""Longest lesson file that is read."""
MAX_TEXT_CHARACTERS = 3000
"""Longest text of a card: with nesting or many formulas, a longer one takes seconds to lay out."""
MAX_REMEMBERED = 64
"""Lessons that are not read again as long as their text is the same, when another file is saved."""


def read_lesson(file: Path) -> Lesson:
    """Read a lesson from a file. Raises: LessonError: the first mistake in it."""
    return _parse(file, _read(file))


@lru_cache(maxsize=MAX_REMEMBERED)
def _parse(file: Path, content: str) -> Lesson:
    lines = content.splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == HEAD_FENCE]
    if not fences or fences[0] != 0:
        raise LessonError(file, f"the first line must be {HEAD_FENCE}, then the head", 1)
    if len(fences) < 2:
        raise LessonError(file, f"the head is not closed by a second line {HEAD_FENCE}", len(lines))
    block = TomlBlock(file, "\n".join(lines[1 : fences[1]]), first_line=2)
    head = block.read(LessonHead)
    strategy = {"strategy": head.strategy}
    block.check_settings((), strategy, {})
    block.check_settings(
        ("settings",), head.settings, strategy, frozenset(strategy), "belongs above the settings"
    )
    name = re.sub(r"^\d+-", "", file.stem)
    reader = CardReader(file, {**strategy, **head.settings})
    cards = tuple(reader.read(*card) for card in _card_sources(head.title, lines, fences[1] + 1))
    reader.check_questions()
    if not cards:
        raise LessonError(file, "has no text below its head", len(lines))
    return Lesson(file=file, name=name, cards=cards, **msgspec.structs.asdict(head))


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


def _card_sources(title: str, lines: list[str], start: int) -> list[tuple[str, int, list[str]]]:
    """Return (title, line of the heading, lines below) of each card.

    Text above the first heading is a card of its own.
    """
    sources: list[tuple[str, int, list[str]]] = [(title, start, [])]
    code = False
    for number, line in enumerate(lines[start:], start=start + 1):
        code ^= FENCE_LINE.match(line) is not None
        if line.startswith(CARD_HEADING) and not code:
            sources.append((line.removeprefix(CARD_HEADING).strip(), number, []))
        else:
            sources[-1][2].append(line)
    return sources if any(map(str.strip, sources[0][2])) else sources[1:]


class CardReader:
    """Reads cards in order, and knows the runs and questions of the earlier ones."""

    def __init__(self, file: Path, settings: Mapping[str, Any]) -> None:
        """Args: settings: of the lesson."""
        self._file, self._base = file, settings
        self._runs: dict[str, LessonRun] = {}
        self._questions: list[str] = []
        self._asked: list[tuple[TomlBlock, str, Question]] = []
        """Each question with its block and the key of its table: a later card may have its run."""

    def read(self, title: str, heading: int, lines: list[str]) -> Card:
        """Read the next card. Raises: LessonError: the first mistake in it.

        Args: heading: line number of its heading in the file, from 1.  lines: below it.
        """
        if not title:
            raise LessonError(self._file, "a card's heading is empty", heading)
        block, line, text = self._split("\n".join(lines), heading + 1)
        if len(text) > MAX_TEXT_CHARACTERS:
            problem = f"a card's text is at most {MAX_TEXT_CHARACTERS:,} characters long"
            raise LessonError(self._file, problem, line)
        if unclosed := FENCE_LINE.search(without_code(text)):
            at = line + without_code(text).count("\n", 0, unclosed.start())
            raise LessonError(self._file, f"code is not closed by a line {FENCE}", at)
        table = block.read(CardTable)
        reason = "begins a new run: that is for [[run]]"
        block.check_settings(("set",), table.settings, self._base, RESTARTS, reason)
        for index, run in enumerate(table.runs):
            block.check_settings(("run", index, "settings"), run.settings, self._base)
            _check_free(block, ("run", index, "name"), run.name, self._runs)
            self._runs[run.name] = run
        self._check_references(block, table)
        card = Card(title, text, line, **msgspec.structs.asdict(table))
        self._check_placeholders(card)
        return card

    def check_questions(self) -> None:
        """Check that the runs that decide questions stand somewhere. Raises: LessonError."""
        for block, key, question in self._asked:
            place = (key, "measure" if key == "choice" else "run")
            _check_known(block, place, question.runs, self._runs, "run", "in this lesson")

    def _split(self, body: str, first: int) -> tuple[TomlBlock, int, str]:
        """Return the TOML block, the line number at which the text begins, and the text."""
        parts = _CARD_PARTS.fullmatch(body)
        assert parts is not None
        line = first + body.count("\n", 0, parts.start("text"))
        if parts["text"].lstrip(" \t").startswith(TOML_FENCE):
            problem = f"{TOML_FENCE} is not closed by a line {FENCE}"
            raise LessonError(self._file, problem, line)
        if misplaced := _TOML_LINE.search(parts["text"]):
            at = line + parts["text"].count("\n", 0, misplaced.start())
            problem = f"{TOML_FENCE} stands once in a card, right below its heading"
            raise LessonError(self._file, problem, at)
        if parts["toml"] is None:
            return TomlBlock(self._file, "", line), line, parts["text"].rstrip()
        toml_line = first + body.count("\n", 0, parts.start("toml"))
        return TomlBlock(self._file, parts["toml"], toml_line), line, parts["text"].rstrip()

    def _check_references(self, block: TomlBlock, table: CardTable) -> None:
        """Check that what a card names stands on it or before, except the runs of its question."""
        _check_known(block, ("reveal",), table.reveal, self._questions, "question")
        for key in ("choice", "curve", "cell"):
            question = getattr(table, key)
            if question is not None:
                _check_free(block, (key, "name"), question.name, self._questions)
                self._questions.append(question.name)
                self._asked.append((block, key, question))
        for key, shown in (("chart", table.chart), ("table", table.table)):
            if shown is not None:
                _check_known(block, (key, "runs"), shown.runs, self._runs, "run")
        for key, claims in (("claims", table.claims), ("always", table.always)):
            for claim in claims:
                _check_known(block, (key,), claim.runs, self._runs, "run")
                if problem := claim_problem(claim):
                    raise block.error((key,), f"{claim}: {problem}")
        for index, because in enumerate(table.because):
            self._check_control(block, ("because", index), because)

    def _check_control(self, block: TomlBlock, path: KeyPath, because: Because) -> None:
        """Check that a run and its control differ in one setting, the cause."""
        starts = []
        for key, name in (("run", because.run), ("control", because.control)):
            _check_known(block, (*path, key), (name,), self._runs, "run")
            if self._runs[name].keep_settings:
                problem = f"{name!r} begins with the reader's settings: it can differ in any"
                raise block.error((*path, key), problem)
            try:
                starts.append(self._runs[name].start(self._base))
            except SettingsError as error:
                raise block.error((*path, key), f"{name!r}: {error}") from error
        found = starts[0].differences(starts[1])
        if len(found) != 1:
            how = f"differ in {len(found)} settings: {', '.join(found)}"
            raise block.error(
                (*path, "control"),
                f"{because.run!r} and {because.control!r} {how if found else 'are the same run'}; "
                "a control differs in one setting, the cause",
            )

    def _check_placeholders(self, card: Card) -> None:
        """Check the placeholders in a card's text, and the runs that they name."""
        try:
            for position, expression in placeholders(card.text):
                for run in expression.runs.difference(self._runs):
                    listed = f"there is {', '.join(self._runs) or 'none yet'}"
                    problem = f"{run}: there is no such run on this card or before; {listed}"
                    raise TemplateError(problem, position)
        except TemplateError as error:
            line = card.line + card.text.count("\n", 0, error.offset)
            raise LessonError(self._file, str(error), line) from error


def _check_free(block: TomlBlock, path: KeyPath, name: str, taken: Container[str]) -> None:
    if name in taken:
        raise block.error(path, f"{name!r} is taken by an earlier one")


def _check_known(
    block: TomlBlock, path: KeyPath, names: Iterable[str], known: Collection[str], kind: str,
    where: str = "on this card or before",
) -> None:  # fmt: skip
    for name in names:
        if name not in known:
            listed = ", ".join(known) or "none yet"
            problem = (
                f"there is no such {kind} {where}; {did_you_mean(name, known)}there is {listed}"
            )
            raise block.error(path, f"{name!r}: {problem}")


def load_lessons(folder: Path = FOLDER) -> tuple[tuple[Lesson, ...], tuple[LessonError, ...]]:
    """Return a folder's lessons, sorted by number, and the errors of invalid files.

    Of two files with the same number the one that was saved later is in error.
    """
    read: list[Lesson] = []
    errors = []
    for file in sorted(folder.glob(FILES)):
        try:
            read.append(read_lesson(file))
        except LessonError as error:
            errors.append(error)
    lessons: dict[int, Lesson] = {}
    free = next(number for number in itertools.count(1) if number not in {it.number for it in read})
    for lesson in sorted(read, key=lambda it: (_saved_at(it.file), it.file)):
        if lesson.number in lessons:
            other = lessons[lesson.number]
            problem = f"{lesson.number} is taken by {other.file.name}, “{other.title}”"
            line = _number_line(lesson.file)
            errors.append(LessonError(lesson.file, f"number: {problem}; {free} is free", line))
        lessons.setdefault(lesson.number, lesson)
    errors.sort(key=lambda error: error.file)
    return tuple(lessons[number] for number in sorted(lessons)), tuple(errors)


def _number_line(file: Path) -> int | None:
    """Return the line on which the head has its number; None: the file has changed meanwhile."""
    try:
        lines = enumerate(_read(file).splitlines(), start=1)
    except LessonError:
        return None
    return next((at for at, line in lines if re.match(r"\s*number\s*=", line)), None)


def _saved_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # it has gone meanwhile
        return 0.0


def find_lesson(name: str, folder: Path = FOLDER) -> Lesson:
    """Return the lesson of that name or number. Raises: LessonError: it lists all there are."""
    lessons, _ = load_lessons(folder)
    for lesson in lessons:
        if name in (lesson.name, str(lesson.number)):
            return lesson
    known = ", ".join(f"{lesson.number} {lesson.name}" for lesson in lessons)
    raise LessonError(folder, f"there is no lesson {name!r}; there are {known}")
