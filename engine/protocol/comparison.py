"""Strategies racing side by side: one task, one order of the data, one seed."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol.frames import Curves, Matrix
from engine.protocol.settings import Settings

MIN_COMPARED_RUNS, MAX_COMPARED_RUNS = 2, 4
MAX_COMPARED_STEPS = 100_000
ALIKE = (
    "task", "seed", "train_samples", "label_noise", "width", "depth", "batch_norm", "batch_size",
    "optimizer",
)  # fmt: skip
"""Settings fields in which all racers agree: else they would not be given the same."""
MAX_COMPARED_CELLS = 40
"""Rows and columns, at most, of the picture of a racer's ΔW."""


# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class StartComparison:
    """Pause the run, and begin a race in the place of any other."""

    entries: tuple[Settings, ...]
    """2…4, alike in `ALIKE`."""
    steps: int
    """That each is to take, 1…100,000."""


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Let the race go on, and pause the run; or pause the race."""

    running: bool


@dataclass(frozen=True, slots=True)
class EndComparison:
    """Forget the race."""


@dataclass(frozen=True, slots=True)
class OpenComparedRun:
    """Pause the race, and put a racer's run in the place of the run, at its step.

    It is the run from then on, as if it had been trained there; the race keeps a run of its own.
    """

    index: int
    """Of `ComparisonFrame.rows`."""


# ---------------------------------------------------------------- reports


@dataclass(frozen=True, slots=True)
class ComparedLayer:
    """What a racer has made of one body layer."""

    name: str
    delta: Matrix
    """ΔW; where a side is beyond `MAX_COMPARED_CELLS` each number stands for a block, as in `Part`."""
    relative_change: float
    """‖ΔW‖ / ‖W‖; NaN where W is zero."""


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One racer, as it stands."""

    settings: Settings
    step: int
    target_accuracy: float | None
    """0…1; None: it has no head for the target."""
    source_accuracy: float
    """0…1"""
    start_source_accuracy: float
    """The same at step 0, so that forgetting is the difference."""
    trainable_parameters: int
    stored_bytes: int
    """To keep for this task besides the pretrained network, which all tasks share."""
    seconds: float
    """That its own steps have taken."""
    layers: tuple[ComparedLayer, ...]
    """Those of the body."""
    curves: Curves
    problem: str = ""
    """Why it stopped: “diverged at step 7”; empty: it did not."""


@dataclass(frozen=True, slots=True)
class ComparisonFrame:
    """The race, ten times a second at most, whenever something moved."""

    comparison: int
    """Counts races from 1."""
    steps: int
    """That each is to take."""
    running: bool
    rows: tuple[ComparisonRow, ...]
    """In the order of the entries."""

    @property
    def over(self) -> bool:
        """Whether nobody has a step left to take."""
        return all(row.problem or row.step >= self.steps for row in self.rows)
