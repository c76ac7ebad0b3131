"""What a window is shown, and how often what takes its time is found out anew."""

from __future__ import annotations

import dataclasses
import time

from engine.frames.measurements import Measurements, OtherBranch, look_again
from engine.history.history import History, HistoryError
from engine.protocol.messages import CellDerivation, Frame, FrameOptions, RequestFrame, ViewRequest
from engine.trainer import Trainer

FINDINGS_SECONDS = 0.1
"""Between two times that measures, spectra and proofs are worked out while training goes on: text
is not read faster."""
FINDINGS_SHARE = 0.05
"""Of the time, at most, that they may take while training goes on."""
SLOW_PERIOD = 1 / 60
"""Seconds between two steps from which on each can be looked into."""
SPEED_SECONDS = 0.5
"""Over how long the steps per second are averaged."""


@dataclasses.dataclass(slots=True)
class PlaybackState:
    """How the engine goes on."""

    playing: bool = False
    until: int = 0
    """Step after which playing ends; 0: it goes on."""
    steps_left: int = 0
    """That were asked for one by one."""
    period: float = 0.0
    """Seconds between two steps while playing, at least."""

    @property
    def moving(self) -> bool:
        """Whether another step follows."""
        return self.playing or self.steps_left > 0


class FrameScheduler:
    """Makes the frames of one run after another, each only where it shows something new."""

    def __init__(self, pace: PlaybackState) -> None:
        self._pace = pace
        self._look = FrameOptions()
        self._views: tuple[ViewRequest, ...] = ()
        self._found: Measurements | None = None
        self._found_of: tuple[int, int] | None = None
        self._found_since = self._found_in = 0.0
        self._derivation: CellDerivation | None = None
        self._revision = self._looks = 0
        """How often what was found out became stale, and how often another sample was looked at."""
        self._looks_found = 0
        self._shown: tuple[object, ...] | None = None
        self._shown_line: tuple[int, int] | None = None

    def look(self, look: FrameOptions) -> None:
        """Show this beside the layers from now on."""
        self._look = look
        self.refresh()

    def see(self, views: tuple[ViewRequest, ...]) -> None:
        """Show these parts of large layers."""
        self._views = views

    def refresh(self) -> None:
        """Something changed that is not a step: what was found out before is stale."""
        self._revision += 1
        self._derivation = None

    def look_again(self) -> None:
        """Another sample is looked at: nothing else of what was found out is stale."""
        self._looks += 1

    def goes_on_from(self, run: int) -> None:
        """The asker keeps the curves of this run's first branch that it has."""
        self._shown_line = run, 0

    @property
    def traces_steps(self) -> bool:
        """Whether a step that is watched is to be looked into."""
        return self._look.cell is not None

    def is_due(self) -> bool:
        """Whether to find out anew, if a step has been taken since."""
        if not self._pace.moving:
            return True
        hurried = self._pace.period < SLOW_PERIOD  # else there is time between the steps
        rest = max(FINDINGS_SECONDS, self._found_in / FINDINGS_SHARE)
        pause = rest if hurried else 2 * self._found_in
        return time.perf_counter() - self._found_since >= pause

    def frame(
        self, trainer: Trainer, history: History, request: RequestFrame, speed: float
    ) -> Frame | None:
        """The next frame; None where it would show nothing new.

        Args: speed: steps per second, of late.
        """
        here = trainer.run, history.active.number, trainer.steps_taken
        version = (*here, self._revision, self._looks, self._pace.playing, self._views)
        if version == self._shown:
            return None
        self._shown = version
        playing, moving = self._pace.playing, self._pace.moving
        missing = trainer.settings.is_studied and trainer.last_trace is None
        if self.traces_steps and missing and not moving:
            trainer.last_trace = history.last_trace()
        same_line, self._shown_line = here[:2] == self._shown_line, here[:2]
        since = request.since if same_line else 0
        # While it trains not every step is looked into: what was worked out last stays.
        held = moving and trainer.last_trace is None
        look = dataclasses.replace(
            self._look,
            step_trace=self._look.step_trace and not moving,
            cell=None if held else self._look.cell,
        )
        frame = trainer.frame(since, look, self._findings(trainer, history), self._views)
        self._derivation = self._derivation if held else frame.derivation
        return dataclasses.replace(
            frame,
            branch=history.active.number,
            tip=history.active.tip,
            derivation=self._derivation,
            playing=playing,
            steps_per_second=speed if playing else 0.0,
            # The last point again: a change between two steps may have moved it.
            curves=history.active.curves.between(since - 1 if same_line else -1, frame.step),
        )

    def _findings(self, trainer: Trainer, history: History) -> Measurements:
        """What there is to know, without working it out more often than it can be read."""
        of = trainer.run, self._revision
        found = self._found if of == self._found_of else None
        if found is None or (found.step != trainer.steps_taken and self.is_due()):
            began = time.perf_counter()
            found = trainer.find(self._look, self._elsewhere(trainer, history))
            self._found_of = of
            self._found_since, self._found_in = began, time.perf_counter() - began
        elif self._looks_found != self._looks:
            found = look_again(found, trainer, self._look)
        self._found, self._looks_found = found, self._looks
        return found

    def _elsewhere(self, trainer: Trainer, history: History) -> OtherBranch | None:
        """The branch that this one is to be told apart from, where there is one."""
        branch = self._look.compared_branch
        if branch is None or not trainer.settings.is_studied:
            return None
        try:
            return history.elsewhere(branch)
        except HistoryError:  # it was dropped since
            return None


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
