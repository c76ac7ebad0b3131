"""Round numbers on an axis: its upper end, and the distance of its ticks."""

from __future__ import annotations

import math

NICE_MULTIPLES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Multiples of a power of ten at which an axis may end."""
TICK_MULTIPLES = (1.0, 2.0, 5.0, 10.0)
"""Multiples of a power of ten that may lie between two ticks."""


def nice_top(value: float) -> float:
    """Return a round number at or above a value, for the top of an axis.

    Args: value: the largest that is drawn; 1.0 is returned where it is not finite or ≤ 0.

    >>> nice_top(2.31), nice_top(0.042), nice_top(0.0)
    (2.5, 0.05, 1.0)
    """
    if not math.isfinite(value) or value <= 0:
        return 1.0
    return _round_up(value, (*NICE_MULTIPLES, 20.0))


def tick_distance(span: float, count: float) -> float:
    """Return a round distance of ticks, so that there are about that many intervals or fewer.

    Args: span: of the axis, > 0.  count: intervals that there is room for; 1 at least is used.

    >>> tick_distance(1.0, 3.5), tick_distance(1200.0, 5.0), tick_distance(1.0, 0.4)
    (0.5, 500.0, 1.0)
    """
    return _round_up(span / max(count, 1.0), (*TICK_MULTIPLES, 20.0))


def _round_up(value: float, multiples: tuple[float, ...]) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    factor = next(nice for nice in multiples if value <= nice * power * (1 + 1e-9))
    return float(f"{factor * power:.3g}")
