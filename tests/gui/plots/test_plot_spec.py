"""Positions of steps and values in a plot."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.plots.plot_spec import PlotGeometry, PlotSpec


def test_values_beyond_the_top_are_drawn_at_it(qtbot: QtBot) -> None:
    places = PlotGeometry(PlotSpec(top=2.0), 200, 100)
    low, middle, high = places.y(np.array([-1.0, 1.0, 1e300]))
    assert low == places.area.bottom()
    assert high == places.area.top()
    assert middle == pytest.approx(places.area.center().y())
