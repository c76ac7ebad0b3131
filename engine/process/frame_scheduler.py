"""The frame scheduler: when a frame is due, and how often the slow measurements are taken anew."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from concurrent.futures import Future

from msgspec.structs import replace

from engine.frames.measurements import Measured, OtherBranch
from engine.history.history import History, HistoryError
from engine.process.pace import Pace
from engine.protocol.derivation import CellDerivation
from engine.protocol.frames import Frame, Measurements, PartRequest
from engine.protocol.messages import FrameOptions, RequestFrame
from engine.trainer import Trainer
from engine.training import background

MAX_MEASUREMENT_SHARE = 0.05
"""Largest fraction of the time that measurements may take while training goes on, 0…1."""
TRACEABLE_PERIOD = 1 / 60
"""Seconds between two steps from which on each step can be traced and measured."""
SPEED_SECONDS = 0.5
"""Seconds over which the steps per second are averaged."""

Version = tuple[int, int]
"""Run and revision of measurements."""


@dataclasses.dataclass(slots=True)
class PlaybackState:
    """Whether and how fast the engine takes steps."""

    playing: bool = False
    until: int = 0
    """Step after which playing ends; 0: it goes on."""
    steps_left: int = 0
    """Steps that were asked for one by one and are not taken yet."""
    pace: Pace = dataclasses.field(default_factory=Pace)
    """Of the steps while playing."""

    @property
    def moving(self) -> bool:
        """Whether another step follows."""
        return self.playing or self.steps_left > 0


class FrameScheduler:
    """Builds the frames of one run after another, each only where it shows something new.

    Args: playback: the loop's own; read anew each time.  measurement_seconds: between two
    measurements while training goes on, at least.
    """

    def __init__(self, playback: PlaybackState, measurement_seconds: float) -> None:
        self._playback, self._measurement_seconds = playback, measurement_seconds
        self._options = FrameOptions()
        self._views: tuple[PartRequest, ...] = ()
        self._under_way: Future[tuple[Version, Measured, float]] | None = None
        """A measurement on the background thread, and the seconds that it took."""
        self.may_measure = True
        """Whether the last step was watched, or need not have been."""
        self._measured: Measured | None = None
        self._measured_version: Version | None = None
        self._measured_since, self._measuring_seconds = -math.inf, 0.0
        self._derivation: CellDerivation | None = None
        self._revision = 0
        """How often measurements became stale."""
        self._shown_version: tuple[object, ...] | None = None

    def set_options(self, options: FrameOptions) -> None:
        """Show these things beside the layers from now on. Args: options: all of them."""
        self._options = options
        self.refresh()

    def set_views(self, views: tuple[PartRequest, ...]) -> None:
        """Show these parts of large layers from now on. Args: views: of others, the whole."""
        self._views = views

    def refresh(self) -> None:
        """Let all measurements count as stale: something changed that is not a step."""
        self._revision += 1
        self._derivation = None

    def follow_sample(self) -> None:
        """Let another frame be due: another sample was chosen."""
        self._shown_version = None

    @property
    def needs_trace(self) -> bool:
        """Whether a step that is watched is to be traced."""
        return self._options.cell is not None

    def is_due(self) -> bool:
        """Whether to measure anew, if a step has been taken since."""
        if not self._playback.moving:
            return True
        rest = max(self._measurement_seconds, self._measuring_seconds / MAX_MEASUREMENT_SHARE)
        if self._playback.pace.period >= TRACEABLE_PERIOD:  # there is time between the steps
            rest = 2 * self._measuring_seconds
        return time.perf_counter() - self._measured_since >= rest

    def next_frame(
        self, trainer: Trainer, history: History, request: RequestFrame, speed: float
    ) -> tuple[Frame, Measurements] | None:
        """Build the next frame, and find the newest measurements of its run.

        Args: trainer: to be shown.  history: of its run.  request: of the window.  speed: steps
        per second, of late.
        Returns: None where it would show nothing new.
        """
        branch, moving = (trainer.run.number, history.active.number), self._playback.moving
        playing, builder = self._playback.playing, trainer.frame_builder
        version = (*branch, trainer.steps_taken, self._revision, playing, self._views)
        if version == self._shown_version:
            return None
        self._shown_version = version
        if self.needs_trace and not moving and trainer.settings.is_studied:
            builder.last_trace = builder.last_trace or history.trace_last_step()
        same_branch = branch == (request.run, request.branch)
        since = request.since if same_branch else 0
        # While it trains not every step is traced: the last derivation stays.
        keeps_derivation = moving and builder.last_trace is None
        cell = None if keeps_derivation else self._options.cell
        step_trace = self._options.step_trace and not moving
        options = replace(self._options, step_trace=step_trace, cell=cell)
        measurements, matrices = self._measure(trainer, history)
        frame = builder.build(since, options, matrices, self._views, hurried=moving)
        self._derivation = self._derivation if keeps_derivation else frame.derivation
        frame = replace(
            frame,
            branch=history.active.number,
            tip=history.active.tip,
            derivation=self._derivation,
            playing=playing,
            steps_per_second=speed if playing else 0.0,
            # The last point again: a change between two steps may have moved it.
            curves=history.active.curves.between(
                since - 1 if same_branch else -1, frame.step, wait=not moving
            ),
        )
        return frame, measurements

    def _measure(self, trainer: Trainer, history: History) -> Measured:
        """Return the measurements to show, taken no more often than they can be read."""
        version, builder = (trainer.run.number, self._revision), trainer.frame_builder
        known = self._measured if version == self._measured_version else None
        waits = known is None or not self._playback.moving
        if self._under_way is not None and (waits or self._under_way.done()):
            found_version, found, seconds = self._under_way.result()
            self._under_way = None
            if found_version == version:
                known, self._measuring_seconds = found, seconds
        is_old = known is None or known[0].step != trainer.steps_taken
        if known is None or (is_old and self.may_measure and self.is_due()):
            began = time.perf_counter()
            if waits or trainer.settings.is_studied:
                other = self._other_branch(trainer, history)
                known = builder.measure(self._options, other)
                self._measuring_seconds = time.perf_counter() - began
                self._measured_since = began
            elif self._under_way is None:
                measure = builder.measure_later(self._options)
                self._under_way = background.submit(lambda: _timed(version, measure))
                self._measured_since = began
        assert known is not None
        self._measured, self._measured_version = known, version
        return known

    def _other_branch(self, trainer: Trainer, history: History) -> OtherBranch | None:
        """The branch whose W′ is subtracted, where there is one."""
        branch = self._options.compared_branch
        if branch is None or not trainer.settings.is_studied:
            return None
        try:
            return history.other_branch(branch)
        except HistoryError:  # it was dropped since
            return None


def _timed(version: Version, measure: Callable[[], Measured]) -> tuple[Version, Measured, float]:
    began = time.perf_counter()
    return version, measure(), time.perf_counter() - began


class SpeedMeter:
    """Measures the steps per second over the last `SPEED_SECONDS`."""

    def __init__(self) -> None:
        self.steps_per_second = 0.0
        self.start()

    def start(self) -> None:
        """Begin to count from now."""
        self._since, self._steps = time.perf_counter(), 0

    def count(self) -> None:
        """Count a step that was taken."""
        self._steps += 1
        elapsed = time.perf_counter() - self._since
        if elapsed >= SPEED_SECONDS:
            self.steps_per_second = self._steps / elapsed
            self.start()
