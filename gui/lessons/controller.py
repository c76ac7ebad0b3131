"""Lesson controller: turns the cards, asks for their runs, and restores the settings afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from engine.protocol.messages import Catalogue
from gui.lessons.active_run import ActiveRun
from gui.lessons.answers import Answers, valid_answer
from gui.lessons.card_settings import CardSettings
from gui.lessons.kept_runs import KeptRuns
from gui.lessons.lesson import Card, Lesson, LessonRun, OneRunQuestion, Question
from gui.lessons.run_before import RunBefore
from gui.lessons.run_result import RunResult
from gui.lessons.runner import LessonRunner
from gui.session import Session

TRIAL_STEPS, TRIAL_SECONDS = 300, 4.0
"""Length of a run outside of a lesson."""


class LessonController(QObject):
    """Controller of the present lesson; widgets show its state and call its methods."""

    changed = Signal()
    """Emitted when the lesson, the card, an answer or the active run changes."""
    card_changed = Signal()
    """Emitted when another card or none is shown; after `changed`."""
    next_wanted = Signal()
    """Emitted to go on from the end of the lesson to the next one."""

    def __init__(self, session: Session, answers: Answers) -> None:
        super().__init__()
        self._session = session
        self.answers = answers
        self.lesson: Lesson | None = None
        self.index = 0
        """Index of the present card, from 0."""
        self._stored_answers: Answers | None = None
        """The learner's own answers while others take their place; None: none do."""
        self.votes: dict[str, list[int]] = {}
        """Name of a question -> the options that a room voted for, in the order counted."""
        self.finished = False
        """True: the last card has been left; there is no present card."""
        self.runner = LessonRunner(session, self._settings_for)
        self.trial_finished, self.progressed = self.runner.trial_finished, self.runner.progressed
        self._revealed: set[str] = set()
        """Names of quiz questions whose answer was shown without an answer of the learner."""
        self.run_before = RunBefore(session)
        self._kept_runs = KeptRuns(session)
        self._overrides: Mapping[str, Any] = {}
        """Fields of Settings that take precedence over the lesson's own."""
        self._card_settings = CardSettings(session)
        self._had_engine = session.state.catalogue is not None
        """True: an engine has already announced its catalogue."""
        self.changed.connect(self._on_self_changed)
        self.runner.changed.connect(self.changed)
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)

    @property
    def count(self) -> int:
        """Number of the present lesson's cards; 0 without a lesson."""
        return 0 if self.lesson is None else len(self.lesson.cards)

    @property
    def card(self) -> Card | None:
        """The present card; None without a lesson, and at its end."""
        return None if self.lesson is None or self.finished else self.lesson.cards[self.index]

    @property
    def results(self) -> dict[str, RunResult]:
        """Results of the present lesson's finished runs, by name."""
        return self.runner.results

    @property
    def active_run(self) -> ActiveRun | None:
        """The run that has begun and not ended; it may be paused."""
        return self.runner.active

    @property
    def busy(self) -> bool:
        """True while a run is active and not paused."""
        return self.runner.busy

    def missing_runs(self, card: Card) -> tuple[str, ...]:
        """Return the names of runs that a card needs and that have no result, in order."""
        return () if self.lesson is None else self.lesson.missing_runs(card, self.results)

    def unmade_runs(self, card: Card) -> tuple[str, ...]:
        """Return the names of a card's own runs that have no result, in order."""
        return tuple(run.name for run in card.lesson_runs if run.name not in self.results)

    def answer(self, question: Question) -> Any:
        """Return the learner's answer; None: not answered.

        A choice is an index from 0, a curve a list [[step, value], …], a cell [row, column].
        """
        assert self.lesson is not None
        return valid_answer(question, self.answers.answer(self.lesson.key, question.name))

    def is_closed(self, question: Question) -> bool:
        """Return whether a question was answered, or its right option shown."""
        return question.name in self._revealed or self.answer(question) is not None

    @property
    def question_is_open(self) -> bool:
        """True while the card asks something that neither the learner nor a run has answered."""
        question = None if self.card is None else self.card.question
        if question is None or self.is_closed(question):
            return False
        return not question.runs or not question.runs <= self.results.keys()

    @property
    def awaits_answer(self) -> bool:
        """True while an answer comes before the card's run; before a room, they answer aloud."""
        card, question = self.card, None if self.card is None else self.card.question
        if card is None or question is None or self._stored_answers is not None:
            return False
        begun = self.active_run is not None or any(run.name in self.results for run in card.runs)
        return self.answer(question) is None and not begun and bool(card.runs or question.runs)

    def enter(self, lesson: Lesson, overrides: Mapping[str, Any] | None = None) -> None:
        """Open a lesson: apply its settings at step 0; runs that were made before are kept.

        Args: overrides: fields of Settings given with the lesson on the command line; after the
        lesson they alone are in force.
        """
        session, frame = self._session, self._session.state.frame
        if self.run_before.take(overrides):
            text = f"open lesson “{lesson.title}”"
            session.undo_stack.add(text, self.leave, partial(self.enter, lesson))
        self._put_runs_away()
        self.votes.clear()
        self._revealed.clear()
        self._card_settings.forget()
        self.lesson, self._overrides, self.finished = lesson, overrides or {}, False
        if self._stored_answers is None:
            self._kept_runs.take(lesson, self.runner, self._settings_for)
        self._update(self._settings_for())
        if frame is not None and frame.step:
            with session.undo_stack.quiet():
                session.playback.reset()
        self._show_card(0)

    @Slot()
    def leave(self) -> None:
        """Close the lesson and restore the settings from before it."""
        if self.lesson is None:
            return
        self._put_runs_away()
        self.lesson, self.finished = None, False
        self._card_settings.forget()
        self.run_before.give_back()
        self.changed.emit()
        self.card_changed.emit()

    def begin_presenting(self) -> None:
        """Turn to clean cards: what was answered and run is put aside, what comes is not kept."""
        self._put_runs_away()
        self._stored_answers, self.answers = self.answers, Answers()
        self._revealed.clear()
        self.votes.clear()
        if self.lesson is not None and self.card is not None:
            self._prepare_run(self.card)
            self._card_settings.apply(self.card)
            self.answers.mark_seen(self.lesson.key, self.index)
        self.changed.emit()

    def end_presenting(self) -> None:
        """Turn back to the learner's own answers and runs."""
        if self._stored_answers is not None:
            self.answers, self._stored_answers = self._stored_answers, None
            self._revealed.clear()
            self.votes.clear()
            self.runner.clear()
            if self.lesson is not None:
                self._kept_runs.take(self.lesson, self.runner, self._settings_for)
            self.changed.emit()

    def vote(self, option: int) -> None:
        """Count one more vote for an option of the card's question. Args: option: from 0."""
        card = self.card
        if card is not None and card.choice is not None and self.question_is_open:
            self.votes.setdefault(card.choice.name, []).append(option)
            self.changed.emit()

    def take_vote_back(self) -> None:
        """Take back the vote that was counted last."""
        card = self.card
        if card is not None and card.choice is not None and self.votes.get(card.choice.name):
            self.votes[card.choice.name].pop()
            self.changed.emit()

    def reload(self, lesson: Lesson) -> None:
        """Replace the lesson by its changed file; keep results of runs that did not change."""
        if self.lesson is None or self.lesson.key != lesson.key:
            return
        old, same_settings = self.lesson.runs, lesson.settings == self.lesson.settings
        kept = {name for name, run in lesson.runs.items() if same_settings and old.get(name) == run}
        self.runner.keep_only(kept)
        self._card_settings.restore()
        self.lesson = lesson
        self.index = min(self.index, len(lesson.cards) - 1)
        self._card_settings.apply(self.card)
        self.changed.emit()
        self.card_changed.emit()

    def go(self, index: int) -> None:
        """Show a card. Args: index: from 0; ignored if there is no such card."""
        turns = index != self.index or self.finished
        if self.lesson is not None and turns and 0 <= index < self.count:
            self.finished = False
            self._card_settings.restore()
            self._show_card(index)

    @Slot()
    def next(self) -> None:
        """Show the next card, and after the last one the end of the lesson."""
        if self.lesson is not None and self.index == self.count - 1:
            self._finish()
        else:
            self.go(self.index + 1)

    @Slot()
    def back(self) -> None:
        """Show the previous card; from the end of the lesson, the last one."""
        self.go(self.index - (not self.finished))

    def _finish(self) -> None:
        if not self.finished:
            self.runner.stop()
            self._card_settings.restore()
            self.finished = True
            self.changed.emit()
            self.card_changed.emit()

    def advance(self, read_on: Callable[[], bool] = bool) -> None:
        """Do what a clicker asks for. Args: read_on: shows more of a long card; whether it did."""
        card = self.card
        if card is None:
            if self.finished:
                self.next_wanted.emit()
            return
        unmade = self.unmade_runs(card)
        if self.active_run is not None and self._session.state.playing:
            self.runner.hurry()
        elif self.missing_runs(card):
            self.run_missing()
        elif unmade:
            if card.question is None or not read_on():
                self.run(*unmade if card.runs_together else unmade[:1])
        elif card.quiz is not None and not self.is_closed(card.quiz):
            self.show_answer()
        elif not self.runner.next_trial() and not read_on():
            self.next()

    def run(self, *names: str) -> None:
        """Train runs of the lesson, one after the other, or resume the one that was paused."""
        if self.lesson is not None:
            self._card_settings.forget()  # the runs' own settings take their place
            self.runner.start(self.lesson.runs[name] for name in names)

    @Slot()
    def run_missing(self) -> None:
        """Train the runs that the card needs and that have no result, or resume a paused one."""
        if self.card is not None:
            self.run(*self.missing_runs(self.card))

    def run_trial(self, name: str, changes: dict[str, Any]) -> None:
        """Train with other settings outside of the lesson; `trial_finished` reports the result."""
        self.runner.stop()
        self._card_settings.forget()
        run = LessonRun(name=name, steps=TRIAL_STEPS, seconds=TRIAL_SECONDS)
        self.runner.begin(run, changes, trial=True)

    def commit(self, value: Any) -> None:
        """Answer the card's question, once and for all."""
        card, lesson = self.card, self.lesson
        if card is None or lesson is None or card.question is None:
            return
        if self.answer(card.question) is None and valid_answer(card.question, value) is not None:
            self.answers.store(lesson.key, card.question.name, value)
            self.changed.emit()

    def show_answer(self) -> None:
        """Show the right option of the card's quiz, even if it was not answered."""
        if self.card is not None and self.card.quiz is not None:
            self._revealed.add(self.card.quiz.name)
            self.changed.emit()

    def clear_answers(self, lesson: str = "") -> None:
        """Delete all answers and the progress. Args: lesson: its key: only of this one."""
        clear = partial(self.clear_answers, lesson)
        self._session.undo_stack.add("delete answers", self.restore_answers, clear)
        self.answers.clear(lesson)
        self._revealed.clear()
        self._kept_runs.clear(lesson)
        self.changed.emit()

    def restore_answers(self) -> None:
        """Bring back the answers that were deleted last."""
        self.answers.restore()
        self.changed.emit()

    @Slot()
    def start_afresh(self) -> None:
        """Play the lesson as if for the first time: without its answers and its runs."""
        if self.lesson is not None:
            self.runner.clear()
            self.clear_answers(self.lesson.key)
            self.enter(self.lesson, self._overrides)

    def lesson_settings(self, run: LessonRun | None = None) -> dict[str, Any]:
        """Return the settings of the lesson or of one of its runs, without the seed."""
        assert self.lesson is not None
        return self.lesson.changes(self._session.state.catalogue, run, self._overrides)

    def _update(self, changes: dict[str, Any]) -> None:
        with self._session.undo_stack.quiet():
            self._session.editor.update(**changes)

    def _settings_for(self, run: LessonRun | None = None) -> dict[str, Any]:
        own = run is not None and run.keep_settings
        return {} if own else self.lesson_settings(run)

    def _put_runs_away(self) -> None:
        """End the runs of the lesson; what they came to is kept until the program ends."""
        if self.lesson is not None and self._stored_answers is None:
            self._kept_runs.put(self.lesson, self.runner)
        self.runner.clear()

    def _show_card(self, index: int) -> None:
        assert self.lesson is not None
        self.index = index
        card = self.lesson.cards[index]
        own = {run.name for run in card.runs}.union(self.missing_runs(card))
        if card.settings or not self.runner.is_needed(own):
            self.runner.stop()  # nothing trains behind a card that does not speak of it
        self._prepare_run(card)
        self._card_settings.apply(self.card)
        self.answers.mark_seen(self.lesson.key, index)
        self.changed.emit()
        self.card_changed.emit()

    def _prepare_run(self, card: Card) -> None:
        """Reset to step 0 of the card's first run, unless one is active or finished."""
        begun = self.active_run is not None or any(r.name in self.results for r in card.runs)
        if begun or self.lesson is None:
            return
        if isinstance(card.question, OneRunQuestion):
            run = self.lesson.runs[card.question.run]
        elif card.runs:
            run = card.runs[0]
        else:
            if self.index == 0 and not self.results:  # back from the settings of a later card
                self._update(self.lesson_settings())
            return
        if run.keep_settings or run.name in self.results:
            return
        self._update(self._settings_for(run))
        self._session.playback.reset()

    @Slot()
    def _on_self_changed(self) -> None:
        self._session.notices.hold_remarks(self.question_is_open)
        self._session.playback.hold(self.awaits_answer)
        if self.lesson is not None:
            for name in self.results:
                self.answers.mark_made(self.lesson.key, name)

    @Slot(object)
    def _on_session_catalogue_changed(self, catalogue: Catalogue) -> None:
        active, restarted = self.active_run, self._had_engine
        self._had_engine = True
        if restarted:
            if active is not None:
                self.runner.abandon()  # with the engine that made it
            return
        # The lesson was opened before the strategies' defaults were known.
        if self.lesson is None or not self.run_before.adopt_defaults(catalogue, self._overrides):
            return
        if active is None:
            self._update(self._settings_for())
            self._card_settings.apply(self.card)
        else:
            self.runner.restart()
