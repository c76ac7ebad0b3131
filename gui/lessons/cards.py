"""Reads the cards of a lesson one after another, and checks what they say of each other."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.protocol.settings import RESTARTS
from gui.lessons.expression import Claim, Expression, ExpressionError
from gui.lessons.highlight_targets import PARTS, is_part
from gui.lessons.lesson import (
    PAGES,
    Card,
    Chart,
    ChoiceQuestion,
    DrawnCurve,
    GuessedCell,
    Lesson,
    LessonRun,
    Question,
)
from gui.lessons.run_result import CURVES
from gui.lessons.template import TemplateError, places
from gui.lessons.toml_reader import LessonError, TomlBlock, TomlTable

TOML, CODE = "```toml", "```"
MAX_STEPS, MAX_SECONDS = 10_000, 60.0
STEPS, SECONDS = 300, 5.0
"""Of a run, where the lesson does not say."""
MOST_OPTIONS = 6
MOST_TEXT = 3000
"""Characters of a card's text: a longer one, nested or full of formulas, takes seconds to set."""
THERE_ARE = f"there are {', '.join(PARTS)}, and of a layer layer1, layer1.delta, head.lock …"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A card as it is written."""

    title: str
    line: int
    """Of its heading, in the file, from 1."""
    lines: list[str]
    """Below the heading."""


class CardReader:
    """Remembers the runs and questions of the cards before."""

    def __init__(self, lesson: Lesson) -> None:
        self._file = lesson.file
        self._base = {"strategy": lesson.strategy, **lesson.settings}
        self._runs: dict[str, LessonRun] = {}
        self._questions: list[str] = []

    def read(self, piece: Piece) -> Card:
        """The next card. Raises: LessonError."""
        if not piece.title:
            raise LessonError(self._file, "a card's heading is empty", piece.line)
        block, first, text = self._split(piece)
        if len(text) > MOST_TEXT:
            problem = f"a card's text is at most {MOST_TEXT:,} characters long"
            raise LessonError(self._file, problem, first)
        table = TomlTable(block, block.values)
        runs = tuple(map(self._run, table.tables("run")))
        question = self._question(table)
        reveal = table.texts("reveal")
        for name in reveal:
            self._known("reveal", name, self._questions, "question", table)
        if question is not None:
            self._name(question.name, self._questions, table)
            self._questions.append(question.name)
        claims = (*self._claims(table, "claims", False), *self._claims(table, "always", True))
        chart = self._chart(table.table("chart"))
        highlight = table.texts("highlight")
        for name in highlight:
            if not is_part(name):
                close = difflib.get_close_matches(name, PARTS, n=1)
                meant = f"did you mean {close[0]}?" if close else THERE_ARE
                raise table.error("highlight", f"{name!r} is no part of the window; {meant}")
        page = table.text("page") or ""
        if page and page not in PAGES:
            raise table.error("page", f"must be one of {', '.join(PAGES)}")
        card = Card(
            title=piece.title,
            text=text,
            highlight=highlight,
            page=page,
            settings=table.settings(
                "set", self._base, RESTARTS, "begins a new run: that is for [[run]]"
            ),
            runs=runs,
            question=question,
            reveal=reveal,
            chart=chart,
            claims=claims,
            needs=self._runs_in(text, first) | _all_runs(claims),
            line=first,
        )
        table.done()
        return card

    def _split(self, piece: Piece) -> tuple[TomlBlock, int, str]:
        """The TOML, the line of the file at which the text begins, and the text."""
        lines, top = piece.lines, 0
        while top < len(lines) and not lines[top].strip():
            top += 1
        line = piece.line + 1 + top
        if top == len(lines) or lines[top].strip() != TOML:
            return TomlBlock(self._file, "", line), line, "\n".join(lines[top:]).rstrip()
        closed = [n for n in range(top + 1, len(lines)) if lines[n].strip() == CODE]
        if not closed:
            raise LessonError(self._file, f"{TOML} is not closed by a line {CODE}", line)
        below = closed[0] + 1
        while below < len(lines) and not lines[below].strip():
            below += 1
        block = TomlBlock(self._file, "\n".join(lines[top + 1 : closed[0]]), line + 1)
        return block, piece.line + 1 + below, "\n".join(lines[below:]).rstrip()

    # ------------------------------------------------------------ parts of a card

    def _run(self, table: TomlTable) -> LessonRun:
        name = table.required("name", table.text("name"))
        self._name(name, self._runs, table)
        steps = table.whole("steps", 1, MAX_STEPS) or STEPS
        run = LessonRun(
            name=name,
            label=table.text("label") or f"Run {steps:,} step{'' if steps == 1 else 's'}",
            steps=steps,
            seconds=table.number("seconds", 0.0, MAX_SECONDS) or SECONDS,
            settings=table.settings("settings", self._base),
            short=table.text("short") or "",
        )
        table.done()
        self._runs[name] = run
        return run

    def _question(self, table: TomlTable) -> Question | None:
        readers: dict[str, Callable[[TomlTable], Question]] = {
            "choice": self._choice, "curve": self._curve, "cell": self._cell,
        }  # fmt: skip
        found = [(read, inner) for key, read in readers.items() if (inner := table.table(key))]
        for _, second in found[1:]:
            raise second.error("", "a card asks one question; give this one a card of its own")
        return found[0][0](found[0][1]) if found else None

    def _choice(self, table: TomlTable) -> ChoiceQuestion:
        name = table.required("name", table.text("name"))
        options = table.texts("options")
        if not 2 <= len(options) <= MOST_OPTIONS:
            raise table.error("options", f"must be 2 to {MOST_OPTIONS} texts")
        answer = table.whole("answer", 1, len(options))
        reasons, below = table.texts("reasons"), table.numbers("below")
        measure = table.text("measure")
        if (answer is None) == (measure is None):
            raise table.error("answer", "set either answer, or measure and below, not both")
        if answer is not None and len(reasons) != len(options):
            raise table.error("reasons", "must be one text for each option")
        if answer is None and reasons:
            raise table.error("reasons", "belong to a quiz; here the run decides")
        if measure is None and below:
            raise table.error("below", "belongs to measure")
        if measure is not None and len(below) != len(options) - 1:
            raise table.error("below", "must be one number fewer than there are options")
        expression = None if measure is None else self._expression(table, "measure", measure)
        table.done()
        index = None if answer is None else answer - 1
        return ChoiceQuestion(name, options, index, reasons, expression, below)

    def _curve(self, table: TomlTable) -> DrawnCurve:
        name = table.required("name", table.text("name"))
        curve = DrawnCurve(name, self._of(table), self._run_of(table))
        table.done()
        return curve

    def _cell(self, table: TomlTable) -> GuessedCell:
        name = table.required("name", table.text("name"))
        cell = GuessedCell(name, table.required("layer", table.text("layer")), self._run_of(table))
        table.done()
        return cell

    def _chart(self, table: TomlTable | None) -> Chart | None:
        if table is None:
            return None
        runs = table.texts("runs")
        if not runs:
            raise table.error("runs", "must name one run or more")
        for run in runs:
            self._known("runs", run, self._runs, "run", table)
        chart = Chart(self._of(table), runs)
        table.done()
        return chart

    def _claims(self, table: TomlTable, key: str, always: bool) -> tuple[Claim, ...]:
        claims = []
        for text in table.texts(key):
            try:
                claim = Claim(text, always)
            except ExpressionError as error:
                raise table.error(key, str(error)) from error
            for run in claim.runs:
                self._known(key, run, self._runs, "run", table)
            claims.append(claim)
        return tuple(claims)

    # ------------------------------------------------------------ what they have in common

    def _expression(self, table: TomlTable, key: str, text: str) -> Expression:
        try:
            expression = Expression(text)
        except ExpressionError as error:
            raise table.error(key, str(error)) from error
        for run in expression.runs:
            self._known(key, run, self._runs, "run", table)
        return expression

    def _of(self, table: TomlTable) -> str:
        of = table.required("of", table.text("of"))
        if of not in CURVES:
            raise table.error("of", f"must be one of {', '.join(CURVES)}")
        return of

    def _run_of(self, table: TomlTable) -> str:
        run = table.required("run", table.text("run"))
        self._known("run", run, self._runs, "run", table)
        return run

    def _runs_in(self, text: str, first_line: int) -> frozenset[str]:
        """The runs whose numbers a text shows. Raises: LessonError."""
        try:
            found = _all_runs(place.expression for place in places(text))
            for place in places(text):
                for run in place.expression.runs - self._runs.keys():
                    problem = f"{run}: there is no such run on this card or before"
                    raise TemplateError(problem, place.start)
        except TemplateError as error:
            line = first_line + text.count("\n", 0, error.offset)
            raise LessonError(self._file, str(error), line) from error
        return found

    def _name(self, name: str, taken: Iterable[str], table: TomlTable) -> None:
        if not _NAME.fullmatch(name):
            raise table.error("name", f"{name!r} must be small letters, digits and _")
        if name in taken:
            raise table.error("name", f"{name!r} is taken by an earlier one")

    def _known(
        self, key: str, name: str, known: Iterable[str], kind: str, table: TomlTable
    ) -> None:
        if name not in known:
            there = ", ".join(known) or "none yet"
            raise table.error(
                key, f"{name!r}: there is no such {kind} on this card or before; there is {there}"
            )


def _all_runs(parts: Iterable[Expression | Claim]) -> frozenset[str]:
    return frozenset().union(*(part.runs for part in parts))
