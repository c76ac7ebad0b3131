"""Read side of the lesson controller: the present lesson and card, answers and results."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.lessons.active_run import ActiveRun
from gui.lessons.answers import Answers, valid_answer
from gui.lessons.expression import Claim
from gui.lessons.lesson import Card, ChoiceQuestion, Lesson, Question
from gui.lessons.run_result import RunResult
from gui.session import Session


class Progress(QObject):
    """The present lesson and card, the answers, and the results of the runs."""

    changed = Signal()
    """Emitted when the lesson, the card, an answer or the active run changes."""
    card_changed = Signal()
    """Emitted when another card or none is shown; after `changed`."""
    trial_finished = Signal(str, object)
    """Emitted with (name, RunResult) when a run outside of the lesson ends."""
    progressed = Signal()
    """Emitted when the active run took steps."""

    def __init__(self, session: Session, answers: Answers) -> None:
        super().__init__()
        self._session = session
        self.answers = answers
        self._lesson: Lesson | None = None
        self._index = 0
        self._results: dict[str, RunResult] = {}
        self._active_run: ActiveRun | None = None
        self._revealed: set[str] = set()
        """Names of quiz questions whose answer was shown without an answer of the learner."""

    @property
    def lesson(self) -> Lesson | None:
        """The present lesson; None: none is open."""
        return self._lesson

    @property
    def index(self) -> int:
        """Index of the present card, from 0."""
        return self._index

    @property
    def count(self) -> int:
        """Number of the present lesson's cards; 0 without a lesson."""
        return 0 if self._lesson is None else len(self._lesson.cards)

    @property
    def card(self) -> Card | None:
        """The present card; None without a lesson."""
        return None if self._lesson is None else self._lesson.cards[self._index]

    @property
    def results(self) -> dict[str, RunResult]:
        """Results of the present lesson's finished runs, by name."""
        return self._results

    @property
    def active_run(self) -> ActiveRun | None:
        """The run that has begun and not ended; it may be paused."""
        return self._active_run

    @property
    def busy(self) -> bool:
        """True while a run is active and not paused."""
        active = self._active_run
        return active is not None and (self._session.state.playing or active.ended_at is not None)

    def missing_runs(self, card: Card) -> tuple[str, ...]:
        """Return the names of runs that a card needs and that have no result, in order."""
        assert self._lesson is not None
        needed = card.needs.union(*(self._lesson.question(name).runs for name in card.reveal))
        if card.chart is not None:
            needed |= frozenset(card.chart.runs)
        own = {run.name for run in card.runs}
        return tuple(n for n in self._lesson.runs if n in needed - own and n not in self._results)

    def answer(self, question: Question) -> Any:
        """Return the learner's answer; None: not answered.

        A choice is an index from 0, a curve a list [[step, value], …], a cell [row, column].
        """
        assert self._lesson is not None
        return valid_answer(question, self.answers.answer(self._lesson.key, question.name))

    def is_revealed(self, choice: ChoiceQuestion) -> bool:
        """Return whether the right option of a quiz is shown."""
        return choice.name in self._revealed or self.answer(choice) is not None

    def right_option(self, choice: ChoiceQuestion) -> int | None:
        """Return the index of the right option; None while a run that decides has no result."""
        if choice.measure is None:
            return choice.answer
        if not choice.runs <= self._results.keys():
            return None
        value = choice.measure.value(self._results)
        return sum(value >= bound for bound in choice.below)

    def failed_claims(self, card: Card) -> tuple[Claim, ...]:
        """Return the card's claims that the present results contradict."""
        known = self._results.keys()
        return tuple(
            claim for claim in card.claims if claim.runs <= known and not claim.holds(self._results)
        )

    def has_altered_runs(self, card: Card) -> bool:
        """Return whether the card uses a run in which the user changed a setting."""
        return any(self._results[name].altered for name in card.needs & self._results.keys())

    def is_done(self, lesson: Lesson) -> bool:
        """Return whether the lesson's last card was read."""
        return len(lesson.cards) - 1 in self.answers.seen(lesson.key)

    def is_begun(self, lesson: Lesson) -> bool:
        """Return whether any of the lesson's cards was read."""
        return bool(self.answers.seen(lesson.key))
