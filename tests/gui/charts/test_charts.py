"""The page of a run's curves: drawn with the frames, and let go of with its window."""

import gc
import math
import weakref

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.charts.charts import Charts
from gui.charts.run_plots import MAX_LOSS_RATIO
from gui.plots.plot_spec import Curve, nice_top
from gui.theme import Scheme, appearance
from tests.gui.shell_frames import FakeSession, catalogue, frame, layer, sample

LORA = Settings(strategy="lora")


def opened(qtbot: QtBot, session: FakeSession) -> Charts:
    charts = Charts(session)
    charts.resize(800, 170)
    session.show(qtbot, charts)
    return charts


def drawn(charts: Charts) -> dict[str, Curve]:
    """Every curve on the screen by name."""
    charts.redraw()
    plots = (charts.loss, charts.accuracy, charts.moved)
    return {curve.name: curve for plot in plots for curve in plot.plot.spec.curves}


# ---------------------------------------------------------------- marks


def test_locks_are_marked_in_the_words_of_the_window(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="freeze"))
    charts = opened(qtbot, session)
    session.feed(
        frame(0, settings=session.state.settings), frame(40, settings=session.state.settings)
    )
    session.editor.freeze("layer1", False)
    session.apply(40)
    assert [mark.text for mark in charts.curves.marks] == ["layer 1 unlocked"]


# ---------------------------------------------------------------- runs


