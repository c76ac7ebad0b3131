"""The engine thread's loop: commands between steps, frames when asked, steps in between."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import replace

from engine.catalogue import catalogue
from engine.cost import answers
from engine.frames.sample_selection import SampleError
from engine.history.comparison import ComparisonError
from engine.history.history import History, HistoryError
from engine.process.comparison_runner import ComparisonRunner
from engine.process.frame_scheduler import FrameScheduler, PlaybackState, SpeedMeter
from engine.process.outbox import Outbox
from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import (
    Applied,
    Arrived,
    Checkpoint,
    Command,
    Configure,
    Diverged,
    DrawSample,
    DropBranch,
    EndComparison,
    EstimateCost,
    Failed,
    Frame,
    FrameOptions,
    GoBack,
    GoTo,
    NameBranch,
    OpenComparedRun,
    Pause,
    Ping,
    Play,
    Pong,
    Reached,
    Refused,
    RequestFrame,
    Reset,
    Resume,
    RunComparison,
    SetSpeed,
    SetViews,
    ShowSample,
    StartComparison,
    Step,
)
from engine.protocol.settings import Settings, SettingsError
from engine.resources import ResourceError
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.divergence import DivergedError, has_diverged
from engine.training.early_stopping import EarlyStopping

CHECKPOINT_SECONDS = 2.0
MOST_SENT = 32 * 2**20
"""Bytes of the largest state that is sent to the window."""
BEGUN_ANEW = "Step {:,} of a network this large is not kept: the run begins anew."
BRANCHES_GONE = "A new run has begun: the branches of the one before are gone."
OPENED = "The race's {} is on the stage, with all its steps.{}"
RUN_GONE = " The run that was there is gone."


class Loop:
    """One engine thread's work, from the first frame to the end."""

    def __init__(self, inbox: CommandQueue, outbox: Outbox, settings: Settings) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._trainer: Trainer | None = None
        self._history: History | None = None
        self._stopping = EarlyStopping()
        self._settings = settings
        self._pace = PlaybackState()
        self._showing = FrameScheduler(self._pace)
        self._due = 0.0
        self._frame_wanted: RequestFrame | None = None
        self._lost: tuple[int, int] | None = None
        self._checkpoint_due = 0.0
        self._speed = SpeedMeter()
        self._track = ComparisonRunner(outbox)

    def run(self) -> None:
        """Serve until the inbox is closed."""
        self._outbox.put(catalogue())
        self._guarded(self._begin)
        while not self._inbox.closed:
            for command in self._inbox.take(self._pause_before_next()):
                self._guarded(self._carry_out, command)
            if self._track.running:
                self._guarded(self._track.advance)
            elif self._wants_step():
                self._guarded(self._step)
            self._guarded(self._track.report)
            self._guarded(self._answer)

    def _begin(self) -> None:
        self._trainer = Trainer(self._settings)
        self._begin_history(self._trainer)

    def _begin_history(self, trainer: Trainer) -> None:
        """A run begins, or goes on from a state: nothing earlier is known."""
        self._history = History(trainer)
        self._outbox.put(self._history.timeline())

    # ------------------------------------------------------------ commands

    def _carry_out(self, command: Command) -> None:
        match command:
            case Play(until):
                self._running()
                self._start_playing(until)
            case Pause():
                self._stop()
            case Step(count):
                self._running()
                self._track.pause()
                self._pace.playing, self._pace.steps_left = False, self._pace.steps_left + count
            case SetSpeed(speed):
                self._pace.period = 1 / speed if speed > 0 else 0.0
                # A slider on its way sends many of these: none of them earns a step.
                now = time.perf_counter()
                self._due = min(max(self._due, now), now + self._pace.period)
            case RequestFrame():
                self._frame_wanted = command
            case Configure(settings):
                self._configure(settings)
            case ShowSample() | DrawSample():
                trainer = self._running()
                trainer.sample_selection.choose(command, trainer.task)
                self._showing.look_again()
            case EstimateCost():
                self._outbox.put(answers.estimate_cost(command))
            case SetViews(views):
                self._showing.see(views)
            case FrameOptions():
                self._showing.look(command)
            case Reset():
                self._stop()
                self._begin_anew(self._running().apply(command))
            case GoBack():
                self._go_back()
            case GoTo(step, branch):
                self._go_to(step, branch)
            case NameBranch(branch, name):
                self._past().name(branch, name)
                self._outbox.put(self._past().timeline())
            case DropBranch(branch):
                self._drop(branch)
            case StartComparison() | RunComparison() | EndComparison():
                self._track.carry_out(command)
                if self._track.running:
                    self._stop()
            case OpenComparedRun(index):
                self._open(index)
            case Resume(checkpoint):
                self._resume(checkpoint)
            case Ping():
                self._outbox.put(Pong())

    def _configure(self, settings: Settings) -> None:
        if self._trainer is None:
            self._settings = settings
            self._begin()
        elif self._trainer.begins_anew(settings):
            self._begin_anew(self._trainer.apply(Configure(settings)))
        else:
            self._change(settings)
        self._settings = settings

    def _begin_anew(self, applied: Applied) -> None:
        """A new run has begun in the trainer."""
        branched = len(self._past().timeline().branches) > 1
        self._begin_history(self._running())
        if branched:
            applied = replace(applied, notes=(*applied.notes, BRANCHES_GONE))
        self._tell_applied(applied)

    def _change(self, settings: Settings) -> None:
        past = self._past()
        before = past.active
        applied = past.configure(settings)
        if past.active is not before:
            self._outbox.put(past.timeline())
        self._tell_applied(applied)

    def _tell_applied(self, applied: Applied) -> None:
        self._stopping.restart()
        self._showing.refresh()
        self._outbox.put(applied)

    def _go_to(self, step: int, branch: int | None = None) -> None:
        self._stop()
        run, past = self._running().run, self._past()
        past.go_to(step, branch)
        if self._running().run == run:
            self._tell_arrived()
        else:
            self._begin_history(self._running())
            self._tell_arrived((BEGUN_ANEW.format(step),))

    def _go_back(self) -> None:
        """To the last good step; what the user set since, against what went wrong, holds there."""
        wanted, run = self._settings, self._running().run
        self._go_to(self._running().last_good_step)
        if self._running().run == run and self._settings != wanted:
            self._configure(wanted)
            self._tell_arrived()

    def _drop(self, branch: int) -> None:
        past = self._past()
        shown = past.active
        if shown.number == branch:
            self._stop()
        past.drop(branch)
        self._outbox.put(past.timeline())
        if past.active is not shown:
            self._tell_arrived()

    def _tell_arrived(self, notes: tuple[str, ...] = ()) -> None:
        """The run stands elsewhere, under the settings that were in force there."""
        trainer = self._running()
        self._settings, self._lost = trainer.settings, None
        self._stopping.restart()
        self._showing.refresh()
        branch = self._past().active.number
        self._outbox.put(Arrived(trainer.run, branch, trainer.steps_taken, self._settings, notes))

    def _resume(self, checkpoint: Checkpoint) -> None:
        trainer = self._running()
        trainer.restore(checkpoint.state)
        self._begin_history(trainer)
        # The asker keeps the points it has: only those after this step are news.
        self._showing.goes_on_from(trainer.run)
        self._configure(self._settings)

    def _open(self, index: int) -> None:
        """A racer's run becomes the run, with all its past; the race keeps its own."""
        compared_run, trainer = self._track.compared_run(index), self._running()
        self._stop()
        self._track.pause()
        gone = RUN_GONE if self._past().active.tip > 0 else ""
        trainer.restore({**compared_run.trainer.state(), "run": trainer.run + 1})
        self._history = History(trainer)
        self._history.take_over(compared_run.past(trainer.run))
        self._outbox.put(self._history.timeline())
        self._tell_arrived((OPENED.format(STRATEGIES[trainer.settings.strategy].label, gone),))

    def _running(self) -> Trainer:
        if self._trainer is None:
            self._begin()
        assert self._trainer is not None
        return self._trainer

    def _past(self) -> History:
        self._running()
        assert self._history is not None
        return self._history

    def _start_playing(self, until: int) -> None:
        self._track.pause()
        self._pace.playing, self._pace.until = True, until
        self._due = time.perf_counter()
        self._speed.start()
        self._rest_at_goal()

    def _rest_at_goal(self) -> None:
        """Pause where there is a step to play up to, and it is taken."""
        trainer = self._running()
        if self._pace.playing and 0 < self._pace.until <= trainer.steps_taken:
            self._stop()
            self._outbox.put(Reached(trainer.run, trainer.steps_taken))

    def _stop(self) -> None:
        self._pace.playing, self._pace.steps_left = False, 0

    # ------------------------------------------------------------ steps

    def _pause_before_next(self) -> float | None:
        """Seconds until the next step is due; None: nothing to do until a command comes."""
        if self._track.running:
            return 0.0
        if self._trainer is None:
            return None
        if self._pace.steps_left:
            return 0.0
        if not self._pace.playing:
            return None
        period = self._pace.period
        return max(0.0, self._due - time.perf_counter()) if period else 0.0

    def _wants_step(self) -> bool:
        return self._pause_before_next() == 0.0

    def _step(self) -> None:
        trainer, past = self._running(), self._past()
        watched = self._frame_wanted is not None and self._showing.is_due()
        trainer.step(watched=watched, inside=watched and self._showing.traces_steps)
        self._pace.steps_left = max(0, self._pace.steps_left - 1)
        known = trainer.steps_taken <= past.active.tip
        if past.note() is not None:
            self._tell_arrived()
        if past.thinned is not None:
            self._outbox.put(past.thinned)
            past.thinned = None
        if past.forgot:
            self._outbox.put(past.timeline())
            past.forgot = False
        self._speed.count()
        stopped = None if known else self._stopping.note(trainer)
        if stopped is not None:
            self._go_to(stopped.best_step)
            self._outbox.put(stopped)
        else:
            self._rest_at_goal()
        period = self._pace.period
        if period:
            self._due = max(self._due + period, time.perf_counter() - period)

    # ------------------------------------------------------------ answers

    def _answer(self) -> None:
        request, trainer = self._frame_wanted, self._trainer
        if trainer is None or request is None:
            return
        frame = self._showing.frame(trainer, self._past(), request, self._speed.steps_per_second)
        if frame is None:
            return
        self._frame_wanted = None
        self._outbox.put(frame)
        if frame.measured_at is not None:
            return
        if not has_diverged(frame.train_loss):
            self._keep_checkpoint(trainer)
        elif frame.step:
            self._tell_lost(frame)

    def _tell_lost(self, frame: Frame) -> None:
        """The step just taken blew the weights up; the next one need not find out."""
        rate = frame.settings.learning_rate
        self._report_lost(Diverged(frame.step, self._running().last_good_step, rate))

    def _report_lost(self, report: Diverged) -> None:
        """Say once for each state that it is lost, however often it is looked at."""
        self._stop()
        trainer = self._running()
        place = (trainer.run, trainer.steps_taken)
        if place != self._lost:
            self._lost = place
            self._outbox.put(report)

    def _keep_checkpoint(self, trainer: Trainer) -> None:
        """Let the window hold a state to go on from, should this process be lost."""
        now = time.perf_counter()
        if self._pace.moving and now < self._checkpoint_due:
            return
        if trainer.state_bytes() > MOST_SENT:
            return
        self._checkpoint_due = now + CHECKPOINT_SECONDS
        self._outbox.put(Checkpoint(trainer.run, trainer.steps_taken, trainer.state()))

    # ------------------------------------------------------------ mishaps

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        """Do one piece of work; whatever it raises becomes a report, never the thread's end."""
        try:
            work(*arguments)
        except (SettingsError, ResourceError, HistoryError, ComparisonError, SampleError) as error:
            # Nothing changed, so what trains goes on.
            trainer = self._trainer
            now = None if trainer is None else trainer.settings
            self._outbox.put(Refused(str(error), now, self._pace.playing))
        except DivergedError as error:
            self._lost = None  # somebody wanted this step: tell again why there is none
            self._report_lost(Diverged(error.step, error.last_good_step, error.learning_rate))
        except Exception as error:
            self._stop()
            self._track.pause()
            message = str(error).splitlines()[0] if str(error) else type(error).__name__
            good = 0 if self._trainer is None else self._trainer.last_good_step
            self._outbox.put(Failed(message, traceback.format_exc(), good))
