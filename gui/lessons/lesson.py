"""Data classes of a lesson: runs, questions, cards, as its file has them."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, field

from engine.protocol.catalogue import find_named
from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.lessons.cause import Because, RunStart
from gui.lessons.code_block import without_code
from gui.lessons.expression import Claim, Expression, Results, placeholders
from gui.lessons.expression_text import expression_kind, range_problem
from gui.lessons.filled_plan import FilledPlan
from gui.lessons.highlight_targets import Target
from gui.lessons.measure_column import MeasureColumn
from gui.lessons.run_result import CurveName
from gui.lessons.toml_reader import Name, TableError, Text, TomlTable

Page = Literal[
    "curves", "spectrum", "scale", "merge", "step", "network", "compare", "choices", "costs"
]
PAGES: tuple[Page, ...] = get_args(Page)
"""Pages that a card can open: those beside the stage, the step view, those in the stage's place."""
Level = Literal["", "basics", "methods", "practice"]
LEVELS = {"basics": "Basics", "methods": "Methods", "practice": "In practice"}
"""Level of a lesson -> its heading in the list."""
WORDS_PER_MINUTE = 130
CARD_SECONDS, QUESTION_SECONDS = 15, 30
"""Seconds to look at the stage of a card, and to answer a question."""
MAX_STEPS, MAX_SECONDS = 10_000, 60.0
MAX_OPTIONS = 6


class LessonRun(TomlTable, frozen=True, kw_only=True):
    """A run that a card offers; all runs start from the same weights."""

    name: Name
    label: Text = ""
    """Text of its button; empty: the number of its steps."""
    steps: Annotated[int, Meta(ge=1, le=MAX_STEPS)] = 300
    seconds: Annotated[float, Meta(gt=0.0, le=MAX_SECONDS)] = 5.0
    """Duration of its training, slow enough to watch."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings that override the lesson's."""
    short: Text = ""
    """Name in charts and remarks; empty: `name`."""
    keep_settings: bool = False
    """True: it begins with the settings at hand, which the reader has chosen."""

    @property
    def display_name(self) -> str:
        """Name for the reader: `short`, or `name` with spaces."""
        return self.short or self.name.replace("_", " ")

    def start(self, base: Mapping[str, Any]) -> RunStart:
        """Return what decides it. Args: base: strategy and settings of the lesson."""
        return RunStart.of({**base, **self.settings}, self.steps)


class ChoiceQuestion(TomlTable, frozen=True, kw_only=True):
    """A multiple-choice question: a quiz, or a prediction that a run decides."""

    name: Name
    options: tuple[Text, ...]
    number: Annotated[int, Meta(ge=1, le=MAX_OPTIONS)] | None = field(default=None, name="answer")
    """Number of the right option, from 1; None: `measure` decides."""
    reasons: tuple[Text, ...] = ()
    """Reason why each option of a quiz is right or wrong."""
    measure: Expression | None = None
    below: tuple[float, ...] = ()
    """Ascending bounds between the options: option i is right if i bounds are ≤ `measure`."""

    def __post_init__(self) -> None:
        """Check that the values go together. Raises: TableError."""
        count, quiz, below = len(self.options), self.number is not None, self.below
        rising = all(low < high for low, high in itertools.pairwise(below))
        kind = "number" if self.measure is None else expression_kind(self.measure)
        unreachable = next(filter(None, (range_problem(kind, bound) for bound in below)), "")
        for wrong, key, problem in (
            (not 2 <= count <= MAX_OPTIONS, "options", f"must be 2 to {MAX_OPTIONS} texts"),
            (quiz == (self.measure is not None), "answer",
             "set either answer, or measure and below, not both"),
            ((self.number or 0) > count, "answer", f"must be a whole number from 1 to {count}"),
            (quiz and len(self.reasons) != count, "reasons", "must be one text for each option"),
            (not quiz and self.reasons, "reasons", "belong to a quiz; here the run decides"),
            (quiz and below, "below", "belongs to measure"),
            (not quiz and len(below) != count - 1, "below",
             "must be one number fewer than there are options"),
            (not rising or not all(map(math.isfinite, below)), "below",
             "must be a list of rising numbers"),
            (bool(unreachable), "below", unreachable),
        ):  # fmt: skip
            if wrong:
                raise TableError(key, problem)

    @property
    def answer(self) -> int | None:
        """Index of the right option of a quiz."""
        return None if self.number is None else self.number - 1

    @property
    def runs(self) -> frozenset[str]:
        """Names of the runs that decide it."""
        return frozenset() if self.measure is None else self.measure.runs

    def right_option(self, results: Results) -> int | None:
        """Return the index of the right option; None while a run that decides has no result."""
        if self.measure is None or not self.runs <= results.keys():
            return self.answer
        value = self.measure.value(results)
        return sum(value >= bound for bound in self.below)


