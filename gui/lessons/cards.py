"""Parser of a lesson's cards; checks each card's references to earlier ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.protocol.settings import RESTARTS
from gui.lessons.expression import Claim, Expression, ExpressionError
from gui.lessons.highlight_targets import TARGETS, is_target
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
from gui.lessons.template import TemplateError, placeholders
from gui.lessons.toml_reader import LessonError, TomlBlock, TomlTable

TOML_FENCE, CODE_FENCE = "```toml", "```"
MAX_STEPS, MAX_SECONDS = 10_000, 60.0
DEFAULT_STEPS, DEFAULT_SECONDS = 300, 5.0
"""Length of a run if the lesson does not set it."""
MAX_OPTIONS = 6
MAX_TEXT_CHARACTERS = 3000
"""Longest text of a card: with nesting or many formulas, a longer one takes seconds to lay out."""
TARGETS_HINT = f"there are {', '.join(TARGETS)}, and of a layer layer1, layer1.delta, head.lock …"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class CardSource:
    """A card's lines in the file."""

    title: str
    line: int
    """Line number of its heading in the file, from 1."""
    lines: list[str]
    """Lines below the heading."""


class CardReader:
    """Reads cards in order, and knows the runs and questions of the earlier ones."""

    def __init__(self, lesson: Lesson) -> None:
        self._file = lesson.file
        self._base = {"strategy": lesson.strategy, **lesson.settings}
        self._runs: dict[str, LessonRun] = {}
        self._questions: list[str] = []

    def read(self, source: CardSource) -> Card:
        """Read the next card. Raises: LessonError: the first mistake in it."""
        if not source.title:
            raise LessonError(self._file, "a card's heading is empty", source.line)
        block, first, text = self._split(source)
        if len(text) > MAX_TEXT_CHARACTERS:
            problem = f"a card's text is at most {MAX_TEXT_CHARACTERS:,} characters long"
            raise LessonError(self._file, problem, first)
        table = TomlTable(block, block.values)
        runs = tuple(map(self._read_run, table.tables("run")))
        question, reveal = self._read_questions(table)
        claims = (
            *self._read_claims(table, "claims", False),
            *self._read_claims(table, "always", True),
        )
        card = Card(
            title=source.title,
            text=text,
            chart=self._read_chart(table.table("chart")),
            highlight=self._read_highlight(table),
            page=self._read_page(table),
            settings=table.settings(
                "set", self._base, RESTARTS, "begins a new run: that is for [[run]]"
            ),
            runs=runs,
            question=question,
            reveal=reveal,
            claims=claims,
            needs=self._runs_in_text(text, first) | _run_names(claims),
            line=first,
        )
        table.reject_unknown_keys()
        return card

    def _split(self, source: CardSource) -> tuple[TomlBlock, int, str]:
        """Return the TOML block, the line number at which the text begins, and the text."""
        lines, top = source.lines, 0
        while top < len(lines) and not lines[top].strip():
            top += 1
        line = source.line + 1 + top
        if top == len(lines) or lines[top].strip() != TOML_FENCE:
            return TomlBlock(self._file, "", line), line, "\n".join(lines[top:]).rstrip()
        closed = [n for n in range(top + 1, len(lines)) if lines[n].strip() == CODE_FENCE]
        if not closed:
            raise LessonError(
                self._file, f"{TOML_FENCE} is not closed by a line {CODE_FENCE}", line
            )
        below = closed[0] + 1
        while below < len(lines) and not lines[below].strip():
            below += 1
        block = TomlBlock(self._file, "\n".join(lines[top + 1 : closed[0]]), line + 1)
        return block, source.line + 1 + below, "\n".join(lines[below:]).rstrip()

    # ------------------------------------------------------------ parts of a card

    def _read_run(self, table: TomlTable) -> LessonRun:
        name = table.required("name", table.text("name"))
        self._require_new_name(name, self._runs, table)
        steps = table.integer("steps", 1, MAX_STEPS) or DEFAULT_STEPS
        run = LessonRun(
            name=name,
            label=table.text("label") or f"Run {steps:,} step{'' if steps == 1 else 's'}",
            steps=steps,
            seconds=table.number("seconds", 0.0, MAX_SECONDS) or DEFAULT_SECONDS,
            settings=table.settings("settings", self._base),
            short=table.text("short") or "",
        )
        table.reject_unknown_keys()
        self._runs[name] = run
        return run

    def _read_questions(self, table: TomlTable) -> tuple[Question | None, tuple[str, ...]]:
        """Return the card's own question, and the names of those it reveals."""
        question = self._read_question(table)
        reveal = table.texts("reveal")
        for name in reveal:
            self._require_known("reveal", name, self._questions, "question", table)
        if question is not None:
            self._require_new_name(question.name, self._questions, table)
            self._questions.append(question.name)
        return question, reveal

    def _read_highlight(self, table: TomlTable) -> tuple[str, ...]:
        highlight = table.texts("highlight")
        for name in highlight:
            if not is_target(name):
                close = difflib.get_close_matches(name, TARGETS, n=1)
                suggestion = f"did you mean {close[0]}?" if close else TARGETS_HINT
                raise table.error("highlight", f"{name!r} is no part of the window; {suggestion}")
        return highlight

    def _read_page(self, table: TomlTable) -> str:
        page = table.text("page") or ""
        if page and page not in PAGES:
            raise table.error("page", f"must be one of {', '.join(PAGES)}")
        return page

    def _read_question(self, table: TomlTable) -> Question | None:
        readers: dict[str, Callable[[TomlTable], Question]] = {
            "choice": self._read_choice, "curve": self._read_curve, "cell": self._read_cell,
        }  # fmt: skip
        tables = [(read, inner) for key, read in readers.items() if (inner := table.table(key))]
        for _, second in tables[1:]:
            raise second.error("", "a card asks one question; give this one a card of its own")
        return tables[0][0](tables[0][1]) if tables else None

    def _read_choice(self, table: TomlTable) -> ChoiceQuestion:
        name = table.required("name", table.text("name"))
        options = table.texts("options")
        if not 2 <= len(options) <= MAX_OPTIONS:
            raise table.error("options", f"must be 2 to {MAX_OPTIONS} texts")
        answer = table.integer("answer", 1, len(options))
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
        expression = None if measure is None else self._read_expression(table, "measure", measure)
        table.reject_unknown_keys()
        index = None if answer is None else answer - 1
        return ChoiceQuestion(name, options, index, reasons, expression, below)

    def _read_curve(self, table: TomlTable) -> DrawnCurve:
        name = table.required("name", table.text("name"))
        curve = DrawnCurve(name, self._measure(table), self._known_run(table))
        table.reject_unknown_keys()
        return curve

    def _read_cell(self, table: TomlTable) -> GuessedCell:
        name = table.required("name", table.text("name"))
        cell = GuessedCell(
            name, table.required("layer", table.text("layer")), self._known_run(table)
        )
        table.reject_unknown_keys()
        return cell

    def _read_chart(self, table: TomlTable | None) -> Chart | None:
        if table is None:
            return None
        runs = table.texts("runs")
        if not runs:
            raise table.error("runs", "must name one run or more")
        for run in runs:
            self._require_known("runs", run, self._runs, "run", table)
        chart = Chart(self._measure(table), runs)
        table.reject_unknown_keys()
        return chart

    def _read_claims(self, table: TomlTable, key: str, always: bool) -> tuple[Claim, ...]:
        claims = []
        for text in table.texts(key):
            try:
                claim = Claim(text, always)
            except ExpressionError as error:
                raise table.error(key, str(error)) from error
            for run in claim.runs:
                self._require_known(key, run, self._runs, "run", table)
            claims.append(claim)
        return tuple(claims)

    # ------------------------------------------------------------ shared by these

    def _read_expression(self, table: TomlTable, key: str, text: str) -> Expression:
        try:
            expression = Expression(text)
        except ExpressionError as error:
            raise table.error(key, str(error)) from error
        for run in expression.runs:
            self._require_known(key, run, self._runs, "run", table)
        return expression

    def _measure(self, table: TomlTable) -> str:
        measure = table.required("of", table.text("of"))
        if measure not in CURVES:
            raise table.error("of", f"must be one of {', '.join(CURVES)}")
        return measure

    def _known_run(self, table: TomlTable) -> str:
        run = table.required("run", table.text("run"))
        self._require_known("run", run, self._runs, "run", table)
        return run

    def _runs_in_text(self, text: str, first_line: int) -> frozenset[str]:
        """Return the names of the runs that a text's placeholders use. Raises: LessonError."""
        try:
            runs = _run_names(place.expression for place in placeholders(text))
            for place in placeholders(text):
                for run in place.expression.runs - self._runs.keys():
                    problem = f"{run}: there is no such run on this card or before"
                    raise TemplateError(problem, place.start)
        except TemplateError as error:
            line = first_line + text.count("\n", 0, error.offset)
            raise LessonError(self._file, str(error), line) from error
        return runs

    def _require_new_name(self, name: str, taken: Iterable[str], table: TomlTable) -> None:
        if not _NAME.fullmatch(name):
            raise table.error("name", f"{name!r} must be small letters, digits and _")
        if name in taken:
            raise table.error("name", f"{name!r} is taken by an earlier one")

    def _require_known(
        self, key: str, name: str, known: Iterable[str], kind: str, table: TomlTable
    ) -> None:
        if name not in known:
            listed = ", ".join(known) or "none yet"
            raise table.error(
                key, f"{name!r}: there is no such {kind} on this card or before; there is {listed}"
            )


def _run_names(parts: Iterable[Expression | Claim]) -> frozenset[str]:
    return frozenset().union(*(part.runs for part in parts))
