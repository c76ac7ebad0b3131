"""The plots made of a run's curves."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from engine.protocol.frames import SplitFacts
from engine.protocol.settings import Settings
from gui.charts.run_curves import RunCurves
from gui.charts.run_plots import make_accuracy_plot, make_loss_plot, make_moved_plot
from gui.plots.line_plot import LinePlot
from gui.state.change_log import ChangeLog
from tests.gui.shell_frames import LORA_LAYERS, frame, layer

LORA = Settings(strategy="lora")


def test_a_layer_that_starts_at_zero_has_no_ratio(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    empty = replace(layer("adapter1.up"), weight_norm=0.0, delta_norm=0.1)
    for step in (0, 1):
        curves.add_frame(frame(step, layers=(empty, layer("layer1", 1, 0.5))))
    picture = make_moved_plot(curves)
    assert [len(curve.steps) for curve in picture.curves] == [0, 2]
    assert picture.top == 0.5


def test_layers_at_the_same_value_share_a_label(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    still = (layer("layer1"), layer("layer2"), layer("layer3", 1, 0.3), layer("head"))
    for step in (0, 1):
        curves.add_frame(frame(step, layers=still))
    assert [c.label for c in make_moved_plot(curves).curves] == ["L1 L2 head", "", "L3", ""]


def test_the_eleventh_layer_has_not_the_colour_of_the_first(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    deep = tuple(layer(f"layer{number}", 1, 0.1) for number in range(1, 25))
    for step in (0, 1):
        curves.add_frame(frame(step, layers=(*deep, layer("adapter11.up", 1, 0.1), layer("head"))))
    colour = {curve.name: curve.colour for curve in make_moved_plot(curves).curves}
    assert len(set(colour.values())) == 25
    assert colour["adapter11.up"] == colour["layer11"]


def test_the_axis_of_a_small_loss_is_small(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    curves.add_frame(frame(0, train_loss=0.04, validation_loss=0.05))
    curves.add_frame(frame(1, train_loss=0.001, validation_loss=0.05))
    assert (make_loss_plot(curves).bottom, make_loss_plot(curves).top) == (0.0, 0.05)


def test_the_axis_of_accuracies_is_zoomed_to_them(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    measured = {"source_accuracy": 0.85, "source_accuracy_kept_head": 0.84}
    for step in (0, 1):
        curves.add_frame(frame(step, target_accuracy=0.83, **measured))
    assert (make_accuracy_plot(curves).bottom, make_accuracy_plot(curves).top) == (0.81, 0.87)


@pytest.mark.parametrize("large", [False, True])
def test_every_accuracy_is_named_and_few_are_drawn_in_a_small_plot(
    qtbot: QtBot, large: bool
) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    curves.shows_all_accuracies = large
    tumours = SplitFacts(172, 2, 0.686)
    for step in (0, 10):
        curves.add_frame(frame(step, target_accuracy=0.357, target_test=tumours))
    plot = LinePlot()
    qtbot.addWidget(plot)
    plot.set_spec(make_accuracy_plot(curves))
    drawn = {curve.name: curve for curve in plot.spec.curves}
    assert drawn["source_accuracy_kept_head"].dashed
    assert ("validation_accuracy" in drawn) == ("majority" in drawn) == large
    assert plot.end_labels().count("old head") == large
    text = plot.hover_text(10)
    for words in ("target 35.7", "source 68.5", "old head 73.5", "validation 80", "chance 50",
                  "majority 68.6"):  # fmt: skip
        assert text.count(words) == 1, words


def test_a_line_far_below_costs_no_height(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    curves.shows_all_accuracies = True
    for step in (0, 1):
        curves.add_frame(frame(step))
    picture = make_accuracy_plot(curves)
    assert picture.bottom > 0.5
    assert [curve.name for curve in picture.named] == ["chance"]


@pytest.mark.parametrize(("name", "random"), [("layer1", True), ("head", True), ("head", False)])
def test_the_old_head_has_a_curve_only_where_the_network_goes_on_with_it(
    qtbot: QtBot, name: str, random: bool
) -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    layers = tuple(
        replace(each, randomly_initialised=random and each.name == name) for each in LORA_LAYERS
    )
    for step in (0, 1):
        curves.add_frame(frame(step, layers=layers))
    drawn = {curve.name for curve in make_accuracy_plot(curves).curves}
    assert ("source_accuracy_kept_head" in drawn) == (not random)
