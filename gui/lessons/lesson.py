"""Data classes of a lesson: runs, questions, cards."""

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
"""Pages that a card can open: those below the stage, the step view, those in the stage's place,
and the calculator."""


@dataclass(frozen=True, slots=True)
class LessonRun:
    """A run that a card offers; all runs start from the same weights."""

    name: str
    label: str
    """Text of its button."""
    steps: int
    seconds: float
    """Duration of its training, slow enough to watch."""
    settings: Mapping[str, Any]
    """Settings that override the lesson's."""
    short: str = ""
    """Name in charts and remarks; empty: `name`."""

    @property
    def display_name(self) -> str:
        """Name for the reader: `short`, or `name` with spaces."""
        return self.short or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A multiple-choice question: a quiz, or a prediction that a run decides."""

    name: str
    options: tuple[str, ...]
    answer: int | None = None
    """Index of the right option; None: `measure` decides."""
    reasons: tuple[str, ...] = ()
    """Reason why each option of a quiz is right or wrong."""
    measure: Expression | None = None
    below: tuple[float, ...] = ()
    """Ascending bounds between the options: option i is right if i bounds are ≤ `measure`."""

    @property
    def runs(self) -> frozenset[str]:
        """Names of the runs that decide it."""
        return frozenset() if self.measure is None else self.measure.runs


COLUMNS = 41
"""Number of values of a drawn curve, evenly spaced over the steps from 0 to the last."""


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A question that the learner answers by dragging a curve."""

    name: str
    measure: str
    """Name of the curve, one of `gui.lessons.run_result.CURVES`."""
    run: str

    @property
    def runs(self) -> frozenset[str]:
        """Name of the run whose curve it is."""
        return frozenset((self.run,))


@dataclass(frozen=True, slots=True)
class GuessedCell:
    """The question which cell of a layer changes most, answered by a click on the stage."""

    name: str
    layer: str
    run: str

    @property
    def runs(self) -> frozenset[str]:
        """Name of the run that decides it."""
        return frozenset((self.run,))


Question = ChoiceQuestion | DrawnCurve | GuessedCell


@dataclass(frozen=True, slots=True)
class Chart:
    """One curve of several runs in one plot."""

    measure: str
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a lesson."""

    title: str
    text: str
    """Markdown with $formulas$, and measures in braces: {full.target|percent}."""
    highlight: tuple[str, ...] = ()
    """Parts of the window to highlight, see `gui.lessons.highlight_targets`."""
    page: str = ""
    """Page to open, one of `PAGES`; empty: leave as it is."""
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Settings in force while the card is shown."""
    runs: tuple[LessonRun, ...] = ()
    question: Question | None = None
    reveal: tuple[str, ...] = ()
    """Names of earlier questions whose answers it compares with the result."""
    chart: Chart | None = None
    claims: tuple[Claim, ...] = ()
    needs: frozenset[str] = frozenset()
    """Names of the runs whose numbers the card shows."""
    line: int = dataclasses.field(default=0, compare=False)
    """Line number in the file at which the text begins, from 1."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson: its settings and its cards."""

    file: Path
    name: str
    """The file's name without its number: full-fine-tuning."""
    number: int
    """Place in the series, from 1."""
    title: str
    strategy: str
    settings: Mapping[str, Any]
    """Fields of Settings shared by all runs of the lesson."""
    source: str
    """The paper or page that the method comes from; may be empty."""
    cards: tuple[Card, ...] = ()
    own: bool = False
    """True: it is from the user's own folder."""

    @property
    def key(self) -> str:
        """Key of the lesson in the file of answers."""
        return f"own/{self.name}" if self.own else self.name

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
        offered = () if catalogue is None else catalogue.strategies
        for info in offered:
            if info.name == wanted["strategy"]:
                plain |= info.defaults
        return plain | wanted

    @property
    def runs(self) -> dict[str, LessonRun]:
        """Runs by name, in the order of the cards."""
        return {run.name: run for card in self.cards for run in card.runs}

    def question(self, name: str) -> Question:
        """Return the question of that name. Raises: KeyError."""
        for card in self.cards:
            if card.question is not None and card.question.name == name:
                return card.question
        raise KeyError(name)
