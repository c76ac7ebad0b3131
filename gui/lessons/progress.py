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
        self.lesson: Lesson | None = None
        self.index = 0
        """Index of the present card, from 0."""
        self.results: dict[str, RunResult] = {}
        """Results of the present lesson's finished runs, by name."""
        self.active_run: ActiveRun | None = None
        """The run that has begun and not ended; it may be paused."""
        self._revealed: set[str] = set()
        """Names of quiz questions whose answer was shown without an answer of the learner."""

    @property
    def count(self) -> int:
        """Number of the present lesson's cards; 0 without a lesson."""
        return 0 if self.lesson is None else len(self.lesson.cards)

    @property
    def card(self) -> Card | None:
        """The present card; None without a lesson."""
        return None if self.lesson is None else self.lesson.cards[self.index]

    @property
    def busy(self) -> bool:
        """True while a run is active and not paused."""
        active = self.active_run
        return active is not None and (self._session.state.playing or active.ended_at is not None)

    def missing_runs(self, card: Card) -> tuple[str, ...]:
        """Return the names of runs that a card needs and that have no result, in order."""
        assert self.lesson is not None
        needed = card.needs.union(*(self.lesson.question(name).runs for name in card.reveal))
        if card.chart is not None:
            needed |= frozenset(card.chart.runs)
        own = {run.name for run in card.runs}
        return tuple(n for n in self.lesson.runs if n in needed - own and n not in self.results)

    def answer(self, question: Question) -> Any:
        """Return the learner's answer; None: not answered.

        A choice is an index from 0, a curve a list [[step, value], …], a cell [row, column].
        """
        assert self.lesson is not None
        return valid_answer(question, self.answers.answer(self.lesson.key, question.name))

    def is_revealed(self, choice: ChoiceQuestion) -> bool:
        """Return whether the right option of a quiz is shown."""
        return choice.name in self._revealed or self.answer(choice) is not None

    def right_option(self, choice: ChoiceQuestion) -> int | None:
        """Return the index of the right option; None while a run that decides has no result."""
        if choice.measure is None:
            return choice.answer
        if not choice.runs <= self.results.keys():
            return None
        value = choice.measure.value(self.results)
        return sum(value >= bound for bound in choice.below)

    def failed_claims(self, card: Card) -> tuple[Claim, ...]:
        """Return the card's claims that the present results contradict."""
        known = self.results.keys()
        return tuple(
            claim
            for claim in (*card.claims, *card.always)
            if claim.runs <= known and not claim.holds(self.results)
        )

    def has_altered_runs(self, card: Card) -> bool:
        """Return whether the card uses a run in which the user changed a setting."""
        return any(self.results[name].altered for name in card.needs & self.results.keys())

    def is_done(self, lesson: Lesson) -> bool:
        """Return whether the lesson's last card was read."""
        return len(lesson.cards) - 1 in self.answers.seen(lesson.key)

    def is_begun(self, lesson: Lesson) -> bool:
        """Return whether any of the lesson's cards was read."""
        return bool(self.answers.seen(lesson.key))
