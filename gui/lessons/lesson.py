"""What a lesson is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.lessons.expression import Claim, Expression

PAGES = (
    "curves", "spectrum", "scale", "merge", "step", "network", "compare", "choices", "costs",
)  # fmt: skip
"""What a card can open: a page below the stage, a step looked into, a page in the stage's place,
or the calculator."""


@dataclass(frozen=True, slots=True)
class LessonRun:
    """A run that a card offers: from the same initial weights, so many steps."""

    name: str
    label: str
    """Of its button."""
    steps: int
    seconds: float
    """That it takes, so that one can watch it."""
    settings: Mapping[str, Any]
    """On top of the lesson's."""
    short: str = ""
    """What charts and remarks call it; empty: its name."""

    @property
    def called(self) -> str:
        """For people: `short`, or the name with spaces."""
        return self.short or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A question with options: of a quiz, or one that a run decides."""

    name: str
    options: tuple[str, ...]
    answer: int | None = None
    """Index of the right option; None: `measure` decides."""
    reasons: tuple[str, ...] = ()
    """Of a quiz: why each option is right or wrong."""
    measure: Expression | None = None
    below: tuple[float, ...] = ()
    """Rising bounds between the options: the first is right where the measure is below the first.
    """

    @property
    def runs(self) -> frozenset[str]:
        """Runs that decide it."""
        return frozenset() if self.measure is None else self.measure.runs


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A question that the learner answers by dragging a curve."""

    name: str
    of: str
    """One of `gui.lessons.run_result.CURVES`."""
    run: str

    @property
    def runs(self) -> frozenset[str]:
        """The run whose curve it is."""
        return frozenset((self.run,))


@dataclass(frozen=True, slots=True)
class GuessedCell:
    """The question which cell of a layer will change most, answered on the stage."""

    name: str
    layer: str
    run: str

    @property
    def runs(self) -> frozenset[str]:
        """The run that decides it."""
        return frozenset((self.run,))


Question = ChoiceQuestion | DrawnCurve | GuessedCell


@dataclass(frozen=True, slots=True)
class Chart:
    """The same curve of several runs, over each other."""

    of: str
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One thought of a lesson, and what goes with it."""

    title: str
    text: str
    """Markdown with $formulas$, and measures in braces: {full.target|percent}."""
    highlight: tuple[str, ...] = ()
    """Parts of the window that it speaks of."""
    page: str = ""
    """One of `PAGES`; empty: as it is."""
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """In force while it is read."""
    runs: tuple[LessonRun, ...] = ()
    question: Question | None = None
    reveal: tuple[str, ...] = ()
    """Names of questions of earlier cards whose answers it shows beside what happened."""
    chart: Chart | None = None
    claims: tuple[Claim, ...] = ()
    needs: frozenset[str] = frozenset()
    """Names of the runs whose numbers it shows."""
    line: int = dataclasses.field(default=0, compare=False)
    """Of the file, at which its text begins, from 1."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: what it runs and what it says."""

    file: Path
    name: str
    """The file's name without its number: full-fine-tuning."""
    number: int
    """Place in the series, from 1."""
    title: str
    strategy: str
    settings: Mapping[str, Any]
    """Fields of Settings that every run of the lesson starts from."""
    source: str
    """The paper or page that the method comes from; may be empty."""
    cards: tuple[Card, ...] = ()
    own: bool = False
    """Whether it is of the user's own folder."""

    @property
    def key(self) -> str:
        """Under which answers are kept."""
        return f"own/{self.name}" if self.own else self.name

    def changes(
        self,
        catalogue: Catalogue | None = None,
        run: LessonRun | None = None,
        given: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Every field as the lesson, or one of its runs, wants it; the seed stays the user's.

        Args: catalogue: has what strategies bring.  given: what counts more than the lesson's own
        settings, but less than those of a run.
        """
        wanted = {
            "strategy": self.strategy,
            **self.settings,
            **given,
            **({} if run is None else run.settings),
        }
        plain = dataclasses.asdict(Settings())
        del plain["seed"]
        offered = () if catalogue is None else catalogue.strategies
        for info in offered:
            if info.name == wanted["strategy"]:
                plain |= info.defaults
        return plain | wanted

    def run(self, name: str) -> LessonRun:
        """The run of that name. Raises: KeyError."""
        return self.runs[name]

    @property
    def runs(self) -> dict[str, LessonRun]:
        """By name, in the order of the cards."""
        return {run.name: run for card in self.cards for run in card.runs}

    def question(self, name: str) -> Question:
        """The question of that name. Raises: KeyError."""
        for card in self.cards:
            if card.question is not None and card.question.name == name:
                return card.question
        raise KeyError(name)
