"""The round number at the top of an axis."""

import math

from gui.plots.plot_spec import nice_top


def test_the_top_of_an_axis_is_a_round_number() -> None:
    assert [nice_top(value) for value in (2.31, 0.042, 9.0, 1.0)] == [2.5, 0.05, 10.0, 1.0]
    assert [nice_top(value) for value in (0.0, math.nan, math.inf, -1.0)] == [1.0] * 4
