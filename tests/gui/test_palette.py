"""The colour maps of the matrices: − and + are told apart by every eye, and one map in grey."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.compare.run_row import RUN_COLOURS
from gui.matrices.colour_bar import ColourBar
from gui.matrices.heatmap import Heatmap
from gui.palette import ColourMap, Theme, theme_of
from gui.state.preferences import Preferences
from gui.theme import appearance
from gui.tour.stops import tour_stops
from gui.window import Window
from tests.gui.shell_frames import FakeSession

Rows = NDArray[np.float64]
EYES = {
    "ordinary": np.eye(3),
    "no red": np.array(
        [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.052]]
    ),
    "no green": np.array(
        [[0.3673, 0.8607, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9690]]
    ),
    "no blue": np.array(
        [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]
    ),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
"""Eyes -> what they see of linear RGB (Machado, Oliveira & Fernandes 2009, full severity)."""
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])
TELLABLE = 7.0
"""Distance in CIELAB from which on two patches beside each other are told apart at a glance."""
THEMES = list(itertools.product(ColourMap, (False, True)))
TENTH, QUARTER, WHOLE = 13, 32, 127
"""Levels from zero: a tenth, a quarter and all of the scale."""


def _lab(theme: Theme, eyes: str) -> Rows:
    """(255, 3) L*, a*, b* of each level as seen by some eyes."""
    return _lab_of([QColor.fromRgb(value) for value in theme.table[:255]], eyes)


def _lab_of(colours: list[QColor], eyes: str) -> Rows:
    rgb = np.array([colour.getRgbF()[:3] for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(np.clip(linear @ EYES[eyes].T, 0, 1) @ TO_XYZ.T + 1e-9).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def _apart(lab: Rows, one: int, other: int) -> float:
    return float(np.linalg.norm(lab[127 + one] - lab[127 + other]))


@pytest.mark.parametrize(("colour_map", "dark"), THEMES)
@pytest.mark.parametrize("eyes", ["ordinary", "no red", "no green", "no blue"])
def test_minus_and_plus_are_told_apart(colour_map: ColourMap, dark: bool, eyes: str) -> None:
    lab = _lab(theme_of(dark=dark, colour_map=colour_map), eyes)
    assert _apart(lab, -TENTH, TENTH) >= TELLABLE
    for levels in range(QUARTER, WHOLE + 1):
        assert _apart(lab, -levels, levels) >= 2.5 * TELLABLE, levels
    for sign in (-1, 1):
        assert _apart(lab, 0, sign * QUARTER) >= TELLABLE


@pytest.mark.parametrize("dark", [False, True])
def test_one_map_tells_minus_from_plus_in_grey(dark: bool) -> None:
    lab = _lab(theme_of(dark=dark, colour_map=ColourMap.BLUE_YELLOW), "grey")
    lightness = lab[:, 0]
    assert (np.diff(lightness[::3]) > 0.5).all()  # of single levels the colours are rounded
    assert _apart(lab, -TENTH, TENTH) >= TELLABLE
    assert _apart(lab, -WHOLE, WHOLE) >= 60


@pytest.mark.parametrize(("colour_map", "dark"), THEMES)
def test_what_is_not_a_number_and_what_is_frozen_are_seen(
    colour_map: ColourMap, dark: bool
) -> None:
    theme = theme_of(dark=dark, colour_map=colour_map)
    table = [QColor.fromRgb(value).getRgb()[:3] for value in theme.table]
    assert (
        min(sum(abs(a - b) for a, b in zip(c, table[255], strict=True)) for c in table[:255]) > 60
    )
    zero, hatch = (QColor(theme.table[127]), QColor(theme.cell_hatch))
    assert abs(zero.lightnessF() - hatch.lightnessF()) > 0.25


@pytest.fixture
def _blue_and_orange_afterwards() -> Iterator[None]:
    yield
    appearance.set_colour_map(ColourMap.BLUE_ORANGE)


@pytest.mark.usefixtures("dressed", "_blue_and_orange_afterwards")
def test_the_map_changes_while_the_window_stands(qtbot: QtBot) -> None:
    heatmap, home = Heatmap("W"), QWidget()
    bar = ColourBar("W", home)
    qtbot.addWidget(heatmap)
    qtbot.addWidget(home)
    heatmap.set_cell_size(6)
    heatmap.draw(np.array([[-1.0, 1.0]], np.float32), 1.0)
    bar.draw(1.0)
    for colour_map in (ColourMap.PURPLE_GREEN, ColourMap.BLUE_YELLOW, ColourMap.BLUE_ORANGE):
        appearance.set_colour_map(colour_map)
        image, middle = heatmap.grab().toImage(), heatmap.height() // 2
        ends = image.pixel(3, middle), image.pixel(heatmap.width() - 4, middle)
        assert ends == (appearance.theme.table[0], appearance.theme.table[254])
        assert f"{colour_map.negative} is negative" in bar.toolTip()
        assert f"{colour_map.positive} is positive" in bar.accessibleDescription()
        assert f"{colour_map.positive} is positive" in tour_stops(FakeSession().state)[0].text


@pytest.mark.usefixtures("dressed", "_blue_and_orange_afterwards")
def test_the_map_is_remembered(qtbot: QtBot) -> None:
    window = Window(FakeSession(), Preferences())
    qtbot.addWidget(window)
    assert Preferences().colour_map is ColourMap.BLUE_ORANGE
    appearance.set_colour_map(ColourMap.BLUE_YELLOW)
    assert Preferences().colour_map is ColourMap.BLUE_YELLOW


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eyes", ["ordinary", "no red", "no green", "no blue"])
def test_runs_side_by_side_are_told_apart_from_each_other_and_from_the_tasks(
    dark: bool, eyes: str
) -> None:
    theme = theme_of(dark=dark)
    runs = [QColor(getattr(theme, name)) for name in RUN_COLOURS]
    for one, other in itertools.combinations(_lab_of(runs, eyes), 2):
        assert np.linalg.norm(one - other) >= 3 * TELLABLE
    tasks = _lab_of([QColor(theme.target), QColor(theme.source)], "ordinary")
    for run, task in itertools.product(_lab_of(runs, "ordinary"), tasks):
        assert np.linalg.norm(run - task) >= 3 * TELLABLE
