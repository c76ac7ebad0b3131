"""Leads through a lesson: which card is at hand, what was answered, which runs were made."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from engine.protocol.messages import Diverged, Frame, Reached, StoppedEarly
from engine.protocol.settings import Settings
from gui.lessons.answers import Answers, checked
from gui.lessons.expression import Claim
from gui.lessons.lesson import Card, Choice, Lesson, Question, Run
from gui.lessons.record import RunRecord
from gui.lessons.under_way import UnderWay
from gui.record import Record, rows_of
from gui.session import Session

TRIAL_STEPS, TRIAL_SECONDS = 300, 4.0
"""Of what is tried outside of a lesson."""


class Guide(QObject):
    """The one object that knows how far the learner is; widgets show it and call its verbs."""

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
        self._before: Settings | None = None
        """What the user had before the lesson."""
        self._borrowed: dict[str, Any] = {}
        """Settings that the card changed, as they were."""
        self._records: dict[str, RunRecord] = {}
        self._under_way: UnderWay | None = None
        self._speed_before = self._speed_set = 0.0
        self._waiting: list[str] = []
        """Runs to make one after another."""
        self._shown: set[str] = set()
        """Quiz questions whose answer was shown without an answer of the learner."""
        session.frame_changed.connect(self._on_session_frame_changed)
        session.reached.connect(self._on_session_reached)
        session.stopped_early.connect(self._on_session_stopped_early)
        session.lost.connect(self._on_session_lost)
        session.playing_changed.connect(self._on_session_playing_changed)

    # ------------------------------------------------------------ what there is to know

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
    def records(self) -> dict[str, RunRecord]:
        """The runs of this lesson that were made, by name."""
        return self._records

    @property
    def under_way(self) -> UnderWay | None:
        """The run that has begun and not ended; it may be paused."""
        return self._under_way

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

    def is_open(self, choice: Choice) -> bool:
        """Whether the right option of a quiz is to be seen."""
        return choice.name in self._shown or self.answer(choice) is not None

    def right_option(self, choice: Choice) -> int | None:
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

    # ------------------------------------------------------------ verbs

    def enter(self, lesson: Lesson, index: int = 0) -> None:
        """Take up a lesson: its settings come into force, its runs are yet to be made."""
        if self._before is None:
            self._before = self._session.settings
        self._stop_runs()
        self._records.clear()
        self._shown.clear()
        self._borrowed.clear()
        self._lesson = lesson
        self._session.update(**lesson.changes(self._session.catalogue))
        self._arrive(index)

    def leave(self) -> None:
        """Put the lesson away; the settings are again as they were before it."""
        if self._lesson is None:
            return
        self._stop_runs()
        self._lesson, self._borrowed = None, {}
        before, self._before = self._before, None
        self._records.clear()
        if before is not None:
            self._session.update(**dataclasses.asdict(before))
        self._tell(card=True)

    def renew(self, lesson: Lesson) -> None:
        """Show what became of the lesson's file; runs and answers stay where they still fit."""
        if self._lesson is None or self._lesson.key != lesson.key:
            return
        old = self._lesson.runs
        for name in list(self._records):
            if lesson.runs.get(name) != old[name] or lesson.settings != self._lesson.settings:
                del self._records[name]
        self._waiting = [name for name in self._waiting if name in lesson.runs]
        self._lesson = lesson
        self._index = min(self._index, len(lesson.cards) - 1)
        self._tell(card=True)

    def go(self, index: int) -> None:
        """Turn to a card."""
        if self._lesson is not None and index != self._index and 0 <= index < self.count:
            self._give_back()
            self._arrive(index)

    @Slot()
    def next(self) -> None:
        """Turn to the next card."""
        self.go(self._index + 1)

    @Slot()
    def back(self) -> None:
        """Turn to the card before."""
        self.go(self._index - 1)

    @Slot()
    def advance(self) -> None:
        """What a lecturer's clicker does: the card's run, a quiz's answer, then the next card.

        A run under way is hurried to its end.
        """
        card = self.card
        if card is None:
            return
        if self._under_way is not None and self._session.playing:
            self._session.set_speed(0.0)
            return
        coming = next((run.name for run in card.runs if run.name not in self._records), None)
        quiz = card.question
        if coming is not None:
            self.run(coming)
        elif isinstance(quiz, Choice) and quiz.answer is not None and not self.is_open(quiz):
            self.show_answer()
        else:
            self.next()

    def run(self, name: str) -> None:
        """Make a run, or go on with it where it was paused."""
        assert self._lesson is not None
        run = self._lesson.run(name)
        way = self._under_way
        paused = way is not None and way.run == run and not self._session.playing
        if paused and way is not None and way.ended_at is None:
            self._session.play(run.steps)
            return
        self._stop_runs()
        self._begin(run, self._lesson.changes(self._session.catalogue, run))

    def run_missing(self) -> None:
        """Make the runs whose numbers the card shows."""
        if self.card is not None:
            self._stop_runs()
            self._waiting = list(self.missing(self.card))
            self._run_next()

    def try_out(self, name: str, changes: dict[str, Any]) -> None:
        """Train under other settings, outside of the lesson; `tried` tells what came of it."""
        self._stop_runs()
        self._begin(Run(name, "", TRIAL_STEPS, TRIAL_SECONDS, {}), changes, trial=True)

    def commit(self, value: Any) -> None:
        """Answer the card's question; an answer stays."""
        card, lesson = self.card, self._lesson
        if card is None or lesson is None or card.question is None:
            return
        if self.answer(card.question) is None and checked(card.question, value) is not None:
            self.answers.keep(lesson.key, card.question.name, value)
            self._tell()

    def show_answer(self) -> None:
        """Show the right option of the card's quiz, whether or not it was answered."""
        if self.card is not None and self.card.question is not None:
            self._shown.add(self.card.question.name)
            self._tell()

    def clear(self) -> None:
        """Forget all answers and how far one came, in every lesson."""
        self.answers.clear()
        self._shown.clear()
        self._tell()

    # ------------------------------------------------------------ how it goes

    def _arrive(self, index: int) -> None:
        assert self._lesson is not None
        self._index = index
        card = self._lesson.cards[index]
        if card.settings:
            now = self._session.settings
            self._borrowed = {name: getattr(now, name) for name in card.settings}
            self._session.update(**card.settings)
        self.answers.see(self._lesson.key, index)
        self._tell(card=True)

    def _give_back(self) -> None:
        borrowed, self._borrowed = self._borrowed, {}
        if borrowed:
            self._session.update(**borrowed)

    def _begin(self, run: Run, changes: dict[str, Any], *, trial: bool = False) -> None:
        session = self._session
        self._borrowed = {}  # the run's own settings take their place
        self._records.pop(run.name, None)
        before = 0 if session.frame is None else session.frame.run
        session.update(**changes)
        session.reset()
        self._under_way = UnderWay(run, session.settings, before, trial=trial)
        self._speed_before, self._speed_set = session.speed, run.steps / run.seconds
        session.set_speed(self._speed_set)
        session.play(run.steps)
        self._tell()

    def _run_next(self) -> None:
        if self._waiting and self._lesson is not None:
            run = self._lesson.run(self._waiting.pop(0))
            self._begin(run, self._lesson.changes(self._session.catalogue, run))

    def _stop_runs(self) -> None:
        self._waiting.clear()
        if self._under_way is not None:
            self._session.pause()
            self._leave_run()

    def _leave_run(self) -> None:
        self._under_way = None
        if self._session.speed == self._speed_set:
            self._session.set_speed(self._speed_before)

    def _keep(self, way: UnderWay, frame: Frame) -> None:
        record = RunRecord(frame, way.curves, way.lost, way.altered)
        lesson = self._lesson
        if lesson is not None and not way.trial and lesson.runs.get(way.run.name) == way.run:
            self._records[way.run.name] = record  # its file may have changed meanwhile
        self._leave_run()
        self._tell()
        if way.trial:
            self.tried.emit(way.run.name, record)
        self._run_next()

    def _tell(self, *, card: bool = False) -> None:
        self.changed.emit()
        if card:
            self.card_changed.emit()

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        way = self._under_way
        if way is None or frame.run <= way.after:
            return
        if frame.run != way.number:
            expected = way.ended_at is not None or self._session.playing or not way.number
            if frame.settings != way.settings or not expected:
                if way.number:  # the user began another run
                    self._waiting.clear()
                    self._leave_run()
                    self._tell()
                return
            way.number, way.curves = frame.run, Record()
        for step, row in rows_of(frame):
            way.curves.add(step, row)
        way.step = frame.step
        way.altered |= frame.settings != way.settings
        over = way.ended_at is not None and frame.step >= way.ended_at
        if over and not frame.playing and frame.found_at is None:
            self._keep(way, frame)
        else:
            self.progressed.emit()

    @Slot(object)
    def _on_session_reached(self, report: Reached) -> None:
        if self._under_way is not None and report.run > self._under_way.after:
            self._under_way.ended_at = report.step

    @Slot(object)
    def _on_session_stopped_early(self, report: StoppedEarly) -> None:
        if self._under_way is not None:
            self._under_way.ended_at = report.best_step

    @Slot(object)
    def _on_session_lost(self, report: Diverged) -> None:
        if self._under_way is not None:
            # The step that was lost may not have been taken.
            self._under_way.ended_at, self._under_way.lost = report.step - 1, True

    @Slot(bool)
    def _on_session_playing_changed(self, _playing: bool) -> None:
        if self._under_way is not None:
            self.changed.emit()