COLUMNS = 41
"""Number of values of a drawn curve, evenly spaced over the steps from 0 to the last."""


class OneRunQuestion(TomlTable, frozen=True, kw_only=True):
    """A question that one run decides."""

    name: Name
    run: Text

    @property
    def runs(self) -> frozenset[str]:
        """Names of the runs that decide it."""
        return frozenset((self.run,))


class DrawnCurve(OneRunQuestion, frozen=True, kw_only=True):
    """A question that the learner answers by dragging a curve."""

    measure: CurveName = field(name="of")


class GuessedCell(OneRunQuestion, frozen=True, kw_only=True):
    """The question which cell of a layer changes most, answered by a click on the stage."""

    layer: Text
    column: bool = False
    """True: which column does, whatever its row."""


Question = ChoiceQuestion | DrawnCurve | GuessedCell


class Chart(TomlTable, frozen=True, kw_only=True):
    """One curve of several runs in one plot."""

    measure: CurveName = field(name="of")
    runs: tuple[Text, ...]

    def __post_init__(self) -> None:
        """Check that it has a curve. Raises: TableError."""
        if not self.runs:
            raise TableError("runs", "must name one run or more")


class RunTable(TomlTable, frozen=True, kw_only=True):
    """Numbers of several runs, a run a row; it fills as they end."""

    runs: tuple[Text, ...]
    columns: tuple[MeasureColumn, ...]
    """Measures."""

    def __post_init__(self) -> None:
        """Check that it has rows and columns. Raises: TableError."""
        for key, most in (("runs", MAX_ROWS), ("columns", MAX_COLUMNS)):
            if not 1 <= len(getattr(self, key)) <= most:
                raise TableError(key, f"must be 1 to {most} texts")


MAX_ROWS, MAX_COLUMNS = 12, 3
OWN_COLUMNS = (MeasureColumn("loss"), MeasureColumn("target"), MeasureColumn("source"))
"""Columns of the runs with the reader's settings on a card without a table of its own."""
RUNS_TOGETHER = 3
"""Runs of a card that one button starts, if its table has them all."""


class CardTable(TomlTable, frozen=True, kw_only=True):
    """What a card does: the block of TOML above its text."""

    highlight: tuple[Target, ...] = ()
    """Parts of the window to highlight."""
    page: Page | Literal[""] = ""
    """Page to open; empty: leave as it is."""
    settings: dict[str, Any] = field(default_factory=dict, name="set")
    """Settings in force while the card is shown."""
    plan: FilledPlan = field(default_factory=FilledPlan)
    """What it fills in on the costs page."""
    runs: tuple[LessonRun, ...] = field(default=(), name="run")
    choice: ChoiceQuestion | None = None
    curve: DrawnCurve | None = None
    cell: GuessedCell | None = None
    reveal: tuple[Text, ...] = ()
    """Names of earlier questions whose answers it compares with the result."""
    chart: Chart | None = None
    table: RunTable | None = None
    notes: Text = ""
    """What the speaker alone sees before a room, in Markdown."""
    claims: tuple[Claim, ...] = ()
    """What the text says, on average over seeds."""
    always: tuple[Claim, ...] = ()
    """What it says of every run."""
    because: tuple[Because, ...] = ()
    """What it says of causes, each held by a control."""

    def __post_init__(self) -> None:
        """Check that it asks one question at most. Raises: TableError."""
        asked = [key for key in ("choice", "curve", "cell") if getattr(self, key) is not None]
        if len(asked) > 1:
            raise TableError(
                asked[1],
                f"a card asks one question, and here [{asked[0]}] asks one: put [{asked[1]}] on a "
                "card of its own; both can stand before the run that decides them",
            )

    @property
    def question(self) -> Question | None:
        """The question it asks."""
        return self.choice or self.curve or self.cell

    @property
    def lesson_runs(self) -> tuple[LessonRun, ...]:
        """The runs with settings of the lesson, not of the reader."""
        return tuple(run for run in self.runs if not run.keep_settings)

    @property
    def shown_table(self) -> RunTable | None:
        """Its table; without one, that of the runs with the reader's settings, if it has any."""
        own = tuple(run.name for run in self.runs if run.keep_settings)
        if self.table is not None or not own:
            return self.table
        return RunTable(runs=own, columns=OWN_COLUMNS)

    @property
    def runs_together(self) -> bool:
        """Whether one button makes all of its runs: a table tells them apart."""
        names = {run.name for run in self.lesson_runs}
        rows = () if self.table is None else self.table.runs
        return len(names) >= RUNS_TOGETHER and names.issubset(rows)

    @property
    def shown_runs(self) -> frozenset[str]:
        """Names of the runs in its chart and its table."""
        return frozenset().union(*(part.runs for part in (self.chart, self.table) if part))

    @property
    def quiz(self) -> ChoiceQuestion | None:
        """The question it asks, if it has a right option whatever the runs show."""
        return None if self.choice is None or self.choice.answer is None else self.choice

    def failed_claims(self, results: Results) -> list[Claim]:
        """Return the claims that these results contradict."""
        causes = (because.claim for because in self.because)
        all_claims = (*self.claims, *self.always, *causes)
        made = (claim for claim in all_claims if claim.runs <= results.keys())
        return [claim for claim in made if not claim.holds(results)]


