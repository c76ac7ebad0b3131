"""How sure a comparison's accuracies and their differences are, over samples or over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from engine.protocol.frames import SplitFacts
from engine.protocol.messages import ComparisonRow, SeedResult
from engine.protocol.uncertainty import accuracy_margin, mean_margin, paired_difference

SampleValues = NDArray[np.float64]
"""(n,): what each test sample of one run adds to a measured share."""
FEW_SEEDS = {2: math.inf, 3: 2.15, 4: 1.59}
"""Seeds so few that their own spread says little -> factor of the margin that a difference needs:
Student's t at 95 %, in place of two standard errors. Two show nothing: it would be 6.35, but two
differences are often alike to the last sample, with no spread at all."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An accuracy, or how much of one was lost since step 0."""

    of_result: Callable[[SeedResult], float | None]
    """Its value with one seed, 0…1 or a difference; None: there is none."""
    split: Callable[[ComparisonRow], SplitFacts]
    """The samples that it is measured on."""
    of_samples: Callable[[ComparisonRow], SampleValues | None] = lambda row: None
    """What it is the mean of, in the run that is shown; None: that is not known."""
    is_loss: bool = False
    """Whether it is what was lost since step 0: less is better."""

    @property
    def better(self) -> int:
        """1: a higher value is better; −1: a lower one."""
        return -1 if self.is_loss else 1


TARGET = Measure(
    lambda result: result.target_accuracy,
    lambda row: row.target_test,
    lambda row: None if row.hits.target is None else row.hits.target.astype(np.float64),
)
VALIDATION = Measure(lambda result: result.validation_accuracy, lambda row: row.validation)
SOURCE = Measure(
    lambda result: result.source_accuracy,
    lambda row: row.source_test,
    lambda row: row.hits.source.astype(np.float64),
)
SOURCE_KEPT_HEAD = Measure(
    lambda result: result.source_accuracy_kept_head,
    lambda row: row.source_test,
    lambda row: row.hits.source_kept_head.astype(np.float64),
)
FORGETTING = Measure(
    lambda result: result.start_source_accuracy - result.source_accuracy,
    lambda row: row.source_test,
    lambda row: row.start_hits.source.astype(np.float64) - row.hits.source,
    is_loss=True,
)
FORGETTING_KEPT_HEAD = Measure(
    lambda result: result.start_source_accuracy_kept_head - result.source_accuracy_kept_head,
    lambda row: row.source_test,
    lambda row: row.start_hits.source_kept_head.astype(np.float64) - row.hits.source_kept_head,
    is_loss=True,
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, and two standard errors of it."""

    value: float
    margin: float
    """Two standard errors, or of one accuracy half the 95 % interval; NaN: unknown."""
    count: int
    """Seeds or test samples that it is the mean of."""

    @property
    def is_shown(self) -> bool:
        """Whether it differs from 0 by more than the margin, or what so few seeds need."""
        return abs(self.value) > self.margin * FEW_SEEDS.get(self.count, 1.0)


def common_seeds(rows: Sequence[ComparisonRow]) -> int:
    """Return the number of seeds for which every run has a result, ≥ 1."""
    return min((len(row.results) for row in rows), default=1)


def estimate(measure: Measure, row: ComparisonRow, seeds: int) -> Estimate | None:
    """Return a measure of a run: of its test samples, or the mean over seeds.

    Seeds with which it diverged do not count towards a mean.

    Args: seeds: the first so many are used; 1: the run that is shown, as it stands.
    Returns: None: there is no value.
    """
    if seeds == 1:
        value, count = measure.of_result(row.result), measure.split(row).samples
        if value is None:
            return None
        return Estimate(value, _sample_margin(measure, row, value), count)
    values = [value for value in _by_seed(measure, row, seeds) if value is not None]
    return Estimate(fmean(values), mean_margin(values), len(values)) if values else None


def difference(
    measure: Measure, ours: ComparisonRow, theirs: ComparisonRow, seeds: int
) -> Estimate | None:
    """Return by how much one run is above another, paired by test sample or by seed.

    Args: as `estimate`.
    Returns: None: one of them has no value.
    """
    if seeds == 1:
        samples = measure.of_samples(ours), measure.of_samples(theirs)
        if samples[0] is None or samples[1] is None:
            return None
        pairs = list(zip(samples[0].tolist(), samples[1].tolist(), strict=True))
    else:
        both = zip(_by_seed(measure, ours, seeds), _by_seed(measure, theirs, seeds), strict=True)
        pairs = [(a, b) for a, b in both if a is not None and b is not None]
    if not pairs:
        return None
    return Estimate(*paired_difference(*zip(*pairs, strict=True)), len(pairs))


def clear_best(measure: Measure, rows: Sequence[ComparisonRow | None]) -> int | None:
    """Return the index of the run whose difference from every other one is shown in its favour.

    A run that has diverged throughout is left out; one that did with some seeds cannot win.

    Args: rows: of the runs; None: not started.
    Returns: None: no run does.
    """
    seeds = common_seeds([row for row in rows if row is not None])
    found = {
        index: row
        for index, row in enumerate(rows)
        if row is not None and row.step > 0
        and any(value is not None for value in _by_seed(measure, row, seeds))
    }  # fmt: skip
    if len(found) < 2:
        return None
    means = {index: estimate(measure, row, seeds) for index, row in found.items()}
    best = max(found, key=lambda i: measure.better * getattr(means[i], "value", -math.inf))
    if diverged_seeds(found[best], seeds):
        return None
    gaps = (difference(measure, found[best], row, seeds) for i, row in found.items() if i != best)
    beats = (gap is not None and gap.is_shown and measure.better * gap.value > 0 for gap in gaps)
    return best if all(beats) else None


def diverged_seeds(row: ComparisonRow, seeds: int) -> list[SeedResult]:
    """Return the results of the seeds with which a run diverged. Args: seeds: the first so many."""
    return [result for result in row.results[:seeds] if result.problem]


def _by_seed(measure: Measure, row: ComparisonRow, seeds: int) -> list[float | None]:
    return [
        None if result.problem else measure.of_result(result) for result in row.results[:seeds]
    ]  # fmt: skip


def _sample_margin(measure: Measure, row: ComparisonRow, value: float) -> float:
    if not measure.is_loss:
        return accuracy_margin(value, measure.split(row).samples)
    samples = measure.of_samples(row)  # a difference on the same samples
    return math.nan if samples is None else mean_margin(samples.tolist())
