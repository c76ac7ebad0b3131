"""Lesson runner: trains a lesson's runs one after the other, and keeps what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from engine.protocol.messages import Arrived, Diverged, Frame, Reached, StoppedEarly
from gui.lessons.active_run import ActiveRun
from gui.lessons.lesson import LessonRun
from gui.lessons.run_result import RunResult
from gui.session import Session
from gui.text.setting_text import field_label

MAX_OWN_RESULTS = 6
"""Results of one run with the reader's settings that are kept: more rows would leave the card."""
NOT_COUNTED = "This run does not count: {}. Start it again with the button."
PLAYED = "A run started with Play does not count here. Use the button."


class LessonRunner(QObject):
    """Runs under way and their results; at most one is active, and it may be paused."""

    changed = Signal()
    """Emitted when a run begins, pauses or ends."""
    progressed = Signal()
    """Emitted when the active run took steps."""
    trial_wanted = Signal()
    """Emitted to start the next of `trials_left`."""
    trial_finished = Signal(str, object)
    """Emitted with (name, RunResult) when a run outside of the lesson ends."""

    def __init__(
        self, session: Session, settings_of: Callable[[LessonRun], dict[str, Any]]
    ) -> None:
        """Args: settings_of: the changes of settings that a run begins with."""
        super().__init__()
        self._session, self._settings_of = session, settings_of
        self.results: dict[str, RunResult] = {}
        """Results of the present lesson's finished runs, by name."""
        self.own_results: dict[str, list[RunResult]] = {}
        """Of each run with the reader's settings all results, the latest last."""
        self.active: ActiveRun | None = None
        """The run that has begun and not ended."""
        self.note = ""
        """Why the run at hand, or the last one, does not count; empty: nothing to say."""
        self.trials_left = 0
        """How many runs the page beside the card still offers a clicker."""
        self._queue: list[LessonRun] = []
        """The runs to train next."""
        self._hurried = False
        """Whether the runs that wait are not slowed down either."""
        self._speed_before = self._speed_set = 0.0
        session.state.frame_changed.connect(self._on_session_frame_changed)
        session.state.training_ended.connect(self._on_session_training_ended)
        session.state.arrived.connect(self._on_session_arrived)
        session.state.playing_changed.connect(self._on_session_playing_changed)

    @property
    def busy(self) -> bool:
        """True while a run is active and not paused."""
        active = self.active
        return active is not None and (self._session.state.playing or active.ended_at is not None)

    def is_needed(self, names: Iterable[str]) -> bool:
        """Return whether one of these runs is active or waits for its turn."""
        active = () if self.active is None or self.active.trial else (self.active.run,)
        return any(run.name in names for run in (*active, *self._queue))

    # ------------------------------------------------------------ commands

    def start(self, runs: Iterable[LessonRun]) -> None:
        """Train runs of the lesson, one after the other, or resume the one that was paused."""
        runs, active = list(runs), self.active
        if active is not None and active.run in runs and not (active.trial or self.busy):
            self._session.playback.play(active.run.steps)
        else:
            self.stop()
            self._queue, self._hurried = runs, False
            self._begin_next()

    def next_trial(self) -> bool:
        """Ask for the next run of `trials_left`. Returns: whether it has one."""
        if self.trials_left:
            self.trial_wanted.emit()
        return bool(self.trials_left)

    def begin(self, run: LessonRun, changes: dict[str, Any], *, trial: bool = False) -> None:
        """Begin a run. Args: changes: of settings.  trial: whether it is outside of the lesson."""
        session, self.note = self._session, ""
        self.results.pop(run.name, None)
        own = nullcontext() if trial else session.undo_stack.quiet()  # a trial is the user's
        with own:
            session.editor.update(**changes)
            number = session.playback.reset()
        self.active = ActiveRun(run, session.state.settings, number, trial=trial)
        self._speed_before, self._speed_set = session.playback.speed, run.steps / run.seconds
        if self._hurried:
            self._speed_set = 0.0
        session.playback.set_speed(self._speed_set)
        session.playback.play(run.steps)
        if not session.state.playing:  # there is no engine
            self.abandon()
        self.changed.emit()

    def restart(self) -> None:
        """Begin the lesson's active run anew."""
        if self.active is not None and not self.active.trial:
            self.begin(self.active.run, self._settings_of(self.active.run))

    def hurry(self) -> None:
        """Let the active run, and those that wait, go on as fast as they can."""
        self._hurried, self._speed_set = True, 0.0
        self._session.playback.set_speed(self._speed_set)

    def stop(self) -> None:
        """End the active run without a result, and drop those that wait."""
        self._queue.clear()
        self.note = ""
        if self.active is not None:
            self._session.playback.pause()
            self._end()

    def abandon(self) -> None:
        """Give up the active run, whose place in the engine another one has taken."""
        self._queue.clear()
        self._end()
        self.changed.emit()

    def clear(self) -> None:
        """End the active run, and forget all results."""
        self.stop()
        self.results.clear()
        self.own_results.clear()

    def keep_only(self, names: Iterable[str]) -> None:
        """Forget the results of all other runs; stop if one of those is under way."""
        kept = frozenset(names)
        others = (run.name for run in self._queue)
        active = self.active
        if not kept.issuperset(others) or (
            active is not None and not active.trial and active.run.name not in kept
        ):
            self.stop()
        for results in (self.results, self.own_results):
            for name in results.keys() - kept:
                del results[name]

    def _begin_next(self) -> None:
        if self._queue:
            run = self._queue.pop(0)
            self.begin(run, self._settings_of(run))

    def _end(self) -> None:
        self.active = None
        if self._session.playback.speed == self._speed_set:
            self._session.playback.set_speed(self._speed_before)

    def _store_result(self, active: ActiveRun, frame: Frame) -> None:
        result = RunResult(frame, active.curves, active.diverged, active.altered)
        if not active.trial:
            self.results[active.run.name] = result
        if active.run.keep_settings:
            results = self.own_results.setdefault(active.run.name, [])
            results.append(result)
            del results[:-MAX_OWN_RESULTS]
        self._end()
        self.changed.emit()
        if active.trial:
            self.trial_finished.emit(active.run.name, result)
        self._begin_next()

    # ------------------------------------------------------------ handlers

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        active = self.active
        if active is None or frame.run < active.number:
            return
        refused = not len(active.curves) and frame.settings != active.settings
        if refused or frame.run > active.number:
            self.note = NOT_COUNTED.format(_change(active.settings.differences(frame.settings)))
            self.abandon()  # another run has taken its place
            return
        active.update(frame)
        if active.is_finished_by(frame):
            self._store_result(active, frame)
        else:
            self.progressed.emit()

    @Slot(object)
    def _on_session_training_ended(self, report: Diverged | StoppedEarly | Reached) -> None:
        active = self.active
        if active is None or report.run != active.number:
            return
        match report:
            case Diverged():  # the step at which it diverged may not have been taken
                active.ended_at, active.diverged = report.step - 1, True
            case StoppedEarly():
                active.ended_at = report.best_step
            case Reached():
                active.ended_at = report.step

    @Slot(object)
    def _on_session_arrived(self, _report: Arrived) -> None:
        active = self.active
        if active is not None and active.ended_at is not None:  # its last frame will not come
            self.abandon()

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        active = self.active
        if active is None:
            if playing:
                self.note = PLAYED
                self.changed.emit()
            return
        if playing and active.ended_at is None:
            self._session.playback.play(active.run.steps)  # whoever resumes it: it has an end
        self.changed.emit()


def _change(fields: Iterable[str]) -> str:
    """Return what took a run's place, as the beginning of a sentence has it."""
    names = " and ".join(field_label(field).lower() for field in fields)
    return f"{names} changed on the way" if names else "it was reset on the way"
