"""The engine thread's loop: commands between steps, frames when asked, steps in between."""

from __future__ import annotations

import dataclasses
import time
import traceback
from collections.abc import Callable

import torch

from engine import cost_answers
from engine.analysis.curves import CurveRecorder
from engine.divergence import DivergedError, is_lost
from engine.early_stopping import EarlyStopping
from engine.findings import Findings
from engine.history import History
from engine.inbox import Inbox
from engine.network import Network, new_layer, random_body
from engine.protocol.messages import (
    Applied,
    Catalogue,
    Checkpoint,
    Command,
    Configure,
    Diverged,
    EstimateCost,
    Failed,
    Frame,
    GoBack,
    Look,
    Merge,
    Pause,
    Play,
    Refused,
    RequestFrame,
    Reset,
    Resume,
    SetSpeed,
    SetViews,
    ShowSample,
    Step,
    View,
)
from engine.protocol.network_shape import LESSON_WIDTH
from engine.protocol.settings import MAX_DEPTH, Settings, SettingsError
from engine.resources import ResourceError
from engine.strategies import STRATEGIES, describe
from engine.tasks import TASKS
from engine.trainer import Trainer
from engine.worker import Outbox

CHECKPOINT_SECONDS = 2.0
FINDINGS_SECONDS = 0.1
"""Between two times that measures, spectra and proofs are worked out while training goes on: text
is not read faster."""
FINDINGS_SHARE = 0.05
"""Of the time, at most, that they may take while training goes on."""
SLOW_PERIOD = 1 / 60
"""Seconds between two steps from which on each can be looked into."""
MERGE_SECONDS = 0.2
"""The same of merging."""
MOST_SENT = 32 * 2**20
"""Bytes of the largest state that is sent to the window."""
BEGUN_ANEW = "Step {:,} of a network this large is not kept: the run begins anew."
SPEED_SECONDS = 0.5
"""Over how long the steps per second are averaged."""


