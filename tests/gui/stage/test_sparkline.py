"""‖ΔW‖ / ‖W‖ of a layer: its number, and its curve, wound back with the run."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Curves, Frame
from gui.stage.sparkline import CURVE_TOOLTIP, RATIO_TOOLTIP, Sparkline
from tests.gui.frames import LAPTOP, Open, frame


def test_more_directions_than_are_known_are_said_to_be_more(qtbot: QtBot) -> None:
    trend = Sparkline("layer1")
    qtbot.addWidget(trend)
    trend.set_value(0.5, "> 16")
    assert trend.k90_text == "k90 > 16"
    assert "> 16 directions of ΔW hold 90 %" in trend.toolTip()
    trend.set_value(0.5, "3")
    assert trend.k90_text == "k90 3"


@pytest.mark.parametrize("strategy", ["full", "lora"])
def test_only_what_draws_the_curve_speaks_of_it(open_stage: Open, strategy: str) -> None:
    _, stage = open_stage(strategy, LAPTOP)
    ratios = [each for each in stage.findChildren(QWidget) if RATIO_TOOLTIP in each.toolTip()]
    assert {isinstance(each, Sparkline) for each in ratios} == {True, False}
    for each in ratios:
        assert (CURVE_TOOLTIP in each.toolTip()) is isinstance(each, Sparkline)


def test_a_diverged_run_still_draws(open_stage: Open) -> None:
    session, stage = open_stage("full", LAPTOP)
    trend = stage.findChildren(Sparkline)[0]
    for step, value in enumerate([0.1, 0.5, math.inf, math.nan], start=1):
        made = frame("full", step=step)
        first = replace(made.layers[0], delta_norm=value, weight_norm=1.0)
        session.feed(replace(made, layers=(first, *made.layers[1:])))
        trend.grab()
    assert trend.largest == 0.5
    assert trend.text == "not a number"
    assert trend.accessibleDescription().startswith("not a number")
    session.feed(frame("full", step=0, run=2, change=0.0))
    assert (trend.text, trend.largest) == ("0", 0.0)
    trend.grab()


def test_the_curve_ends_at_now_and_loses_what_came_after(open_stage: Open) -> None:
    session, stage = open_stage("full", LAPTOP)
    curve = stage.findChildren(Sparkline)[0]
    for steps in ((10, 20, 30), (25,), (25, 26)):
        for step in steps:
            session.feed(frame("full", step=step, change=0.0))
        assert curve.curve[0][-1] == steps[-1]
    assert curve.curve[0].tolist() == [1, 10, 20, 25, 26]


def _with_curves(step: int, steps: list[int]) -> Frame:
    """A frame that brings points of some steps; the first layer's ratio is a tenth of its step."""
    made = frame(step=step)
    ratios = np.outer(steps, np.linspace(0.1, 0.4, len(made.layers))).astype(np.float32)
    nothing = np.zeros(len(steps), np.float32)
    curves = Curves(np.asarray(steps), *(nothing,) * 6, ratios)
    return replace(made, curves=curves)


def test_what_was_measured_between_two_frames_is_in_the_curve(open_stage: Open) -> None:
    """However fast it trains, the small curve has the points that the engine measured."""
    session, stage = open_stage("full", LAPTOP)
    for step, measured in ((0, [0]), (40, [0, 5, 10, 40]), (90, [60])):
        session.feed(_with_curves(step, measured))
    steps, values = stage.findChildren(Sparkline)[0].curve
    assert steps.tolist() == [0, 5, 10, 40, 60, 90]
    assert values[2] == np.float32(1.0)
