"""The one object between widgets and the engine: it owns the settings and the newest frame."""

from __future__ import annotations

import logging
import time
from typing import Any

from PySide6.QtCore import Qt, QTimer, Slot

from engine.protocol.host import EngineHost
from engine.protocol.messages import (
    Applied,
    Arrived,
    Catalogue,
    Checkpoint,
    Command,
    Configure,
    CostEstimate,
    Diverged,
    EndRace,
    EngineDied,
    EstimateCost,
    Failed,
    Frame,
    GoBack,
    OpenRacer,
    Pause,
    Play,
    RaceFrame,
    Reached,
    Refused,
    Report,
    Reset,
    Resume,
    RunRace,
    SetSpeed,
    StartRace,
    Step,
    StoppedEarly,
    Thinned,
    Timeline,
    View,
)
from engine.protocol.settings import Settings, SettingsError
from gui import notices
from gui.choosing import changes_to
from gui.notices import STARTING, Notice, Standing
from gui.past import Past
from gui.preview import preview_frame
from gui.pulse import Pulse
from gui.traveller import Traveller

FRAME_MILLISECONDS = 16
"""The window looks for news once per frame of a 60 Hz display."""

log = logging.getLogger(__name__)


class Session(Traveller):
    """Owns the settings; sends commands; hands out frames at display rate.

    Widgets call `update` and the verbs below, and listen to the signals; they never speak to
    each other or to the engine.
    """

    def __init__(
        self,
        settings: Settings,
        host: EngineHost | None = None,
        given: frozenset[str] = frozenset(),
    ) -> None:
        """Args: given: fields that the user chose; a strategy's defaults leave them alone."""
        super().__init__(settings, preview_frame(settings), host or EngineHost())
        self._given = given
        self._standstill = Standing(over=frozenset({"info"}))
        self._silence = Standing(over=frozenset({"info"}))
        self._pulse = Pulse(self._host)
        self._past = Past()
        self._unanswered = False
        """Whether the engine has not said yet what it makes of the newest settings."""
        self._thinned_run = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def speed(self) -> float:
        """Steps per second at most; 0: as fast as it goes."""
        return self._wishes.speed

    @property
    def host(self) -> EngineHost:
        """The engine process."""
        return self._host

    # ------------------------------------------------------------ what a user does

    def start(self) -> None:
        """Start the engine process, unless it runs already, and the display timer."""
        if not self._host.alive:
            self._host.start(self._settings)
        self._say(STARTING)
        self._timer.start()

    def draw(self, drawing: bool) -> None:
        """Ask for frames and hand them out, or leave the engine to itself."""
        if drawing:
            self._timer.start()
        else:
            self._timer.stop()

    def close(self) -> None:
        """End the engine and join it; afterwards nothing of the session runs."""
        self._timer.stop()
        self._host.close()

    def update(self, **changes: Any) -> bool:
        """Change settings; they act at the next step. False where a value is refused."""
        try:
            new = self._settings.replace(**changes)
        except SettingsError as error:
            self._say(notices.refused(str(error)))
            return False
        if new != self._settings:
            self._past.keep(self._settings, frozenset(changes))
            self._set(new)
        return True

    def choose_strategy(self, name: str) -> None:
        """Switch to a strategy, with the settings that it brings; what the old one set goes."""
        if name != self._settings.strategy:
            self.update(**changes_to(name, self._settings, self.strategies()))

    def freeze(self, unit: str, frozen: bool) -> None:
        """Lock or unlock one layer from the next step on."""
        others = [name for name in self.frozen_units() if name != unit]
        self.update(frozen=(*others, unit) if frozen else tuple(others))

    def undo(self) -> None:
        """Take the last change of a setting back."""
        before = self._past.take()
        if before is not None:
            self._set(before)

    def play(self, until: int = 0) -> None:
        """Train. Args: until: step after which to pause, which `reached` tells; 0: go on."""
        if not self._engine_answers():
            return
        self._travel.hurry()
        self._stay()
        self._host.send(Play(until))
        self._set_playing(True)

    def pause(self) -> None:
        """Stop after the step under way."""
        self._host.send(Pause())
        self._set_playing(False)

    def toggle_play(self) -> None:
        """Play, or pause."""
        if self._playing:
            self.pause()
        else:
            self.play()

    @Slot()
    def step(self) -> None:
        """Take one step and stop."""
        self.take_steps(1)

    def take_steps(self, count: int) -> None:
        """Take so many steps as fast as it goes, and stop."""
        if not self._engine_answers():
            return
        self._travel.hurry()
        self._stay()
        self._host.send(Step(count))
        self._set_playing(False)

    def reset(self) -> None:
        """Begin again from the same initial weights, paused."""
        if not self._engine_answers():
            return
        self._host.send(Reset())
        self._set_playing(False)
        self._say(None)

    def set_speed(self, steps_per_second: float) -> None:
        """Take at most so many steps a second; 0: as fast as it goes."""
        self._wishes.speed = steps_per_second
        self._host.send(SetSpeed(steps_per_second))
        self.speed_changed.emit(steps_per_second)

    def view(self, views: tuple[View, ...]) -> None:
        """Have coming frames show these parts of large layers; told once for a repaint."""
        self._wishes.views = views

    def estimate_cost(self, plan: dict[str, Any]) -> None:
        """Ask what a plan costs; `cost_estimated` brings the answer."""
        if self._engine_answers():
            self._host.send(EstimateCost(plan))

    def start_race(self, entries: tuple[Settings, ...], steps: int) -> None:
        """Pause, and race these side by side."""
        self._order(StartRace(entries, steps))

    def run_race(self, running: bool) -> None:
        """Let the race go on, which pauses the run, or pause the race."""
        self._order(RunRace(running), pauses=running)

    def end_race(self) -> None:
        """Forget the race."""
        self._host.send(EndRace())
        self._keep_race(None)

    def open_racer(self, index: int) -> None:
        """Have a racer's run take the place of the run."""
        self._order(OpenRacer(index))

    def _order(self, command: Command, *, pauses: bool = True) -> None:
        if self._engine_answers():
            self._host.send(command)
            self._set_playing(self._playing and not pauses)

    def refuse(self, error: SettingsError) -> None:
        """Tell the user why something that was typed cannot be."""
        self._say(notices.refused(str(error)))

    def report_mishap(self, text: str) -> None:
        """Tell the user of an error of ours; the window goes on."""
        self._say(Notice(text, "error"))

    def dismiss(self) -> None:
        """Put the notice away."""
        self._say(None)

    def act(self) -> None:
        """Do what the notice's button offers: go back to the last good step, or restart."""
        hangs = self._notice is not None and self._notice == self._silence.told
        self._say(None)
        if hangs:
            self._host.close(patience=0)
            self._set_playing(False)
        if self._host.alive:
            self._host.send(GoBack())
            return
        self._pulse.stop()
        self._lose_races()
        self._stay()
        self._unanswered = False
        self.marks.begin_engine()
        self._set_timeline(None)
        self._host.start(self._settings)
        task = self.task_info()
        for command in self._wishes.commands(can_draw=task is not None and not task.no_drawing):
            self._host.send(command)
        if self._checkpoint is not None:
            self._host.send(Resume(self._checkpoint))
        self._say(STARTING)

    # ------------------------------------------------------------ what arrives

    @Slot()
    def _on_timer_timeout(self) -> None:
        for report in self._host.take_reports():
            self._take(report)
        frame = self._host.take_frame()
        if frame is not None:
            self._show(frame)
        if self._catalogue is not None:
            seeing = self._wishes.new_views()
            if seeing is not None:
                self._host.send(seeing)
            self._host.request_frame(0 if self._frame is None else self._frame.step)
        silent = notices.silent(self._checkpoint) if self._pulse.is_lost() else None
        self._say(self._silence.now(silent, self._notice))

    def _show(self, frame: Frame) -> None:
        self._pulse.feel()
        old, self._frame = self._frame, frame
        if old is None or old.run != frame.run:
            self._begin_run(frame)
            self.run_changed.emit(frame)
            # What was said spoke of the run before.
            self._say(self._of_coming_run)
            self._of_coming_run = None
            self._standstill = Standing(over=frozenset({"info"}))
            if self._checkpoint is not None and self._checkpoint.run != frame.run:
                self._checkpoint = None
        self._travel.see(frame)
        if self._unanswered and frame.settings == self._settings:
            self._unanswered = False
        self.frame_changed.emit(frame)
        if self._notice == STARTING:
            self._say(None)
        self._say(self._standstill.now(notices.why_nothing_moves(frame), self._notice))

    def _take(self, report: Report) -> None:
        match report:
            case Catalogue():
                self._catalogue = report
                self._bring_defaults()
                self.catalogue_changed.emit(report)
            case Applied():
                self._take_applied(report)
            case Arrived():
                self._arrive(report)
            case Timeline():
                self._set_timeline(report)
            case Thinned():
                if self._frame is not None and self._thinned_run != self._frame.run:
                    self._thinned_run = self._frame.run
                    self._say(notices.thinned(report))
            case Checkpoint():
                self._checkpoint = report
            case CostEstimate():
                self.cost_estimated.emit(report)
            case RaceFrame():
                self._keep_race(report)
            case Refused():
                self._take_back(report)
            case Diverged():
                self._set_playing(False)
                self._say(notices.diverged(report))
                self.lost.emit(report)
            case StoppedEarly():
                self._set_playing(False)
                self._say(notices.stopped_early(report))
                self.stopped_early.emit(report)
            case Reached():
                self._set_playing(False)
                self.reached.emit(report)
            case Failed():
                log.error("the engine failed\n%s", report.traceback)
                self._stay()
                self._set_playing(False)
                self._say(notices.failed(report))
            case EngineDied(exit_code):
                log.error("the engine process ended with exit code %s", exit_code)
                self._pulse.stop()
                self._stay()
                self._set_playing(False)
                self._lose_races()
                self._say(notices.died(self._checkpoint))

    def _take_applied(self, report: Applied) -> None:
        if report.settings == self._settings:
            self._unanswered = False
        elif not self._unanswered:  # taken back, when it was something older that was refused
            self._adopt(report.settings)
        if self._frame is not None and report.run == self._frame.run:
            self.marks.add(report, self._catalogue, time.monotonic())
        self.applied.emit(report)
        self._tell(report.run, report.notes)

    def _arrive(self, report: Arrived) -> None:
        """The run stands elsewhere: the window shows what is in force there."""
        if self._frame is not None and report.run == self._frame.run:
            self.marks.arrive(report)
        if not self._unanswered and report.settings != self._settings:
            self._past = Past()
            self._adopt(report.settings)
        self._travel.arrive(report)
        self.arrived.emit(report)
        self._leave_note()
        self._tell(report.run, report.notes)

    def _bring_defaults(self) -> None:
        """The strategy that the window opened with brings its settings, but for those given."""
        info = self.strategy_info()
        if info is not None and (self._frame is None or self._frame.run == 0):
            self.update(**{k: v for k, v in info.defaults.items() if k not in self._given})
            self._past = Past()  # an undo must not take them away

    def _take_back(self, report: Refused) -> None:
        """The engine refused something: show what it goes on with."""
        self._set_playing(report.playing)
        self._unanswered = False
        self._stay()
        if report.settings is not None and report.settings != self._settings:
            self._adopt(report.settings)
        self._say(notices.refused(report.message))

    def _set(self, new: Settings) -> None:
        self._unanswered = True
        self._travel.hurry()
        self._host.send(Configure(new))
        self._adopt(new)

    def _adopt(self, new: Settings) -> None:
        old, self._settings = self._settings, new
        self.settings_changed.emit(old, new)