class Loop:
    """One engine thread's work, from the first frame to the end."""

    def __init__(self, inbox: Inbox, outbox: Outbox, settings: Settings) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._trainer: Trainer | None = None
        self._history: History | None = None
        self._curves = CurveRecorder()
        self._stopping = EarlyStopping()
        self._settings = settings
        self._look = Look()
        self._views: tuple[View, ...] = ()
        self._merges: tuple[Merge, ...] = ()
        self._merges_due = 0.0
        self._found: Findings | None = None
        self._found_of: tuple[int, int] | None = None
        self._found_since = self._found_in = 0.0
        self._playing = False
        self._steps_left = 0
        self._period = 0.0
        self._due = 0.0
        self._frame_wanted: RequestFrame | None = None
        self._shown: tuple[object, ...] | None = None
        self._shown_run = 0
        self._revision = 0
        self._lost: tuple[int, int] | None = None
        self._checkpoint_due = 0.0
        self._speed = SpeedMeter()

    def run(self) -> None:
        """Serve until the inbox is closed."""
        self._outbox.put(catalogue())
        self._guarded(self._begin)
        while not self._inbox.closed:
            for command in self._inbox.take(self._pause_before_next()):
                self._guarded(self._carry_out, command)
            if self._wants_step():
                self._guarded(self._step)
            self._guarded(self._answer)

    def _begin(self) -> None:
        self._trainer = Trainer(self._settings)
        self._history = History(self._trainer)
        self._curves.record(self._trainer)

    # ------------------------------------------------------------ commands

    def _carry_out(self, command: Command) -> None:
        match command:
            case Play():
                self._running()
                self._start_playing()
            case Pause():
                self._stop()
            case Step(count):
                self._running()
                self._playing, self._steps_left = False, self._steps_left + count
            case SetSpeed(speed):
                self._period = 1 / speed if speed > 0 else 0.0
                # A slider on its way sends many of these: none of them earns a step.
                now = time.perf_counter()
                self._due = min(max(self._due, now), now + self._period)
            case RequestFrame():
                self._frame_wanted = command
            case Configure(settings):
                self._configure(settings)
            case ShowSample():
                self._running().apply(command)
                self._revision += 1
            case EstimateCost():
                self._outbox.put(cost_answers.answer(command))
            case SetViews(views):
                self._views = views
                self._revision += 1
            case Look():
                self._look = command
                self._merges, self._merges_due = (), 0.0
                self._revision += 1
            case Reset():
                self._stop()
                self._tell_applied(self._running().apply(command))
            case GoBack():
                self._go_back(self._running().last_good_step)
            case Resume(checkpoint):
                self._resume(checkpoint)

    def _configure(self, settings: Settings) -> None:
        if self._trainer is None:
            self._settings = settings
            self._begin()
            return
        self._tell_applied(self._trainer.apply(Configure(settings)))
        self._settings = settings

    def _tell_applied(self, applied: Applied | None) -> None:
        if applied is not None:
            self._revision += 1
            trainer = self._running()
            self._stopping.restart()
            if self._history is not None:
                self._history.mark()
            self._curves.drop_from(trainer.steps_taken)
            self._curves.record(trainer)
            self._outbox.put(applied)

    def _go_back(self, step: int) -> None:
        self._stop()
        trainer = self._running()
        assert self._history is not None
        reached = self._history.return_to(step)
        self._lost = None
        applied = trainer.apply(Configure(self._settings))
        if applied is not None and reached < step:
            applied = dataclasses.replace(applied, notes=(BEGUN_ANEW.format(step), *applied.notes))
        self._tell_applied(applied)

    def _resume(self, checkpoint: Checkpoint) -> None:
        trainer = self._running()
        trainer.restore(checkpoint.state)
        self._history = History(trainer)
        # The asker keeps the points it has: only those after this step are news.
        self._curves = CurveRecorder()
        self._shown_run = trainer.run
        self._tell_applied(trainer.apply(Configure(self._settings)))

    def _running(self) -> Trainer:
        if self._trainer is None:
            self._begin()
        assert self._trainer is not None
        return self._trainer

    def _start_playing(self) -> None:
        self._playing = True
        self._due = time.perf_counter()
        self._speed.start()

    def _stop(self) -> None:
        self._playing, self._steps_left = False, 0

    # ------------------------------------------------------------ steps

    def _pause_before_next(self) -> float | None:
        """Seconds until the next step is due; None: nothing to do until a command comes."""
        if self._trainer is None:
            return None
        if self._steps_left:
            return 0.0
        if not self._playing:
            return None
        return max(0.0, self._due - time.perf_counter()) if self._period else 0.0

    def _wants_step(self) -> bool:
        return self._pause_before_next() == 0.0

    def _step(self) -> None:
        trainer = self._running()
        assert self._history is not None
        trainer.step(watched=self._frame_wanted is not None and self._findings_are_due())
        self._steps_left = max(0, self._steps_left - 1)
        self._history.note()
        self._curves.record(trainer)
        self._speed.count()
        stopped = self._stopping.note(trainer)
        if stopped is not None:
            self._go_back(stopped.best_step)
            self._outbox.put(stopped)
        if self._period:
            self._due = max(self._due + self._period, time.perf_counter() - self._period)

    # ------------------------------------------------------------ answers

    def _answer(self) -> None:
        if self._trainer is None:
            return
        request = self._frame_wanted
        if request is None:
            return
        trainer = self._trainer
        version = (trainer.run, trainer.steps_taken, self._revision, self._playing)
        if version == self._shown:
            return
        self._frame_wanted, self._shown = None, version
        frame = self._frame(trainer, request)
        self._outbox.put(frame)
        if frame.found_at is not None:
            return
        if not is_lost(frame.train_loss):
            self._keep_checkpoint(trainer)
        elif frame.step:
            self._tell_lost(frame)

    def _frame(self, trainer: Trainer, request: RequestFrame) -> Frame:
        same_run = trainer.run == self._shown_run
        self._shown_run = trainer.run
        found, since = self._findings(trainer), request.since if same_run else 0
        frame = trainer.frame(since, self._look_now(), found, self._views)
        self._merges = frame.merges or self._merges
        return dataclasses.replace(
            frame,
            merges=self._merges if self._look.merges else (),
            playing=self._playing,
            steps_per_second=self._speed.steps_per_second if self._playing else 0.0,
            # The last point again: a change between two steps may have moved it.
            curves=self._curves.after(request.since - 1 if same_run else -1),
        )

    def _findings(self, trainer: Trainer) -> Findings:
        """What there is to know, without working it out more often than it can be read."""
        of = trainer.run, self._revision
        if self._found is None or of != self._found_of or self._findings_are_due():
            began = time.perf_counter()
            self._found, self._found_of = trainer.find(self._look), of
            self._found_since, self._found_in = began, time.perf_counter() - began
        return self._found

    def _findings_are_due(self) -> bool:
        if not (self._playing or self._steps_left):
            return True
        hurried = self._period < SLOW_PERIOD  # else there is time between the steps
        rest = max(FINDINGS_SECONDS, self._found_in / FINDINGS_SHARE)
        pause = rest if hurried else 2 * self._found_in
        return time.perf_counter() - self._found_since >= pause

    def _look_now(self) -> Look:
        """What the window looks at, without what was worked out a moment ago."""
        now = time.perf_counter()
        if not self._look.merges or (self._playing and now < self._merges_due):
            return dataclasses.replace(self._look, merges=False)
        self._merges_due = now + MERGE_SECONDS
        return self._look

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
        if (self._playing or self._steps_left) and now < self._checkpoint_due:
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
        except (SettingsError, ResourceError) as error:
            # Nothing changed, so what trains goes on.
            trainer = self._trainer
            now = None if trainer is None else trainer.settings
            self._outbox.put(Refused(str(error), now, self._playing))
        except DivergedError as error:
            self._lost = None  # somebody wanted this step: tell again why there is none
            self._report_lost(Diverged(error.step, error.last_good_step, error.learning_rate))
        except Exception as error:
            self._stop()
            message = str(error).splitlines()[0] if str(error) else type(error).__name__
            good = 0 if self._trainer is None else self._trainer.last_good_step
            self._outbox.put(Failed(message, traceback.format_exc(), good))


class SpeedMeter:
    """Steps per second over the last half second or so."""

    def __init__(self) -> None:
        self.steps_per_second = 0.0
        self.start()

    def start(self) -> None:
        """Begin to count from now."""
        self._since, self._steps = time.perf_counter(), 0

    def count(self) -> None:
        """A step was taken."""
        self._steps += 1
        elapsed = time.perf_counter() - self._since
        if elapsed >= SPEED_SECONDS:
            self.steps_per_second = self._steps / elapsed
            self.start()


def catalogue() -> Catalogue:
    """All strategies and tasks, as the window shows them."""
    return Catalogue(
        tuple(describe(strategy, _example(name)) for name, strategy in STRATEGIES.items()),
        tuple(task.info for task in TASKS.values()),
        cost_answers.catalogue(),
    )


def _example(name: str) -> Network:
    """A network of the strategy's shape, as deep as any; its numbers do not matter."""
    generator = torch.Generator().manual_seed(0)
    body = random_body(LESSON_WIDTH, MAX_DEPTH, generator)
    network = Network(body, new_layer(1, LESSON_WIDTH, generator))
    STRATEGIES[name].apply(network, Settings(strategy=name), generator)
    return network
