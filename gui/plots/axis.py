"""The upper end of a plot's value axis."""

from __future__ import annotations

import math

NICE_MULTIPLES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Multiples of a power of ten at which an axis may end."""


def nice_top(value: float) -> float:
    """Return a round number at or above a value, for the top of an axis.

    Args: value: the largest that is drawn; 1.0 is returned where it is not finite or ≤ 0.

    >>> nice_top(2.31), nice_top(0.042), nice_top(0.0)
    (2.5, 0.05, 1.0)
    """
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    factor = next(nice for nice in (*NICE_MULTIPLES, 20.0) if value <= nice * power * (1 + 1e-9))
    return float(f"{factor * power:.3g}")
