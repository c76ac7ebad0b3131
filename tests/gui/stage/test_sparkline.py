"""The course of ‖ΔW‖ / ‖W‖: thinned evenly, wound back with the run."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Curves, Frame
from gui.stage.sparkline import Sparkline
from gui.stage.sparkline_data import MAX_POINTS, SparklineData, points_before
from tests.gui.frames import LAPTOP, Open, frame


def test_it_keeps_first_and_last_and_thins_evenly() -> None:
    course = SparklineData()
    for step in range(10_000):
        course.add(step, step * 0.5)
    steps = [step for step, _ in course.points]
    assert len(steps) <= MAX_POINTS
    assert (steps[0], steps[-1]) == (0, 9_999)
    gaps = np.diff(steps[:-1])
    assert gaps.max() <= 2 * gaps.min()
    assert all(value == step * 0.5 for step, value in course.points)


def test_uneven_steps_stay_within_bounds() -> None:
    course = SparklineData()
    step = 0
    for jump in np.random.default_rng(0).integers(1, 5000, 3000).tolist():
        step += jump
        course.add(step, 1.0)
        assert len(course.points) <= MAX_POINTS
    assert course.points[-1][0] == step


def test_a_run_wound_back_loses_what_came_after() -> None:
    course = SparklineData()
    for step in range(50):
        course.add(step, float(step))
    course.add(20, 99.0)
    assert course.points[-1] == (20, 99.0)
    assert max(step for step, _ in course.points) == 20


def test_its_line_and_its_largest_are_those_of_its_points() -> None:
    course = SparklineData()
    generator = np.random.default_rng(3)
    step = 0
    for turn in range(3000):
        step = step // 2 if turn % 977 == 976 else step + int(generator.integers(1, 50))
        value = math.nan if turn % 7 == 0 else float(generator.uniform())
        course.add(step, value)
        finite = [(at, each) for at, each in course.points if math.isfinite(each)]
        assert course.largest == max((each for _, each in finite), default=0.0)
        assert [(point.x(), point.y()) for point in course.polyline] == finite


class Counted(Sparkline):
    """Counts how often it asks to be painted."""

    asked = 0

    def update(self, *_: object) -> None:
        self.asked += 1


def test_it_is_painted_where_one_could_see_a_change(qtbot: QtBot) -> None:
    trend = Counted("layer1")
    qtbot.addWidget(trend)
    trend.resize(120, 80)
    for step in range(0, 10_001, 100):
        trend.add(step, 0.0400 + step * 1e-8)
    trend.set_ceiling(trend.data.largest)
    trend.refresh()
    trend.grab()
    before = trend.asked
    trend.add(10_001, 0.0401 + 1e-8)
    trend.refresh()
    assert trend.asked == before  # a hundredth of a pixel
    trend.add(10_200, 0.0401 + 1e-8)
    trend.refresh()
    assert trend.asked == before + 1  # two pixels
    trend.grab()
    trend.add(10_201, 0.0456)
    trend.set_ceiling(trend.data.largest)
    trend.refresh()
    assert trend.asked == before + 2  # another number


def test_more_directions_than_are_known_are_said_to_be_more(qtbot: QtBot) -> None:
    trend = Sparkline("layer1")
    qtbot.addWidget(trend)
    trend.add(1, 0.5, "> 16")
    assert trend.k90_text == "k90 > 16"
    assert "> 16 directions of ΔW hold 90 %" in trend.toolTip()
    trend.add(2, 0.5, "3")
    assert trend.k90_text == "k90 3"


def test_a_diverged_run_still_draws(qtbot: QtBot) -> None:
    trend = Sparkline("layer1")
    qtbot.addWidget(trend)
    trend.resize(120, 80)
    for step, value in enumerate([0.0, 0.1, 0.5, math.inf, math.nan]):
        trend.add(step, value)
        trend.set_ceiling(trend.data.largest)
        trend.grab()
    assert trend.data.largest == 0.5
    assert trend.text == "not a number"
    assert trend.accessibleDescription() == "not a number"
    trend.clear()
    assert trend.text == ""
    trend.grab()


def test_the_curve_ends_at_now_even_when_flat(qtbot: QtBot) -> None:
    trend = Sparkline("layer1")
    qtbot.addWidget(trend)
    for step in (0, 1, 2):
        trend.add(step, 0.0)
    assert trend.text == "0"
    assert trend.data.points[-1] == (2, 0.0)


def _with_curves(step: int, steps: list[int]) -> Frame:
    """A frame that brings points of some steps; the first layer's ratio is a tenth of its step."""
    made = frame(step=step)
    ratios = np.outer(steps, np.linspace(0.1, 0.4, len(made.layers))).astype(np.float32)
    nothing = np.zeros(len(steps), np.float32)
    curves = Curves(np.asarray(steps), nothing, nothing, nothing, nothing, ratios)
    return dataclasses.replace(made, curves=curves)


def test_what_was_measured_between_two_frames_is_in_the_curve(open_stage: Open) -> None:
    """However fast it trains, the small curve has the points that the engine measured."""
    session, stage = open_stage("full", LAPTOP)
    for step, measured in ((0, [0]), (40, [0, 5, 10, 40]), (90, [60])):
        session.give(_with_curves(step, measured))
    course = stage.findChildren(Sparkline)[0].data
    assert [step for step, _ in course.points] == [0, 5, 10, 40, 60, 90]
    assert dict(course.points)[10] == np.float32(1.0)


def test_a_frame_without_curves_brings_no_points() -> None:
    assert points_before(frame(step=3)) == {}
    assert points_before(_with_curves(3, [3, 4]))["layer1"] == []