def test_curves_grow_with_the_frames(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(*(frame(step) for step in (0, 10, 20)))
    curves = drawn(charts)
    assert curves["train_loss"].steps.tolist() == [0, 10, 20]
    assert curves["validation_loss"].dashed
    assert not curves["train_loss"].dashed
    assert set(curves) == {
        "train_loss", "validation_loss", "target_accuracy", "source_accuracy",
        "source_accuracy_kept_head",
        "layer1", "layer2", "layer3", "head",
    }  # fmt: skip


def test_measures_of_an_earlier_step_are_no_point_of_this_one(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    later = frame(17, measured_at=10)
    session.feed(frame(0), frame(10), later, frame(20))
    assert drawn(charts)["train_loss"].steps.tolist() == [0, 10, 20]


def test_another_strategy_leaves_a_ghost_until_a_reset(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    full = Settings(strategy="full")
    session.feed(frame(0, run=2, settings=full), frame(50, run=2, settings=full))
    curves = drawn(charts)
    assert curves["ghost.train_loss"].steps.tolist() == [0, 100]
    assert curves["ghost.target_accuracy"].faint
    assert curves["train_loss"].steps.tolist() == [0, 50]
    assert charts.previous.text() == "earlier run: LoRA"
    charts.previous.click()
    assert not any(curve.faint for curve in drawn(charts).values())
    charts.previous.click()
    assert drawn(charts)["ghost.train_loss"].faint
    session.feed(frame(0, run=3, settings=full))
    assert not any(curve.faint for curve in drawn(charts).values())


def test_a_run_of_another_task_leaves_no_ghost(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    inverted = Settings(strategy="lora", task="digits-to-inverted")
    session.feed(frame(0, run=2, settings=inverted), frame(50, run=2, settings=inverted))
    assert not any(curve.faint for curve in drawn(charts).values())
    assert charts.previous.isHidden()


def test_before_the_first_step_it_says_what_the_network_is_for(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.take_report(catalogue())
    session.feed(frame(0, sample=sample()))
    charts.redraw()
    assert charts.purpose.isVisible()
    assert charts.purpose.text().startswith("Reads an 8×8 image of a digit")
    assert charts.purpose.text().endswith("to fine-tune it to digits rotated by 30°.")
    session.feed(frame(1))
    charts.redraw()
    assert not charts.purpose.isVisible()


@pytest.mark.parametrize(
    ("strategy", "end"),
    [
        ("scratch", "random; press Play to train it from scratch for digits rotated by 30°."),
        ("pretrain", "random; press Play to pretrain it on upright digits."),
    ],
)
def test_random_weights_are_not_called_pretrained(qtbot: QtBot, strategy: str, end: str) -> None:
    session = FakeSession(Settings(strategy=strategy))
    charts = opened(qtbot, session)
    session.take_report(catalogue())
    session.feed(frame(0, settings=session.state.settings))
    charts.redraw()
    assert charts.purpose.text().endswith(end)
    assert "retrained on" not in charts.purpose.text()


@pytest.mark.parametrize(
    ("size", "beside", "fitting"),
    [((800, 170), True, 3), ((250, 400), False, 3), ((250, 190), False, 2), ((440, 220), False, 2)],
)
def test_as_many_plots_as_fit_stand_beside_or_below_each_other(
    qtbot: QtBot, size: tuple[int, int], beside: bool, fitting: int
) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    charts.redraw()
    charts.resize(*size)
    plots = (charts.loss, charts.accuracy, charts.moved)

    def tops() -> list[int]:
        return [plot.mapTo(charts, QPoint()).y() for plot in plots]

    qtbot.waitUntil(lambda: (len(set(tops())) == 1) == beside)
    assert charts.loss.height() >= 84
    assert sum(t + p.height() <= size[1] for t, p in zip(tops(), plots, strict=True)) == fitting


def test_a_click_on_a_plot_goes_to_that_step(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(*(frame(step, tip=100) for step in (0, 50, 100)))
    charts.redraw()
    charts.grab()
    plot = charts.accuracy.plot
    at = plot.point_at(52, 0.7).toPoint()
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: session.navigation.target is not None)
    assert session.navigation.target is not None
    assert abs(session.navigation.target.step - 52) <= 1


def test_a_new_run_is_seen_as_a_whole(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    charts.redraw()
    plot = charts.accuracy.plot
    plot.grab()
    whole = plot.value_at(plot.area().topRight())
    wheel = QWheelEvent(
        plot.area().center(), plot.mapToGlobal(plot.area().center()), QPoint(), QPoint(0, 360),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), wheel)
    assert plot.value_at(plot.area().topRight())[1] < whole[1]
    session.feed(frame(0, run=2), frame(100, run=2))
    charts.redraw()
    assert plot.value_at(plot.area().topRight()) == whole


def test_a_run_without_steps_does_not_take_the_ghosts_place(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    full, probe = Settings(strategy="full"), Settings(strategy="linear_probe")
    session.feed(frame(0), frame(100), frame(0, run=2, settings=full))
    session.feed(frame(0, run=3, settings=probe), frame(9, run=3, settings=probe))
    assert charts.curves.previous_label == "LoRA"


def test_in_the_past_the_curves_stay_whole_behind_a_line_at_the_step(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(50), frame(100), frame(40, tip=100))
    curves = drawn(charts)
    assert curves["train_loss"].steps.tolist() == [0, 50, 100]
    plots = (charts.loss, charts.accuracy, charts.moved)
    assert [plot.plot.spec.shown_step for plot in plots] == [40, 40, 40]
    assert charts.loss.values_text().startswith(f"{2 / 1.8:.4f} training")
    charts.grab()
    session.feed(frame(60, tip=100), frame(100, tip=100))
    assert drawn(charts)["train_loss"].steps.tolist() == [0, 50, 100]
    assert charts.loss.plot.spec.shown_step is None


def test_figures_of_a_replayed_step_that_were_not_measured_are_those_nearby(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(*(frame(step, train_loss=step / 100) for step in (0, 50, 100)))
    session.feed(frame(52, tip=100, train_loss=9.0, measured_at=40))
    charts.redraw()
    assert charts.loss.values_text().startswith("0.5000 training")


def test_a_record_ends_where_a_new_engine_begins(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(50), frame(100, tip=100), frame(40, tip=40))
    assert drawn(charts)["train_loss"].steps.tolist() == [0, 40]
    assert charts.loss.plot.spec.shown_step is None


def test_a_live_change_is_marked_and_the_curve_goes_on(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    session.editor.update(learning_rate=0.01)
    session.apply(100)
    session.feed(frame(200, settings=session.state.settings))
    assert drawn(charts)["train_loss"].steps.tolist() == [0, 100, 200]
    assert [(m.step, m.text) for m in charts.loss.plot.spec.marks] == [(100, "η 0.003 → 0.01")]


def test_a_change_of_a_run_not_begun_yet_is_no_mark(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    session.editor.update(learning_rate=0.01)
    session.apply(7, run=2)
    assert charts.curves.marks == ()


def test_going_back_takes_curves_and_marks_along(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    session.editor.update(learning_rate=0.01)
    session.apply(100)
    session.feed(frame(200), frame(60))
    assert drawn(charts)["train_loss"].steps.tolist() == [0, 60]
    assert charts.curves.marks == ()


def test_the_preview_is_no_point(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0, run=0, train_loss=math.nan))
    assert len(charts.curves.buffer) == 0
    assert charts.accuracy.values_text() == "what is learned, what is remembered"


# ---------------------------------------------------------------- numbers that are none


def test_a_diverging_loss_is_drawn_up_to_a_limit_and_said_to_be(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(1, train_loss=1e30), frame(2, train_loss=math.inf))
    charts.redraw()
    picture = charts.loss.plot.spec
    assert picture.top == nice_top(MAX_LOSS_RATIO * 2.0)
    assert picture.note == "axis cut at 6"
    assert drawn(charts)["train_loss"].steps.tolist() == [0, 1]
    charts.grab()


def test_a_frame_of_nothing_but_nan_is_drawn(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    broken = replace(layer("layer1"), delta_norm=math.nan)
    for step in (0, 1, 2):
        session.feed(
            frame(step, train_loss=math.nan, validation_loss=math.nan, target_accuracy=None,
                  source_accuracy=math.nan, source_accuracy_kept_head=math.nan,
                  validation_accuracy=math.nan, layers=(broken,))
        )  # fmt: skip
    assert all(len(curve.steps) == 0 for curve in drawn(charts).values())
    assert "not a number" in charts.loss.values_text()
    charts.grab()


def test_each_layer_of_a_deep_network_has_a_colour_of_its_own(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    layers = tuple(layer(f"layer{number}", ratio=number / 100) for number in range(1, 25))
    session.feed(*(frame(step, layers=layers) for step in (0, 1)))
    curves = drawn(charts)
    assert len({curves[each.name].colour for each in layers}) == 24


# ---------------------------------------------------------------- the widget


def test_names_are_where_end_to_end_tests_look(qtbot: QtBot) -> None:
    charts = opened(qtbot, FakeSession())
    assert charts.findChild(QWidget, "lossChart") is charts.loss.plot


def test_values_follow_the_pointer(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(*(frame(step, train_loss=step / 100) for step in (0, 50, 100)))
    charts.redraw()
    assert charts.loss.values_text().startswith("1.0000 training")
    plot = charts.accuracy.plot
    middle = QPointF(plot.point_at(52, 0.5).x(), 30)
    move = QMouseEvent(
        QEvent.Type.MouseMove, middle, plot.mapToGlobal(middle), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), move)
    assert charts.loss.values_text().startswith("0.5000 training")
    assert charts.moved.values_text().startswith("L1 0.00")
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert charts.loss.values_text().startswith("1.0000 training")


def test_it_redraws_only_while_it_is_seen(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    charts.hide()
    session.feed(frame(0), frame(10))
    qtbot.wait(120)
    assert charts.loss.plot.spec.curves[-1].steps.tolist() == []
    charts.show()
    assert charts.loss.plot.spec.curves[-1].steps.tolist() == [0, 10]


def test_it_draws_what_came_within_a_moment(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(10))

    def all_drawn() -> bool:
        pictures = [p.plot.spec for p in (charts.loss, charts.accuracy, charts.moved)]
        return all(p.curves and p.curves[-1].steps.tolist() == [0, 10] for p in pictures)

    qtbot.waitUntil(all_drawn)


def test_nothing_that_comes_and_goes_is_painted_after_it_is_gone(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    many = tuple(layer(name, 1, 0.1) for name in
                 ("layer1", "adapter1.down", "layer2", "layer3", "head.hidden"))  # fmt: skip
    for run in range(1, 30):
        settings = Settings(strategy="adapter" if run % 2 else "full", seed=run)
        layers = many if run % 2 else many[:1]
        for step in (0, 5, 10):
            session.feed(frame(step, run=run, settings=settings, layers=layers))
        charts.redraw()
        charts.grab()
        gc.collect()


def test_every_theme_and_text_size_can_be_drawn(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    scheme = appearance.scheme
    try:
        for chosen in (Scheme.DARK, Scheme.LIGHT):
            appearance.set_scheme(chosen)
            appearance.set_text_scale(2.0)
            charts.redraw()
            colour = charts.grab().toImage().pixelColor(2, 160).name()
            assert colour == appearance.theme.panel
    finally:
        appearance.set_text_scale(1.0)
        appearance.set_scheme(scheme)


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = Charts(session)
    charts.show()
    session.feed(frame(0), frame(10))
    charts.redraw()
    alive = [weakref.ref(charts), weakref.ref(charts.loss.plot)]
    charts.close()
    charts.deleteLater()
    del charts
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [reference() for reference in alive] == [None, None]
    session.feed(frame(20))


def test_plots_below_each_other_have_one_axis_of_steps(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    charts.resize(260, 420)
    charts.redraw()
    areas = [plot.plot.area() for plot in (charts.loss, charts.accuracy, charts.moved)]
    assert len({(round(area.left()), round(area.right())) for area in areas}) == 1