class Card(CardTable, frozen=True):
    """One card of a lesson."""

    title: str
    text: str
    """Markdown with $formulas$, and measures in braces: {full.target|percent}."""
    line: int = 0
    """Line number in the file at which the text begins, from 1."""

    @property
    def needs(self) -> frozenset[str]:
        """Names of the runs whose numbers the card shows."""
        expressions = (expression for _, expression in placeholders(self.text))
        causes = (because.claim for because in self.because)
        parts: tuple[Expression | Claim, ...] = (
            *expressions, *self.claims, *self.always, *causes
        )  # fmt: skip
        return frozenset().union(*(part.runs for part in parts))


class LessonHead(TomlTable, frozen=True, kw_only=True):
    """Head of a lesson's file."""

    title: Text
    number: Annotated[int, Meta(ge=1, le=999)]
    """Place in the series, from 1."""
    strategy: Text
    source: Text = ""
    """The paper or page that the method comes from."""
    goal: Text = ""
    """What one can do or tell after the lesson, in a short sentence, for the list of lessons."""
    level: Level = ""
    """Its part of the list; empty: that of the lesson before it."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Fields of Settings shared by all runs of the lesson."""


class Lesson(LessonHead, frozen=True, kw_only=True):
    """A lesson: its settings and its cards."""

    file: Path
    name: str
    """The file's name without its number: full-fine-tuning."""
    cards: tuple[Card, ...] = ()
    own: bool = False
    """True: it is from the user's own folder."""

    @property
    def key(self) -> str:
        """Key of the lesson in the file of answers."""
        return f"own/{self.name}" if self.own else self.name

    @property
    def minutes(self) -> int:
        """How long the lesson takes: to read, to look, to answer, and to watch its runs."""
        words = sum(len(without_code(card.text).split()) for card in self.cards)
        watched = sum(run.seconds for run in self.runs.values())
        seconds = CARD_SECONDS * len(self.cards) + QUESTION_SECONDS * len(self.questions) + watched
        return max(1, round(words / WORDS_PER_MINUTE + seconds / 60))

    def changes(
        self,
        catalogue: Catalogue | None = None,
        run: LessonRun | None = None,
        overrides: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Return all settings of the lesson or of one of its runs, except the user's seed.

        Args: catalogue: provides the strategies' defaults.  run: None: the lesson itself.
        overrides: take precedence over the lesson's own settings, but not over the run's.
        """
        wanted = {
            "strategy": self.strategy,
            **self.settings,
            **overrides,
            **({} if run is None else run.settings),
        }
        plain = dataclasses.asdict(Settings())
        del plain["seed"]
        info = None if catalogue is None else find_named(catalogue.strategies, wanted["strategy"])
        return {**plain, **({} if info is None else info.defaults), **wanted}

    @property
    def runs(self) -> dict[str, LessonRun]:
        """Runs by name, in the order of the cards."""
        return {run.name: run for card in self.cards for run in card.runs}

    @property
    def questions(self) -> dict[str, Question]:
        """Questions by name, in the order of the cards."""
        asked = (card.question for card in self.cards)
        return {question.name: question for question in asked if question is not None}

    def differences(self, run: str, control: str) -> tuple[str, ...]:
        """Return the settings in which two of its runs differ. Args: run, control: their names."""
        return self.start(run).differences(self.start(control))

    def start(self, run: str) -> RunStart:
        """Return what decides a run. Args: run: its name."""
        return self.runs[run].start({"strategy": self.strategy, **self.settings})

    def cause_of(self, control: str) -> Because | None:
        """Return the first claim that a run is the control of; None: it is none."""
        causes = (because for card in self.cards for because in card.because)
        return next((because for because in causes if because.control == control), None)

    def runs_told_by(self, card: Card) -> frozenset[str]:
        """Return the names of the runs whose numbers a card tells, in answers to questions too."""
        return card.needs.union(*(self.questions[name].runs for name in card.reveal))

    def missing_runs(self, card: Card, results: Results) -> tuple[str, ...]:
        """Return the names of earlier runs that a card needs and that have no result, in order."""
        chosen = {name for name, run in self.runs.items() if run.keep_settings}
        needed = self.runs_told_by(card) | card.shown_runs - chosen
        own = {run.name for run in card.runs}
        return tuple(name for name in self.runs if name in needed - own and name not in results)

    def card_asking(self, question: Question) -> Card:
        """Return the card that asks a question of this lesson."""
        return next(card for card in self.cards if card.question == question)
