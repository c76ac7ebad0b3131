"""How far a learner is in a lesson, and what can be said of it; the guide alone changes it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.lessons.active_run import ActiveRun
from gui.lessons.answers import Answers, checked
from gui.lessons.expression import Claim
from gui.lessons.lesson import Card, ChoiceQuestion, Lesson, Question
from gui.lessons.run_result import RunResult
from gui.session import Session


class Progress(QObject):
    """The lesson and card at hand, the answers, and the runs that were made."""

    changed = Signal()
    """Another lesson or card, an answer, a run that began or ended."""
    card_changed = Signal()
    """Another card is at hand, or none; after `changed`."""
    tried = Signal(str, object)
    """(name, RunRecord) of what was tried outside of a lesson."""
    progressed = Signal()
    """The run under way took steps."""

    def __init__(self, session: Session, answers: Answers) -> None:
        super().__init__()
        self._session = session
        self.answers = answers
        self._lesson: Lesson | None = None
        self._index = 0
        self._records: dict[str, RunResult] = {}
        self._under_way: ActiveRun | None = None
        self._shown: set[str] = set()
        """Quiz questions whose answer was shown without an answer of the learner."""

    @property
    def lesson(self) -> Lesson | None:
        """The lesson at hand; None: none is."""
        return self._lesson

    @property
    def index(self) -> int:
        """Of the card at hand, from 0."""
        return self._index

    @property
    def count(self) -> int:
        """How many cards the lesson at hand has; 0 without one."""
        return 0 if self._lesson is None else len(self._lesson.cards)

    @property
    def card(self) -> Card | None:
        """The card at hand."""
        return None if self._lesson is None else self._lesson.cards[self._index]

    @property
    def records(self) -> dict[str, RunResult]:
        """The runs of this lesson that were made, by name."""
        return self._records

    @property
    def under_way(self) -> ActiveRun | None:
        """The run that has begun and not ended; it may be paused."""
        return self._under_way

    @property
    def busy(self) -> bool:
        """Whether a run is under way and not paused."""
        way = self._under_way
        return way is not None and (self._session.state.playing or way.ended_at is not None)

    def missing(self, card: Card) -> tuple[str, ...]:
        """Runs whose numbers a card shows and that were not made yet, in the lesson's order."""
        assert self._lesson is not None
        needed = card.needs.union(*(self._lesson.question(name).runs for name in card.reveal))
        if card.chart is not None:
            needed |= frozenset(card.chart.runs)
        own = {run.name for run in card.runs}
        return tuple(n for n in self._lesson.runs if n in needed - own and n not in self._records)

    def answer(self, question: Question) -> Any:
        """What the learner answered; None: nothing yet.

        Of a choice the index from 0, of a curve its points as [[step, value], …], of a cell
        [row, column].
        """
        assert self._lesson is not None
        return checked(question, self.answers.answer(self._lesson.key, question.name))

    def is_open(self, choice: ChoiceQuestion) -> bool:
        """Whether the right option of a quiz is to be seen."""
        return choice.name in self._shown or self.answer(choice) is not None

    def right_option(self, choice: ChoiceQuestion) -> int | None:
        """Index of the option that is right; None where the runs that decide are not made."""
        if choice.measure is None:
            return choice.answer
        if not choice.runs <= self._records.keys():
            return None
        value = choice.measure.value(self._records)
        return sum(value >= bound for bound in choice.below)

    def exceptions(self, card: Card) -> tuple[Claim, ...]:
        """What the card says on average and these runs do not bear out."""
        known = self._records.keys()
        return tuple(
            claim for claim in card.claims if claim.runs <= known and not claim.holds(self._records)
        )

    def altered(self, card: Card) -> bool:
        """Whether numbers on the card come from a run in which somebody changed a setting."""
        return any(self._records[name].altered for name in card.needs & self._records.keys())

    def is_done(self, lesson: Lesson) -> bool:
        """Whether its last card was read."""
        return len(lesson.cards) - 1 in self.answers.seen(lesson.key)

    def is_begun(self, lesson: Lesson) -> bool:
        """Whether any of its cards was read."""
        return bool(self.answers.seen(lesson.key))
