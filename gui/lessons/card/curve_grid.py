"""Curves at the evenly spaced steps at which a learner draws one; without Qt."""

from __future__ import annotations

import numpy as np

from gui.lessons.lesson import COLUMNS
from gui.state.curve_buffer import Points


def resample(points: list[list[float]], steps: int) -> list[float]:
    """Interpolate a stored curve at a pad's columns. Args: points: [[step, value], …]."""
    sorted_points = np.array(sorted(points), np.float64)
    grid = np.linspace(0.0, steps, COLUMNS)
    return [float(value) for value in np.interp(grid, sorted_points[:, 0], sorted_points[:, 1])]


def sampled(truth: tuple[Points, Points], last_step: float) -> list[float]:
    """Return a run's curve at a pad's columns, (COLUMNS,); NaN behind its end."""
    known, values = truth
    steps = np.linspace(0.0, last_step, COLUMNS)
    if not len(known):
        return []
    found = np.interp(steps, known, values)
    found[steps > known[-1]] = np.nan
    return [float(value) for value in found]
