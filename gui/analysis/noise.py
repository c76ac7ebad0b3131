"""Whether two accuracies differ by more than the test samples can show."""

from __future__ import annotations

import math

from engine.protocol.messages import Frame

TEST_SAMPLES = 400
"""Test samples of the target task, where a frame does not tell."""
STANDARD_ERRORS = 2.0
"""Standard errors of an accuracy, up to which a difference counts as noise."""


def within_noise(one: float, other: float, samples: int) -> bool:
    """Return whether the difference of two accuracies may be chance. Args: samples: of the test.

    >>> within_noise(0.853, 0.855, 400), within_noise(0.853, 0.80, 400)
    (True, False)
    """
    return abs(one - other) < STANDARD_ERRORS * math.sqrt(other * (1 - other) / samples)


def count_test_samples(frame: Frame) -> int:
    """Return how many samples an accuracy is measured on. Args: frame: that tells of them."""
    return TEST_SAMPLES if frame.sample is None else frame.sample.count
