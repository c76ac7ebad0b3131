"""How sure a measured accuracy is; a margin is always about two standard errors (95 %)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

Z = 1.96
"""Standard errors to either side that hold 95 % of a normal distribution."""


def accuracy_margin(accuracy: float, samples: int) -> float:
    """Return the half-width of the 95 % interval of one measured accuracy.

    Args: accuracy: 0…1.  samples: that it was measured on; 0: unknown.
    Returns: 0…1; NaN where the number of samples is unknown.
    Source: Wilson, 1927, doi:10.1080/01621459.1927.10502953; unlike the normal approximation it
    is not 0 where every sample is right.

    >>> round(accuracy_margin(0.85, 400), 3), accuracy_margin(1.0, 100) > 0
    (0.035, True)
    """
    if samples < 1 or not math.isfinite(accuracy):
        return math.nan
    spread = accuracy * (1 - accuracy) / samples + Z**2 / (4 * samples**2)
    return Z * math.sqrt(spread) / (1 + Z**2 / samples)


def mean_margin(values: Sequence[float]) -> float:
    """Return two standard errors of the mean.

    Args: values: one of each seed, or of each sample.
    Returns: NaN where there are fewer than two, or one of them is not finite.

    >>> round(mean_margin([0.8, 0.9]), 6), mean_margin([0.8]), mean_margin([0.8, math.nan])
    (0.1, nan, nan)
    """
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return math.nan  # Python 3.11's stdev raises AttributeError at a NaN
    return 2 * stdev(values) / math.sqrt(len(values))


def paired_difference(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Return the mean difference ours − theirs and its margin, two standard errors.

    Args: ours, theirs: (n,) values of the same seeds, or of the same samples, in the same order.
    Returns: NaN twice where a value is NaN; the margin alone where n is 1.

    >>> round(paired_difference([0.9, 0.7], [0.8, 0.6])[0], 6)
    0.1
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    return fmean(differences), mean_margin(differences)
