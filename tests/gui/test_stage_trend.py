"""The course of ‖ΔW‖ / ‖W‖: thinned evenly, wound back with the run."""

from __future__ import annotations

import math

import numpy as np
from pytestqt.qtbot import QtBot

from gui.stage.course import MOST_POINTS, Course
from gui.stage.trend import Trend


def test_it_keeps_first_and_last_and_thins_evenly() -> None:
    course = Course()
    for step in range(10_000):
        course.add(step, step * 0.5)
    steps = [step for step, _ in course.points]
    assert len(steps) <= MOST_POINTS
    assert (steps[0], steps[-1]) == (0, 9_999)
    gaps = np.diff(steps[:-1])
    assert gaps.max() <= 2 * gaps.min()
    assert all(value == step * 0.5 for step, value in course.points)


def test_uneven_steps_stay_within_bounds() -> None:
    course = Course()
    step = 0
    for jump in np.random.default_rng(0).integers(1, 5000, 3000).tolist():
        step += jump
        course.add(step, 1.0)
        assert len(course.points) <= MOST_POINTS
    assert course.points[-1][0] == step


def test_a_run_wound_back_loses_what_came_after() -> None:
    course = Course()
    for step in range(50):
        course.add(step, float(step))
    course.add(20, 99.0)
    assert course.points[-1] == (20, 99.0)
    assert max(step for step, _ in course.points) == 20


def test_a_diverged_run_still_draws(qtbot: QtBot) -> None:
    trend = Trend("layer1")
    qtbot.addWidget(trend)
    trend.resize(120, 80)
    for step, value in enumerate([0.0, 0.1, 0.5, math.inf, math.nan]):
        trend.add(step, value)
        trend.set_ceiling(trend.course.largest)
        trend.grab()
    assert trend.course.largest == 0.5
    assert trend.text == "not a number"
    assert trend.accessibleDescription() == "not a number"
    trend.clear()
    assert trend.text == ""
    trend.grab()


def test_the_curve_ends_at_now_even_when_flat(qtbot: QtBot) -> None:
    trend = Trend("layer1")
    qtbot.addWidget(trend)
    for step in (0, 1, 2):
        trend.add(step, 0.0)
    assert trend.text == "0"
    assert trend.course.points[-1] == (2, 0.0)
