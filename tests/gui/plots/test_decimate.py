"""Fewer points that draw the same line."""

import numpy as np

from gui.plots.decimate import MAX_POINTS, decimate


def test_an_outline_keeps_peaks_and_ends_and_does_not_flicker() -> None:
    steps = np.arange(1999.0)
    values = np.sin(steps / 30)
    values[777] = 9.0
    few, heights = decimate(steps, values)
    assert len(few) <= MAX_POINTS + 40
    assert (few[0], few[-1]) == (0, 1998)
    assert heights.max() == 9.0
    assert (np.diff(few) > 0).all()
    fewer, _ = decimate(steps[:-1], values[:-1])
    assert set(fewer[:200]) <= set(few)
    short = decimate(steps[:9], values[:9])
    assert short[0] is not None
    assert len(short[0]) == 9
