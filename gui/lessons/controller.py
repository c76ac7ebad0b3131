"""Leads through a lesson: turns its cards, makes its runs, and gives back what it set."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Slot

from engine.protocol.messages import Arrived, Catalogue, Diverged, Frame, Reached, StoppedEarly
from engine.protocol.settings import Settings
from gui.lessons.active_run import ActiveRun
from gui.lessons.answers import Answers, checked
from gui.lessons.lesson import Card, ChoiceQuestion, DrawnCurve, GuessedCell, Lesson, LessonRun
from gui.lessons.progress import Progress
from gui.lessons.run_result import RunResult
from gui.session import Session

TRIAL_STEPS, TRIAL_SECONDS = 300, 4.0
"""Of what is tried outside of a lesson."""


class LessonController(Progress):
    """The one object that leads; widgets show what it knows and call its verbs."""

    def __init__(self, session: Session, answers: Answers) -> None:
        super().__init__(session, answers)
        self._before: Settings | None = None
        """What the user had before the lesson."""
        self._given: Mapping[str, Any] = {}
        """What was asked for together with the lesson, and counts more than what it sets."""
        self._borrowed: dict[str, Any] = {}
        """Settings that the card changed, as they were."""
        self._newest_run = 0 if session.state.frame is None else session.state.frame.run
        """Number of the newest run of the engine; a new one counts from 1 again."""
        self._ready = session.state.catalogue is not None
        """Whether an engine was there already."""
        self._speed_before = self._speed_set = 0.0
        self._waiting: list[str] = []
        """Runs to make one after another."""
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.reached.connect(self._on_session_reached)
        session.state.stopped_early.connect(self._on_session_stopped_early)
        session.state.diverged.connect(self._on_session_diverged)
        session.state.arrived.connect(self._on_session_arrived)
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)
        session.state.playing_changed.connect(self._on_session_playing_changed)

    # ------------------------------------------------------------ verbs

    def enter(self, lesson: Lesson, given: Mapping[str, Any] | None = None) -> None:
        """Take up a lesson: its settings come into force at step 0, its runs are yet to be made.

        Args: given: fields of Settings that were asked for together with it, on the command line;
        without the lesson they alone would be in force.
        """
        session = self._session
        if self._before is None:
            self._before = session.state.settings if given is None else Settings(**given)
        self._stop_runs()
        self._records.clear()
        self._shown.clear()
        self._borrowed.clear()
        self._lesson, self._given = lesson, given or {}
        session.editor.update(**self._wanted())
        if session.state.frame is not None and session.state.frame.step:
            session.playback.reset()
        self._arrive(0)

    @Slot()
    def leave(self) -> None:
        """Put the lesson away; the settings are again as they were before it."""
        if self._lesson is None:
            return
        self._stop_runs()
        self._lesson, self._borrowed = None, {}
        before, self._before = self._before, None
        self._records.clear()
        if before is not None:
            self._session.editor.update(**dataclasses.asdict(before))
        self._tell(card=True)

    def renew(self, lesson: Lesson) -> None:
        """Show what became of the lesson's file; runs and answers stay where they still fit."""
        if self._lesson is None or self._lesson.key != lesson.key:
            return
        old, lasting = self._lesson.runs, lesson.settings == self._lesson.settings
        kept = {name for name, run in lesson.runs.items() if lasting and old.get(name) == run}
        way = self._under_way
        if not kept.issuperset(self._waiting) or (
            way is not None and not way.trial and way.run.name not in kept
        ):
            self._stop_runs()
        for name in self._records.keys() - kept:
            del self._records[name]
        self._give_back()
        self._lesson = lesson
        self._index = min(self._index, len(lesson.cards) - 1)
        self._borrow()
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
        if self._under_way is not None and self._session.state.playing:
            self._speed_set = 0.0
            self._session.playback.set_speed(self._speed_set)
            return
        coming = next((run.name for run in card.runs if run.name not in self._records), None)
        quiz = card.question
        if coming is not None:
            self.run(coming)
        elif (
            isinstance(quiz, ChoiceQuestion) and quiz.answer is not None and not self.is_open(quiz)
        ):
            self.show_answer()
        else:
            self.next()

    def run(self, name: str) -> None:
        """Make a run, or go on with it where it was paused."""
        assert self._lesson is not None
        run = self._lesson.run(name)
        if not self._go_on(run):
            self._stop_runs()
            self._begin(run, self._wanted(run))

    def run_missing(self) -> None:
        """Make the runs whose numbers the card shows, or go on with the one that was paused."""
        if self.card is None or self._lesson is None:
            return
        missing = self.missing(self.card)
        if not any(self._go_on(self._lesson.run(name)) for name in missing):
            self._stop_runs()
            self._waiting = list(missing)
            self._run_next()

    def _go_on(self, run: LessonRun) -> bool:
        """Train on where this run was paused. Returns: whether it was."""
        way, playing = self._under_way, self._session.state.playing
        if way is None or way.trial or way.run != run or way.ended_at is not None or playing:
            return False
        self._session.playback.play(run.steps)
        return True

    def try_out(self, name: str, changes: dict[str, Any]) -> None:
        """Train under other settings, outside of the lesson; `tried` tells what came of it."""
        self._stop_runs()
        self._begin(LessonRun(name, "", TRIAL_STEPS, TRIAL_SECONDS, {}), changes, trial=True)

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

    def _wanted(self, run: LessonRun | None = None) -> dict[str, Any]:
        """The settings of the lesson, or of one of its runs."""
        assert self._lesson is not None
        return self._lesson.changes(self._session.state.catalogue, run, self._given)

    def _arrive(self, index: int) -> None:
        assert self._lesson is not None
        self._index = index
        card = self._lesson.cards[index]
        if card.settings:
            self._stop_runs()  # they are not to be trained under what this card sets
        self._prepare(card)
        self._borrow()
        self.answers.see(self._lesson.key, index)
        self._tell(card=True)

    def _prepare(self, card: Card) -> None:
        """Have the window show the network as it is before the run that the card speaks of."""
        begun = self._under_way is not None or any(r.name in self._records for r in card.runs)
        if not card.runs or begun or self._lesson is None:
            return
        run, asked = card.runs[0], card.question
        if isinstance(asked, DrawnCurve | GuessedCell):
            run = self._lesson.run(asked.run)
        self._session.editor.update(**self._wanted(run))
        self._session.playback.reset()

    def _borrow(self) -> None:
        """Bring the settings of the card at hand into force."""
        card, now = self.card, self._session.state.settings
        if card is not None and card.settings:
            self._borrowed = {name: getattr(now, name) for name in card.settings}
            self._session.editor.update(**card.settings)

    def _give_back(self) -> None:
        borrowed, self._borrowed = self._borrowed, {}
        if borrowed:
            self._session.editor.update(**borrowed)

    def _begin(self, run: LessonRun, changes: dict[str, Any], *, trial: bool = False) -> None:
        session = self._session
        self._borrowed = {}  # the run's own settings take their place
        self._records.pop(run.name, None)
        session.editor.update(**changes)
        session.playback.reset()
        self._under_way = ActiveRun(run, session.state.settings, self._newest_run, trial=trial)
        self._speed_before, self._speed_set = session.playback.speed, run.steps / run.seconds
        session.playback.set_speed(self._speed_set)
        session.playback.play(run.steps)
        if not session.state.playing:  # there is no engine
            self._lose_run()
        self._tell()

    def _run_next(self) -> None:
        if self._waiting and self._lesson is not None:
            run = self._lesson.run(self._waiting.pop(0))
            self._begin(run, self._wanted(run))

    def _stop_runs(self) -> None:
        self._waiting.clear()
        if self._under_way is not None:
            self._session.playback.pause()
            self._leave_run()

    def _leave_run(self) -> None:
        self._under_way = None
        if self._session.playback.speed == self._speed_set:
            self._session.playback.set_speed(self._speed_before)

    def _lose_run(self) -> None:
        """What was under way comes to no end."""
        self._waiting.clear()
        self._leave_run()
        self._tell()

    def _keep(self, way: ActiveRun, frame: Frame) -> None:
        record = RunResult(frame, way.curves, way.lost, way.altered)
        if not way.trial:
            self._records[way.run.name] = record
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
        way, self._newest_run = self._under_way, frame.run
        if way is None or frame.run <= way.after:
            return
        if frame.run != way.number:
            expected = self.busy or not way.number
            if frame.settings != way.settings or not expected:
                if way.number or self._session.state.settings != way.settings:
                    self._lose_run()  # another run has taken its place
                return
        way.take(frame)
        if way.ends_with(frame):
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
    def _on_session_diverged(self, report: Diverged) -> None:
        if self._under_way is not None:
            # The step that was lost may not have been taken.
            self._under_way.ended_at, self._under_way.lost = report.step - 1, True

    @Slot(object)
    def _on_session_arrived(self, _report: Arrived) -> None:
        way = self._under_way
        if way is not None and way.ended_at is not None:  # its last frame is not to be seen
            self._lose_run()

    @Slot(object)
    def _on_session_catalogue_changed(self, catalogue: Catalogue) -> None:
        way, again = self._under_way, self._ready
        self._ready, self._newest_run = True, 0
        if again:
            if way is not None:
                self._lose_run()  # with the engine that made it
            return
        if self._lesson is None or self._before is None:
            return
        # It was taken up before anybody knew what strategies bring.
        self._before = _with_defaults(self._before, catalogue, self._given)
        if way is None:
            self._session.editor.update(**self._wanted())
            self._borrow()
        elif not way.trial:
            self._begin(way.run, self._wanted(way.run))

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        way = self._under_way
        if way is None:
            return
        if playing and way.ended_at is None:
            self._session.playback.play(way.run.steps)  # whoever lets it go on: it has an end
        self.changed.emit()


def _with_defaults(settings: Settings, catalogue: Catalogue, given: Mapping[str, Any]) -> Settings:
    """With what their strategy brings, but for what was given."""
    for info in catalogue.strategies:
        if info.name == settings.strategy:
            brought = {k: v for k, v in info.defaults.items() if k not in given}
            return settings.replace(**brought)
    return settings
