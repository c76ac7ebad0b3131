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


class Playback(QObject):
    """Verbs that train."""

    speed_changed = Signal(float)
    """Steps per second at most; 0: as fast as possible."""

    def __init__(self, state: SessionState, engine: EngineLink, navigation: Navigation) -> None:
        """Args: state: to change.  engine: takes commands.  navigation: its seeks are cancelled."""
        super().__init__()
        self._state, self._engine, self._navigation = state, engine, navigation
        self._speed = 0.0

    @property
    def speed(self) -> float:
        """Steps per second at most; 0: as fast as possible."""
        return self._speed

    def set_speed(self, steps_per_second: float) -> None:
        """Limit the speed. Args: steps_per_second: ≥ 0; 0: as fast as possible."""
        self._speed = steps_per_second
        self.resend()
        self.speed_changed.emit(steps_per_second)

    def resend(self) -> None:
        """Send the speed to the engine."""
        self._engine.send(SetSpeed(self._speed))

    def play(self, until: int = 0) -> None:
        """Train. Args: until: step to pause at, which `reached` reports; 0: go on."""
        if self._engine.is_alive():
            self._navigation.finish()
            self._engine.send(Play(until))
            self._state.set_playing(True)

    def pause(self) -> None:
        """Stop after the step under way."""
        self._engine.send(Pause())
        self._state.set_playing(False)

    def toggle_play(self) -> None:
        """Play, or pause."""
        if self._state.playing:
            self.pause()
        else:
            self.play()

    @Slot()
    def step(self) -> None:
        """Take one step and stop."""
        self.take_steps(1)

    def take_steps(self, count: int) -> None:
        """Take steps as fast as possible, and stop. Args: count: how many, ≥ 1."""
        if self._engine.is_alive():
            self._navigation.finish()
            self._engine.send(Step(count))
            self._state.set_playing(False)

    def reset(self) -> None:
        """Begin again from the same initial weights, paused."""
        if self._engine.request(Reset()):
            self._state.set_playing(False)
            self._state.set_notice(None)

    def take_end(self, report: Diverged | StoppedEarly | Reached) -> None:
        """Note that training has paused by itself. Args: report: why."""
        self._state.set_playing(False)
        match report:
            case Diverged():
                self._state.set_notice(notices.diverged(report))
                self._state.diverged.emit(report)
            case StoppedEarly():
                self._state.set_notice(notices.stopped_early(report))
                self._state.stopped_early.emit(report)
            case Reached():
                self._state.reached.emit(report)
