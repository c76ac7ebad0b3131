"""The engine thread's loop: commands between steps, frames on request, steps in between."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from engine.catalogue import catalogue
from engine.cost import answers
from engine.frames.sample_selection import SampleError
from engine.history.comparison import ComparisonError
from engine.history.history import History, HistoryError
from engine.history.run_store import RunStore, Standing
from engine.process.checkpoints import CheckpointSender
from engine.process.comparison_runner import ComparisonRunner
from engine.process.frame_scheduler import FrameScheduler, PlaybackState, SpeedMeter
from engine.process.limits import LIMITS, EngineLimits
from engine.process.list_commands import ListCommands
from engine.process.outbox import Outbox
from engine.protocol.command_queue import CommandQueue
from engine.protocol.comparison import (
    EndComparison,
    OpenComparedRun,
    RunComparison,
    StartComparison,
)
from engine.protocol.identity import Numbered
from engine.protocol.messages import (
    Applied,
    Command,
    Configure,
    Diverged,
    DrawSample,
    EstimateCost,
    Failed,
    FrameOptions,
    GoBack,
    Pause,
    Ping,
    Play,
    Pong,
    Reached,
    Refused,
    RequestFrame,
    Reset,
    Resume,
    SetSpeed,
    SetViews,
    ShowSample,
    Step,
    Undoable,
)
from engine.protocol.runs import DropRun, NameRun, OpenRun, RestoreRun, Return
from engine.protocol.settings import Settings, SettingsError
from engine.protocol.timeline import Arrived, DropBranch, GoTo, NameBranch, RestoreBranch
from engine.resources import ResourceError
from engine.strategies import STRATEGIES
from engine.trainer import Trainer
from engine.training.divergence import DivergedError, has_diverged
from engine.training.early_stopping import EarlyStopping

BEGUN_ANEW = "Step {:,} of a network this large is not stored: the run starts again from step 0."
OPENED = "The comparison's {} is on the stage, with all its steps."


class Loop:
    """The work of the engine thread, from the first frame to the end.

    Args: inbox: commands, closed at the end.  outbox: takes frames and reports.  settings: of the
    first run.  limits: of what it keeps and reports.
    """

    def __init__(
        self, inbox: CommandQueue, outbox: Outbox, settings: Settings, limits: EngineLimits = LIMITS
    ) -> None:
        self._inbox, self._outbox, self._limits = inbox, outbox, limits
        self._trainer: Trainer | None = None
        self._runs: RunStore | None = None
        self._stopping: EarlyStopping
        self._settings = settings
        self._playback = PlaybackState()
        self._scheduler = FrameScheduler(self._playback, limits.measurement_seconds)
        self._frame_wanted: RequestFrame | None = None
        self._watched = False
        """Whether the last step was watched, for the frame after it."""
        self._lost: tuple[int, int] | None = None
        self._checkpoints = CheckpointSender(outbox, limits)
        self._speed = SpeedMeter()
        self._comparison = ComparisonRunner(outbox)
        self._list_commands = ListCommands(outbox, self._stop, self._report_arrived)

    def run(self) -> None:
        """Serve until the inbox is closed."""
        self._outbox.put(catalogue())
        self._report_errors(self._begin)
        while not self._inbox.closed:
            wait = self._seconds_to_next_step()
            if wait == 0.0:
                advance = self._comparison.advance if self._comparison.running else self._step
                self._report_errors(advance)
            # What came during a long step is answered after it, not after the next one.
            for command in self._inbox.take(wait):
                self._report_errors(self._carry_out, command)
            self._report_errors(self._comparison.report)
            self._report_errors(self._answer)

    def _begin(self) -> None:
        self._trainer = Trainer(self._settings, self._outbox.command)
        self._stopping = EarlyStopping(self._trainer.run)
        self._runs = RunStore(self._trainer, self._limits.history, self._limits.max_earlier_bytes)
        self._list_commands.report(self._ready_runs())

    # ------------------------------------------------------------ commands

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Numbered) and command.number:
            self._outbox.command = command.number
        if isinstance(command, Undoable) and self._runs is not None:
            self._runs.remember(command.number, self._runs.standing())
        match command:
            case Play() | Pause() | Step() | SetSpeed() | Reset():
                self._control_playback(command)
            case GoBack() | GoTo():
                self._navigate(command)
            case NameBranch() | DropBranch() | RestoreBranch():
                self._list_commands.change_branches(self._ready_runs(), command)
            case NameRun() | DropRun() | RestoreRun():
                self._list_commands.change_list(self._ready_runs(), command)
            case OpenRun() | Return():
                self._change_run(command)
            case RequestFrame():
                self._frame_wanted = command
            case FrameOptions():
                self._scheduler.set_options(command)
            case SetViews(views):
                self._scheduler.set_views(views)
            case ShowSample() | DrawSample():
                self._show_sample(command)
            case Configure():
                self._configure(command)
            case StartComparison() | RunComparison() | EndComparison():
                self._comparison.carry_out(command)
                if self._comparison.running:
                    self._stop()
            case OpenComparedRun():
                self._open(command)
            case Resume():
                self._resume(command)
            case EstimateCost():
                self._outbox.put(answers.estimate_cost(command))
            case Ping():
                self._outbox.put(Pong())

    def _control_playback(self, command: Play | Pause | Step | SetSpeed | Reset) -> None:
        playback = self._playback
        match command:
            case Play(until):
                self._ready_trainer()
                self._start_playing(until)
            case Pause():
                self._stop()
            case Step(count):
                self._ready_trainer()
                self._comparison.set_running(False)
                playback.playing, playback.steps_left = False, playback.steps_left + count
            case SetSpeed(speed):
                playback.pace.set_speed(speed)
                self._comparison.pace.set_speed(speed)
            case Reset():
                self._stop()
                self._begin_anew(command)

    def _navigate(self, command: GoBack | GoTo) -> None:
        match command:
            case GoBack():
                self._go_back(command)
            case GoTo(step, branch):
                self._go_to(step, branch, command.number)

    def _change_run(self, command: OpenRun | Return) -> None:
        self._comparison.set_running(False)
        self._list_commands.change_run(self._ready_runs(), command)
        wanted = command.settings if isinstance(command, Return) else None
        if wanted is not None and wanted != self._settings:
            self._configure(Configure(wanted, number=command.number))

    def _show_sample(self, command: ShowSample | DrawSample) -> None:
        trainer = self._ready_trainer()
        trainer.sample_selection.choose(command, trainer.run.task)
        self._scheduler.follow_sample()

    def _configure(self, command: Configure) -> None:
        settings = command.settings
        if self._trainer is None:
            self._settings = settings
            self._begin()
        elif self._trainer.run.restarts_with(settings):
            self._begin_anew(command)
        else:
            self._change(settings)
        self._settings = settings

    def _begin_anew(self, command: Configure | Reset) -> None:
        """Begin a new run; the one before is kept."""
        left = self._ready_runs().standing()
        applied = self._ready_trainer().apply(command)
        self._begin_history(left)
        self._report_applied(applied)

    def _begin_history(self, left: Standing) -> None:
        """Begin the history of a run that the trainer has begun, or goes on with from a state."""
        self._ready_runs().begin(left)
        self._list_commands.report(self._ready_runs())

    def _change(self, settings: Settings) -> None:
        history = self._ready_history()
        before = history.active
        applied = history.configure(settings)
        if history.active is not before:
            self._outbox.put(history.timeline())
        self._report_applied(applied)

    def _report_applied(self, applied: Applied) -> None:
        self._stopping = EarlyStopping(self._ready_trainer().run)
        self._scheduler.refresh()
        self._outbox.put(applied)

    def _go_to(self, step: int, branch: int | None = None, number: int = 0) -> None:
        self._stop()
        run, runs = self._ready_trainer().run.number, self._ready_runs()
        left = runs.standing()
        runs.history.go_to(step, branch, number)
        if self._ready_trainer().run.number == run:
            self._report_arrived()
        else:
            self._begin_history(left)
            self._report_arrived((BEGUN_ANEW.format(step),))

    def _go_back(self, command: GoBack) -> None:
        """Go to the last good step, with the settings that the user has chosen since."""
        wanted, run = self._settings, self._ready_trainer().run.number
        self._go_to(self._ready_trainer().run.last_good_step, number=command.number)
        if self._ready_trainer().run.number == run and self._settings != wanted:
            self._configure(Configure(wanted, number=command.number))
            self._report_arrived()

    def _report_arrived(self, notes: tuple[str, ...] = ()) -> None:
        """Report that the run stands elsewhere, under the settings in force there."""
        trainer = self._ready_trainer()
        self._settings, self._lost = trainer.settings, None
        self._stopping = EarlyStopping(trainer.run)
        self._scheduler.refresh()
        branch = self._ready_history().active.number
        self._outbox.put(
            Arrived(trainer.run.number, branch, trainer.steps_taken, self._settings, notes)
        )

    def _resume(self, command: Resume) -> None:
        left = self._ready_runs().standing()
        self._ready_trainer().restore(command.checkpoint.state)
        self._begin_history(left)
        self._configure(Configure(self._settings, number=command.number))

    def _open(self, command: OpenComparedRun) -> None:
        """Put a compared run, with all its history, in the place of the run."""
        compared_run, trainer = self._comparison.compared_run(command.index), self._ready_trainer()
        self._stop()
        self._comparison.set_running(False)
        runs, run = self._ready_runs(), command.number or trainer.run.number + 1
        left = runs.standing()
        trainer.restore({**compared_run.trainer.state(), "run": run})
        runs.begin(left)
        runs.history.adopt(compared_run.copied_branch())
        self._list_commands.report(self._ready_runs())
        self._report_arrived((OPENED.format(STRATEGIES[trainer.settings.strategy].label),))

    def _ready_trainer(self) -> Trainer:
        if self._trainer is None:
            self._begin()
        assert self._trainer is not None
        return self._trainer

    def _ready_runs(self) -> RunStore:
        self._ready_trainer()
        assert self._runs is not None
        return self._runs

    def _ready_history(self) -> History:
        return self._ready_runs().history

    def _start_playing(self, until: int) -> None:
        self._comparison.set_running(False)
        self._playback.playing, self._playback.until = True, until
        self._playback.pace.start()
        self._speed.start()
        self._pause_at_goal()

    def _pause_at_goal(self) -> None:
        """Pause where there is a step to play up to, and it is taken."""
        trainer = self._ready_trainer()
        if self._playback.playing and 0 < self._playback.until <= trainer.steps_taken:
            self._stop()
            self._outbox.put(Reached(trainer.run.number, trainer.steps_taken))

    def _stop(self) -> None:
        self._playback.playing, self._playback.steps_left = False, 0

    # ------------------------------------------------------------ steps

    def _seconds_to_next_step(self) -> float | None:
        """Seconds until the next step is due; None: nothing to do until a command comes."""
        if self._comparison.running:
            return self._comparison.seconds_to_wait()
        playback = self._playback
        if self._trainer is None or not playback.moving:
            return None
        return 0.0 if playback.steps_left else playback.pace.seconds_left()

    def _step(self) -> None:
        trainer, history = self._ready_trainer(), self._ready_history()
        self._watched = watched = self._frame_wanted is not None and self._scheduler.is_due()
        trainer.step(watched=watched, traced=watched and self._scheduler.needs_trace)
        self._playback.steps_left = max(0, self._playback.steps_left - 1)
        beyond = trainer.steps_taken - history.active.tip  # steps past the last known one
        if history.record_step() is not None:
            self._report_arrived()
        if history.thinned is not None:
            self._outbox.put(history.thinned)
            history.thinned = None
        if history.lost_branches:
            self._outbox.put(history.timeline())
            history.lost_branches = False
        self._speed.count()
        if beyond == 0:  # it does not stop there again
            self._stopping = EarlyStopping(trainer.run)
        stopped = self._stopping.check() if beyond > 0 else None
        if stopped is not None:
            self._go_to(stopped.best_step)
            self._outbox.put(stopped)
        else:
            self._pause_at_goal()
        self._playback.pace.count()

    # ------------------------------------------------------------ answers

    def _answer(self) -> None:
        request, trainer = self._frame_wanted, self._trainer
        if trainer is None or request is None:
            return
        steps = self._playback.moving and self._seconds_to_next_step() == 0.0
        if steps and not self._watched and self._scheduler.is_due():
            return  # what is measured says how far a step went: the next one is watched
        self._scheduler.may_measure = self._watched or not steps
        speed = self._speed.steps_per_second
        found = self._scheduler.next_frame(trainer, self._ready_history(), request, speed)
        if found is None:
            return
        self._frame_wanted = None
        frame, measurements = found
        self._outbox.put_frame(frame, measurements)
        if measurements.step != frame.step:
            return
        if not has_diverged(measurements.train_loss):
            self._checkpoints.send(trainer, moving=self._playback.moving)
        elif frame.step:
            # That step blew the weights up, before the next one finds out.
            self._report_lost(frame.step, frame.settings.learning_rate)

    def _report_lost(self, step: int, learning_rate: float) -> None:
        """Report once for each state that it is lost, however often it is shown."""
        self._stop()
        run = self._ready_trainer().run
        state = (run.number, run.steps_taken)
        if state != self._lost:
            self._lost = state
            self._outbox.put(Diverged(run.number, step, run.last_good_step, learning_rate))

    # ------------------------------------------------------------ errors

    def _report_errors(self, work: Callable[..., None], *arguments: object) -> None:
        """Do one piece of work; whatever it raises becomes a report, never the thread's end."""
        try:
            work(*arguments)
        except (SettingsError, ResourceError, HistoryError, ComparisonError, SampleError) as error:
            # Nothing changed, so what trains goes on.
            now = None if self._trainer is None else self._trainer.settings
            self._outbox.put(Refused(str(error), now, self._playback.playing))
        except DivergedError as error:
            self._lost = None  # somebody wanted this step: tell again why there is none
            self._report_lost(error.step, error.learning_rate)
        except Exception as error:
            self._stop()
            self._comparison.set_running(False)
            message = str(error).splitlines()[0] if str(error) else type(error).__name__
            run = None if self._trainer is None else self._trainer.run
            number, good = (0, 0) if run is None else (run.number, run.last_good_step)
            self._outbox.put(Failed(message, traceback.format_exc(), number, good))
