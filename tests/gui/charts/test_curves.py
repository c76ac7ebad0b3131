"""The plots made of a run's curves."""

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.charts.run_curves import RunCurves
from gui.charts.run_plots import make_accuracy_plot, make_loss_plot, make_moved_plot
from gui.state.change_log import ChangeLog
from tests.gui.shell_frames import frame, layer

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
    for step in (0, 1):
        curves.add_frame(frame(step, target_accuracy=0.83, source_accuracy=0.85))
    assert (make_accuracy_plot(curves).bottom, make_accuracy_plot(curves).top) == (0.81, 0.87)
