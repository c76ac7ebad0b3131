"""Commands and reports of a comparison: several runs side by side, with one task and one seed.

It may be repeated with further seeds; of those runs only the results are kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.frames import Curves, SplitFacts
from engine.protocol.identity import Answer, Numbered, Plain
from engine.protocol.matrices import Array
from engine.protocol.settings import MAX_SEED, SETTINGS, Settings

MIN_COMPARED_RUNS, MAX_COMPARED_RUNS = 2, 4
"""Number of runs in one comparison."""
MAX_COMPARED_STEPS = 100_000
"""Steps of each run."""
MAX_COMPARED_SEEDS = 100
MAX_REPEATED_STEPS = 1_000_000
"""Steps of all runs with all seeds, where there are several: at 1,000 a second some 17 minutes."""
SHARED_FIELDS = tuple(field for field, setting in SETTINGS.items() if setting.shared)
"""Settings fields in which all compared runs agree."""
MAX_COMPARED_CELLS = 40
"""Rows and columns of a compared run's picture of ΔW."""


def problem_of_seeds(runs: int, steps: int, seeds: int, first_seed: int) -> str:
    """Return why a comparison cannot be repeated so often, without full stop; empty: it can.

    Args: runs: compared with each seed.  steps: of each.  seeds: in all.  first_seed: of them.

    >>> problem_of_seeds(4, 100_000, 12, 0)
    'seeds: 12 seeds of 4 runs of 100,000 steps make 4,800,000 steps, not at most 1,000,000; \
take 2 seeds or fewer'
    """
    whole = isinstance(seeds, int) and not isinstance(seeds, bool)
    if not whole or not 1 <= seeds <= MAX_COMPARED_SEEDS:
        return f"seeds: a comparison takes 1 to {MAX_COMPARED_SEEDS} seeds, not {seeds!r}"
    if first_seed + seeds - 1 > MAX_SEED:
        return (
            f"seeds: {seeds} seeds from {first_seed:,} on go beyond {MAX_SEED:,}, the largest; "
            "choose a lower first seed"
        )
    in_all = runs * steps * seeds
    if seeds > 1 and in_all > MAX_REPEATED_STEPS:
        fitting = max(MAX_REPEATED_STEPS // (runs * steps), 1)
        allowed = f"{fitting} seeds or fewer" if fitting > 1 else "one seed"
        return (
            f"seeds: {seeds} seeds of {runs} runs of {steps:,} steps make {in_all:,} steps, "
            f"not at most {MAX_REPEATED_STEPS:,}; take {allowed}"
        )
    return ""


# ---------------------------------------------------------------- commands


class StartComparison(Numbered, frozen=True):
    """Pause the run, and begin a comparison that replaces any other."""

    entries: tuple[Settings, ...]
    """2…4 settings, equal in `SHARED_FIELDS`."""
    steps: int
    """Steps of each run, 1…100,000."""
    seeds: int = 1
    """Number of seeds, 1…100: that of the entries, which all see, then those that follow it."""
    at_once: bool = False
    """As of `RunComparison`."""


class RunComparison(Numbered, frozen=True):
    """Train the compared runs, and pause the run; or pause the comparison."""

    running: bool
    at_once: bool = False
    """Whether to train as fast as possible; else at the speed that is set, each run so fast."""


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
    trainable: bool = True
    """Whether it has a parameter that is trained."""


class SeedResult(Plain, frozen=True):
    """What a run with one seed has come to; every accuracy is 0…1."""

    seed: int
    target_accuracy: float | None
    """On the target's test split; None: it has no head for the target."""
    source_accuracy: float
    """On the source's test split, with the source's head as it is now."""
    source_accuracy_kept_head: float
    """The same with the source's head as it stood before the first step."""
    start_source_accuracy: float
    """`source_accuracy` at step 0: forgetting is the difference."""
    start_source_accuracy_kept_head: float
    """`source_accuracy_kept_head` at step 0."""
    validation_accuracy: float
    problem: str = ""
    """Why it stopped early: “diverged at step 7”; empty: it did not."""


class SampleHits(Plain, frozen=True):
    """Which test samples a run classifies correctly, to compare runs sample by sample."""

    target: NDArray[np.bool_] | None
    """(n,) of the target; None: it has no head for the target."""
    source: NDArray[np.bool_]
    """(n,) of the source, with the source's head as it is."""
    source_kept_head: NDArray[np.bool_]
    """(n,) of the source, with the source's head as it stood before the first step."""


class ComparisonRow(Plain, frozen=True):
    """One compared run at its step, and what it came to with further seeds."""

    settings: Settings
    step: int
    results: tuple[SeedResult, ...]
    """That of the run itself, as it stands; then those of further seeds that have ended."""
    hits: SampleHits
    start_hits: SampleHits
    """Of the run itself, as it stands and at step 0."""
    trainable_parameters: int
    stored_bytes: int
    """Bytes to keep for this task in addition to the pretrained network, which all tasks share."""
    seconds: float
    """Time that its own steps have taken, without those of further seeds."""
    layers: tuple[ComparedLayer, ...]
    """The body's layers."""
    curves: Curves
    target_test: SplitFacts = SplitFacts()
    source_test: SplitFacts = SplitFacts()
    validation: SplitFacts = SplitFacts()
    """Of the splits of the run itself."""

    @property
    def result(self) -> SeedResult:
        """That of the run itself."""
        return self.results[0]

    @property
    def problem(self) -> str:
        """Why the run itself stopped early; empty: it did not."""
        return self.result.problem


class ComparisonFrame(Answer, frozen=True):
    """The comparison, sent at most ten times a second, whenever something changed."""

    comparison: int
    """Number of the command that began it."""
    steps: int
    """Steps of each run."""
    running: bool
    rows: tuple[ComparisonRow, ...]
    """In the order of the entries."""
    at_once: bool = False
    """Whether it runs as fast as possible, whatever the speed that is set."""
    seeds: int = 1
    """That each is to be run with."""
    repeated_steps: int = 0
    """Steps that runs with further seeds have behind them; one that diverged has all."""
    steps_per_second: float = 0.0
    """Measured over all that the comparison has done, also making the runs; 0: unknown."""

    @property
    def over(self) -> bool:
        """Whether no run has a step left to take."""
        return all(
            (row.problem or row.step >= self.steps) and len(row.results) == self.seeds
            for row in self.rows
        )

    @property
    def steps_left(self) -> int:
        """Steps that are still to be taken, with all seeds."""
        first = sum(0 if row.problem else self.steps - row.step for row in self.rows)
        repeated = len(self.rows) * (self.seeds - 1) * self.steps
        return first + repeated - self.repeated_steps
