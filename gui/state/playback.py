"""Playback: play, pause, step, reset and the speed of training."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from engine.protocol.messages import (
    Diverged,
    Pause,
    Play,
    Reached,
    Reset,
    SetSpeed,
    Step,
    StoppedEarly,
)
from gui.state import notices
from gui.state.engine_link import EngineLink
from gui.state.navigation import Navigation
from gui.state.session_state import SessionState
from gui.state.undo_stack import UndoStack

FIRST_STOP = 300
"""Step at which Play pauses by itself; from there on it goes on until somebody pauses."""


class Playback(QObject):
    """Verbs that train."""

    speed_changed = Signal(float)
    """Steps per second at most; 0: as fast as possible."""
    speed_chosen = Signal(float)
    """The user chose this speed, to be remembered."""
    held_back = Signal()
    """Play was pressed while something comes before it."""

    def __init__(
        self,
        state: SessionState,
        engine: EngineLink,
        navigation: Navigation,
        undo_stack: UndoStack,
    ) -> None:
        """Args: state: to change.  engine: takes commands.  navigation: its seeks are cancelled."""
        super().__init__()
        self._state, self._engine, self._navigation = state, engine, navigation
        self._undo_stack = undo_stack
        self.speed = 0.0
        """Steps per second at most; 0: as fast as possible."""
        self._held = False
        """Whether something comes before Play."""
        self._reset = 0
        """Number of the newest reset: what came before it speaks of an old run."""

    def set_speed(self, steps_per_second: float) -> None:
        """Limit the speed. Args: steps_per_second: ≥ 0; 0: as fast as possible."""
        self.speed = steps_per_second
        self.resend()
        self.speed_changed.emit(steps_per_second)

    def choose_speed(self, steps_per_second: float) -> None:
        """Limit the speed as the user wants it. Args: steps_per_second: as of `set_speed`."""
        self.set_speed(steps_per_second)
        self.speed_chosen.emit(steps_per_second)

    def resend(self) -> None:
        """Send the speed to the engine."""
        self._engine.send(SetSpeed(self.speed))

    def play(self, until: int = 0) -> None:
        """Train. Args: until: step to pause at, which `reached` reports; 0: go on."""
        if self._engine.is_alive():
            self._navigation.finish()
            self._state.set_playing(True, self._engine.send(Play(until)))

    def pause(self) -> None:
        """Stop after the step under way."""
        self._state.set_playing(False, self._engine.send(Pause()))

    def hold(self, held: bool) -> None:
        """Let `toggle_play` begin nothing, or no longer. Args: held: something comes before it."""
        self._held = held

    def toggle_play(self) -> None:
        """Pause, or play: up to `FIRST_STOP`, and beyond it without an end."""
        frame = self._state.frame
        if self._state.playing:
            self.pause()
        elif self._held:
            self.held_back.emit()
        else:
            self.play(FIRST_STOP if frame is None or frame.step < FIRST_STOP else 0)

    @Slot()
    def step(self) -> None:
        """Take one step and stop."""
        self.take_steps(1)

    def take_steps(self, count: int) -> None:
        """Take steps as fast as possible, and stop. Args: count: how many, ≥ 1."""
        if self._engine.is_alive():
            self._navigation.finish()
            self._state.set_playing(False, self._engine.send(Step(count)))

    def reset(self) -> int:
        """Begin again, paused. Returns: number of the new run; 0: there is no engine."""
        number = self._engine.request(Reset())
        self._undo_stack.add_command("reset", number, self._state.settings)
        if number:
            self._reset = number
            self._state.set_playing(False, number)
            self._state.set_notice(None)
        return number

    def take_end(self, report: Diverged | StoppedEarly | Reached) -> None:
        """Note that training has paused by itself. Args: report: why."""
        if report.command < self._reset or report.run < (self._state.run or 0):
            return  # of an old run
        self._state.set_playing(False, report.command)
        if isinstance(report, Diverged):
            self._state.set_notice(notices.diverged(report, self._last_lower_rate()))
        elif isinstance(report, StoppedEarly):
            self._state.set_notice(notices.stopped_early(report))
        self._state.training_ended.emit(report)

    def _last_lower_rate(self) -> float:
        """Return the learning rate before it was raised; a tenth of it where it was not."""
        now = self._state.settings.learning_rate
        rates = (
            change.before.learning_rate for change in reversed(self._state.change_log.shown.all)
        )
        return next((rate for rate in rates if rate < now), now / 10)
