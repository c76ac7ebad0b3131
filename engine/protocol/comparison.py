"""Commands and reports of a comparison: several runs side by side, with one task and one seed."""

from __future__ import annotations

from engine.protocol.frames import Curves
from engine.protocol.identity import Answer, Numbered, Plain
from engine.protocol.matrices import Array
from engine.protocol.settings import SETTINGS, Settings

MIN_COMPARED_RUNS, MAX_COMPARED_RUNS = 2, 4
"""Number of runs in one comparison."""
MAX_COMPARED_STEPS = 100_000
"""Steps of each run."""
SHARED_FIELDS = tuple(field for field, setting in SETTINGS.items() if setting.shared)
"""Settings fields in which all compared runs agree."""
MAX_COMPARED_CELLS = 40
"""Rows and columns of a compared run's picture of ΔW."""


# ---------------------------------------------------------------- commands


class StartComparison(Numbered, frozen=True):
    """Pause the run, and begin a comparison that replaces any other."""

    entries: tuple[Settings, ...]
    """2…4 settings, equal in `SHARED_FIELDS`."""
    steps: int
    """Steps of each run, 1…100,000."""


class RunComparison(Numbered, frozen=True):
    """Train the compared runs, and pause the run; or pause the comparison."""

    running: bool


class EndComparison(Numbered, frozen=True):
    """Drop the comparison."""


class OpenComparedRun(Numbered, frozen=True):
    """Pause the comparison, and replace the run by a compared run, at its step.

    It is the run from then on, as if it had been trained there; the comparison keeps a run of its
    own.
    """

    index: int
    """Index into `ComparisonFrame.rows`."""


# ---------------------------------------------------------------- reports


class ComparedLayer(Plain, frozen=True):
    """One body layer of a compared run."""

    name: str
    delta: Array
    """ΔW; beyond `MAX_COMPARED_CELLS` each number stands for a block, as in `VisiblePart`."""
    relative_change: float
    """‖ΔW‖ / ‖W‖; NaN where W is zero."""


class ComparisonRow(Plain, frozen=True):
    """One compared run at its step."""

    settings: Settings
    step: int
    target_accuracy: float | None
    """0…1; None: it has no head for the target."""
    source_accuracy: float
    """0…1"""
    start_source_accuracy: float
    """Source accuracy at step 0, 0…1: forgetting is the difference."""
    trainable_parameters: int
    stored_bytes: int
    """Bytes to keep for this task in addition to the pretrained network, which all tasks share."""
    seconds: float
    """Time that its own steps have taken."""
    layers: tuple[ComparedLayer, ...]
    """The body's layers."""
    curves: Curves
    problem: str = ""
    """Why it stopped: “diverged at step 7”; empty: it did not."""


class ComparisonFrame(Answer, frozen=True):
    """The comparison, sent at most ten times a second, whenever something changed."""

    comparison: int
    """Number of the command that began it."""
    steps: int
    """Steps of each run."""
    running: bool
    rows: tuple[ComparisonRow, ...]
    """In the order of the entries."""

    @property
    def over(self) -> bool:
        """Whether no run has a step left to take."""
        return all(row.problem or row.step >= self.steps for row in self.rows)
