"""Fewer points that draw the same line."""

from __future__ import annotations

import math

import numpy as np

from gui.state.curve_buffer import Points

MOST = 240
"""Points that a line is drawn with; painting thick smooth lines costs by the point."""


def outline(steps: Points, values: Points, most: int = MOST) -> tuple[Points, Points]:
    """(m,) steps and values, m ≤ about `most`, with every peak and the ends of the whole.

    Of each run of neighbours the lowest and the highest stay. The runs are counted from the
    start and their length is a power of two, so that a growing curve does not flicker.
    """
    count = len(steps)
    if count <= most:
        return steps, values
    length = 2 ** math.ceil(math.log2(2 * count / most))
    whole = count // length * length
    runs = values[:whole].reshape(-1, length)  # (runs, length)
    starts = np.arange(0, whole, length)
    rows = np.concatenate(
        [[0], starts + runs.argmin(axis=1), starts + runs.argmax(axis=1),
         np.arange(whole, count), [count - 1]]
    )  # fmt: skip
    rows = np.unique(rows)
    return steps[rows], values[rows]
