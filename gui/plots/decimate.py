"""Min/max decimation of curves."""

from __future__ import annotations

import math

import numpy as np

from gui.state.curve_buffer import Points

MAX_POINTS = 240
"""Points that a curve is painted with; painting thick antialiased lines costs by the point."""


def decimate(steps: Points, values: Points, max_points: int = MAX_POINTS) -> tuple[Points, Points]:
    """Return fewer points that draw the same curve.

    The minimum and the maximum of each window of neighbours stay, as do both ends. Windows are
    counted from the start and their length is a power of two, so that a growing curve does not
    flicker.
    Args: steps, values: (n,) ascending steps and finite values.  max_points: about the largest m.
    Returns: (m,) steps and (m,) values.
    """
    count = len(steps)
    if count <= max_points:
        return steps, values
    length = 2 ** math.ceil(math.log2(2 * count / max_points))
    covered = count // length * length
    windows = values[:covered].reshape(-1, length)  # (windows, length)
    starts = np.arange(0, covered, length)
    indices = np.concatenate(
        [[0], starts + windows.argmin(axis=1), starts + windows.argmax(axis=1),
         np.arange(covered, count), [count - 1]]
    )  # fmt: skip
    indices = np.unique(indices)
    return steps[indices], values[indices]
