"""The curves: what is kept of a run, how it is drawn, and that it lets go."""

import dataclasses
import gc
import math
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Applied
from engine.protocol.settings import Settings
from gui.axis import nice_top
from gui.charts import Charts
from gui.charts.curve import Curve
from gui.charts.curves import CLIP, loss_top, moved_picture
from gui.charts.outline import MOST, outline
from gui.charts.picture import Picture, Places
from gui.charts.run_curves import RunCurves
from gui.labels import push_apart
from gui.marks import Marks, RunMarks
from gui.record import LIMIT, Record
from gui.theme import Scheme, look
from tests.gui.shell_frames import FakeSession, catalogue, frame, layer

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
    return {curve.name: curve for plot in plots for curve in plot.canvas.picture.curves}


# ---------------------------------------------------------------- points


def test_a_long_run_is_thinned_evenly_and_keeps_its_ends() -> None:
    record = Record()
    for step in range(0, 1_000_000, 37):
        record.add(step, {"train": float(step)})
        assert len(record) <= LIMIT
    steps, values = record.curve("train")
    assert (steps[0], steps[-1]) == (0, step)
    assert (steps == values).all()
    assert np.diff(steps).max() <= 4 * np.median(np.diff(steps))
    assert len(steps) >= LIMIT // 2


def test_steps_of_very_different_length_are_thinned_by_step() -> None:
    record = Record()
    record.add(0, {"a": 0.0})
    for step in range(1_000_000, 1_000_000 + 3 * LIMIT):
        record.add(step, {"a": 1.0})
    steps, _ = record.curve("a")
    assert (steps[0], steps[-1]) == (0, 1_000_000 + 3 * LIMIT - 1)


def recorded() -> Record:
    record = Record()
    for step in (0, 10, 20, 30, 40):
        record.add(step, {"a": float(step)})
    return record


def test_what_is_replayed_is_there_already() -> None:
    record = recorded()
    for step in (0, 25, 30):
        record.add(step, {"a": -1.0})
    assert record.curve("a")[0].tolist() == [0, 10, 20, 30, 40]
    record.add(40, {"a": -2.0})
    assert record.last() == {"a": -2.0}
    assert record.curve("a")[1].tolist() == [0, 10, 20, 30, -2]


def test_what_lies_beyond_a_step_can_be_cut_off_or_left_out_of_a_copy() -> None:
    record = recorded()
    copy = record.up_to(20)
    copy.add(25, {"a": 7.0})
    assert copy.curve("a")[1].tolist() == [0, 10, 20, 7]
    assert record.curve("a")[1].tolist() == [0, 10, 20, 30, 40]
    record.cut(29)
    assert record.last() == {"a": 20.0}
    record.cut(-1)
    assert (len(record), record.last_step) == (0, 0)


def test_a_copy_of_a_thinned_record_goes_on_as_that_would() -> None:
    record = Record()
    for step in range(3 * LIMIT):
        record.add(step, {"a": float(step)})
    copy = record.up_to(2 * LIMIT)
    for step in range(2 * LIMIT + 1, 8 * LIMIT):
        copy.add(step, {"a": float(step)})
        assert len(copy) <= LIMIT
    steps, values = copy.curve("a")
    assert (steps == values).all()
    assert (steps[0], steps[-1]) == (0, 8 * LIMIT - 1)
    assert record.last_step == 3 * LIMIT - 1


def test_what_is_no_number_is_skipped() -> None:
    record = Record()
    for step, value in enumerate((1.0, math.nan, math.inf, -math.inf, 2.0)):
        record.add(step, {"a": value})
    steps, values = record.curve("a")
    assert (steps.tolist(), values.tolist()) == ([0, 4], [1.0, 2.0])


def test_a_curve_that_begins_later_has_no_points_before() -> None:
    record = Record()
    record.add(0, {"a": 1.0})
    record.add(1, {"a": 1.0, "b": 5.0})
    record.add(2, {"a": 1.0})
    assert record.curve("b")[0].tolist() == [1]
    assert record.curve("none")[0].tolist() == []


def test_the_nearest_row_is_read() -> None:
    record = Record()
    assert record.at(3.0) is None
    for step in (0, 10, 20):
        record.add(step, {"a": float(step)})
    assert record.at(13.0) == (10, {"a": 10.0})
    assert record.at(1e9) == (20, {"a": 20.0})


def test_an_outline_keeps_peaks_and_ends_and_does_not_flicker() -> None:
    steps = np.arange(1999.0)
    values = np.sin(steps / 30)
    values[777] = 9.0
    few, heights = outline(steps, values)
    assert len(few) <= MOST + 40
    assert (few[0], few[-1]) == (0, 1998)
    assert heights.max() == 9.0
    assert (np.diff(few) > 0).all()
    fewer, _ = outline(steps[:-1], values[:-1])
    assert set(fewer[:200]) <= set(few)
    short = outline(steps[:9], values[:9])
    assert short[0] is not None
    assert len(short[0]) == 9


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    "wished", [[50.0, 50.0, 50.0], [0.0, 1.0, 99.0], [99.0, 98.0, 97.0], [10.0], [], [5.0] * 40]
)
def test_labels_never_overlap_and_stay_inside(wished: list[float]) -> None:
    places = push_apart(wished, 12.0, 6.0, 94.0)
    gap = min(12.0, 88.0 / max(len(wished) - 1, 1))
    assert all(6.0 - 1e-6 <= place <= 94.0 + 1e-6 for place in places)
    assert (np.diff(sorted(places)) >= gap - 1e-6).all()
    order = np.argsort(wished, kind="stable")
    assert (np.diff(np.asarray(places)[order]) >= 0).all()


def test_labels_that_have_room_are_left_where_they_are() -> None:
    assert push_apart([20.0, 60.0], 12.0, 0.0, 100.0) == [20.0, 60.0]


def test_the_top_of_an_axis_is_a_round_number() -> None:
    assert [nice_top(value) for value in (2.31, 0.042, 9.0, 1.0)] == [2.5, 0.05, 10.0, 1.0]
    assert [nice_top(value) for value in (0.0, math.nan, math.inf, -1.0)] == [1.0] * 4


def test_values_beyond_the_top_are_drawn_at_it(qtbot: QtBot) -> None:
    places = Places(Picture(top=2.0), 200, 100)
    low, middle, high = places.y(np.array([-1.0, 1.0, 1e300]))
    assert low == places.area.bottom()
    assert high == places.area.top()
    assert middle == pytest.approx(places.area.center().y())


# ---------------------------------------------------------------- marks


def test_a_drag_becomes_one_mark_from_the_first_value_to_the_last() -> None:
    marks = Marks(LORA)
    for number, rank in enumerate((5, 6, 7, 8)):
        marks.add(Applied(1, 100 + number, LORA.replace(rank=rank)), None, 0.1 * number)
    assert [(mark.step, mark.text) for mark in marks.all] == [(103, "r 4 → 8")]
    marks.add(Applied(1, 110, LORA.replace(rank=9)), None, 9.0)
    assert [mark.text for mark in marks.all] == ["r 4 → 8", "r 8 → 9"]


def test_a_drag_that_comes_back_leaves_no_mark() -> None:
    marks = Marks(LORA)
    marks.add(Applied(1, 100, LORA.replace(rank=9)), None, 0.0)
    marks.add(Applied(1, 101, LORA), None, 0.1)
    assert marks.all == ()


def test_different_settings_are_different_marks_unless_at_one_step() -> None:
    marks = Marks(LORA)
    marks.add(Applied(1, 100, LORA.replace(rank=9)), None, 0.0)
    both = LORA.replace(rank=9, learning_rate=0.01)
    marks.add(Applied(1, 101, both), None, 0.1)
    assert [mark.text for mark in marks.all] == ["r 4 → 9", "η 0.003 → 0.01"]
    marks.add(Applied(1, 101, both.replace(optimizer="sgd")), None, 60.0)
    assert [mark.text for mark in marks.all] == ["r 4 → 9", "η 0.003 → 0.01, Adam → SGD"]


def test_a_change_before_the_first_step_needs_no_mark() -> None:
    marks = Marks(LORA)
    marks.add(Applied(1, 0, LORA.replace(rank=9)), None, 0.0)
    assert marks.all == ()
    marks.add(Applied(1, 50, LORA.replace(rank=8)), None, 9.0)
    assert [mark.text for mark in marks.all] == ["r 9 → 8"]


def test_marks_are_bounded() -> None:
    marks = Marks(LORA)
    for step in range(1, 500):
        marks.add(Applied(1, step, LORA.replace(rank=1 + step % 30)), None, 10.0 * step)
    assert len(marks.all) == 40
    assert [mark.step for mark in marks.up_to(480).all][-1] == 480


def test_locks_are_marked_in_the_words_of_the_window(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="freeze"))
    charts = opened(qtbot, session)
    session.feed(frame(0, settings=session.settings), frame(40, settings=session.settings))
    session.freeze("layer1", False)
    session.apply(40)
    assert [mark.text for mark in charts.curves.marks] == ["layer 1 unlocked"]


# ---------------------------------------------------------------- runs


def test_curves_grow_with_the_frames(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(*(frame(step) for step in (0, 10, 20)))
    curves = drawn(charts)
    assert curves["train"].steps.tolist() == [0, 10, 20]
    assert curves["validation"].dashed
    assert not curves["train"].dashed
    assert set(curves) == {
        "train", "validation", "target", "source", "layer1", "layer2", "layer3", "head",
    }  # fmt: skip


def test_measures_of_an_earlier_step_are_no_point_of_this_one(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    later = dataclasses.replace(frame(17), found_at=10)
    session.feed(frame(0), frame(10), later, frame(20))
    assert drawn(charts)["train"].steps.tolist() == [0, 10, 20]


def test_another_strategy_leaves_a_ghost_until_a_reset(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    full = Settings(strategy="full")
    session.feed(frame(0, run=2, settings=full), frame(50, run=2, settings=full))
    curves = drawn(charts)
    assert curves["ghost.train"].steps.tolist() == [0, 100]
    assert curves["ghost.target"].ghost
    assert curves["train"].steps.tolist() == [0, 50]
    assert charts.accuracy.canvas.picture.caption == "faint: LoRA"
    session.feed(frame(0, run=3, settings=full))
    assert not any(curve.ghost for curve in drawn(charts).values())


def test_a_run_without_steps_does_not_take_the_ghosts_place(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    full, probe = Settings(strategy="full"), Settings(strategy="linear_probe")
    session.feed(frame(0), frame(100), frame(0, run=2, settings=full))
    session.feed(frame(0, run=3, settings=probe), frame(9, run=3, settings=probe))
    assert charts.curves.ghost_label == "LoRA"


def test_the_same_strategy_under_other_settings_is_the_run_before() -> None:
    curves = RunCurves(LORA, RunMarks(LORA))
    for step in (0, 10):
        curves.take(frame(step))
    curves.begin(frame(0, run=2, settings=LORA.replace(seed=3)), catalogue())
    assert curves.ghost_label == "the run before"


def test_in_the_past_the_curves_stay_whole_behind_a_line_at_the_step(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(50), frame(100), frame(40, tip=100))
    curves = drawn(charts)
    assert curves["train"].steps.tolist() == [0, 50, 100]
    plots = (charts.loss, charts.accuracy, charts.moved)
    assert [plot.canvas.picture.here for plot in plots] == [40, 40, 40]
    assert charts.loss.values_text().startswith(f"{2 / 1.8:.4f} training")
    charts.grab()
    session.feed(frame(60, tip=100), frame(100, tip=100))
    assert drawn(charts)["train"].steps.tolist() == [0, 50, 100]
    assert charts.loss.canvas.picture.here is None


def test_figures_of_a_replayed_step_that_were_not_measured_are_those_nearby(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(*(frame(step, train_loss=step / 100) for step in (0, 50, 100)))
    session.feed(dataclasses.replace(frame(52, tip=100, train_loss=9.0), found_at=40))
    charts.redraw()
    assert charts.loss.values_text().startswith("0.5000 training")


def test_a_record_ends_where_a_new_engine_begins(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(50), frame(100, tip=100), frame(40, tip=40))
    assert drawn(charts)["train"].steps.tolist() == [0, 40]
    assert charts.loss.canvas.picture.here is None


def test_a_live_change_is_marked_and_the_curve_goes_on(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    session.update(learning_rate=0.01)
    session.apply(100)
    session.feed(frame(200, settings=session.settings))
    assert drawn(charts)["train"].steps.tolist() == [0, 100, 200]
    assert [(m.step, m.text) for m in charts.loss.canvas.picture.marks] == [(100, "η 0.003 → 0.01")]


def test_a_change_of_a_run_not_begun_yet_is_no_mark(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    session.update(learning_rate=0.01)
    session.apply(7, run=2)
    assert charts.curves.marks == ()


def test_going_back_takes_curves_and_marks_along(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(100))
    session.update(learning_rate=0.01)
    session.apply(100)
    session.feed(frame(200), frame(60))
    assert drawn(charts)["train"].steps.tolist() == [0, 60]
    assert charts.curves.marks == ()


def test_the_preview_is_no_point(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0, run=0, train_loss=math.nan))
    assert len(charts.curves.record) == 0
    assert charts.accuracy.values_text() == "what is learned, what is remembered"


# ---------------------------------------------------------------- numbers that are none


def test_a_diverging_loss_is_drawn_up_to_a_limit_and_said_to_be(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(1, train_loss=1e30), frame(2, train_loss=math.inf))
    charts.redraw()
    picture = charts.loss.canvas.picture
    assert picture.top == nice_top(CLIP * 2.0)
    assert "not drawn to scale" in picture.note
    assert drawn(charts)["train"].steps.tolist() == [0, 1]
    charts.grab()


def test_a_frame_of_nothing_but_nan_is_drawn(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    broken = dataclasses.replace(layer("layer1"), delta_norm=math.nan)
    for step in (0, 1, 2):
        session.feed(
            frame(step, train_loss=math.nan, validation_loss=math.nan, target_accuracy=None,
                  source_accuracy=math.nan, layers=(broken,))
        )  # fmt: skip
    assert all(len(curve.steps) == 0 for curve in drawn(charts).values())
    assert "not a number" in charts.loss.values_text()
    charts.grab()


def test_a_layer_that_starts_at_zero_has_no_ratio(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, RunMarks(LORA))
    empty = dataclasses.replace(layer("adapter1.up"), weight_norm=0.0, delta_norm=0.1)
    for step in (0, 1):
        curves.take(frame(step, layers=(empty, layer("layer1", 1, 0.5))))
    picture = moved_picture(curves)
    assert [len(curve.steps) for curve in picture.curves] == [0, 2]
    assert picture.top == 0.5


def test_layers_at_the_same_value_share_a_label(qtbot: QtBot) -> None:
    curves = RunCurves(LORA, RunMarks(LORA))
    still = (layer("layer1"), layer("layer2"), layer("layer3", 1, 0.3), layer("head"))
    for step in (0, 1):
        curves.take(frame(step, layers=still))
    assert [c.label for c in moved_picture(curves).curves] == ["L1 L2 head", "", "L3", ""]


def test_the_axis_of_a_small_loss_is_small() -> None:
    record = Record()
    record.add(0, {"train": 0.04, "validation": 0.05})
    assert loss_top(record, None) == (0.05, "")


# ---------------------------------------------------------------- the widget


def test_names_are_where_end_to_end_tests_look(qtbot: QtBot) -> None:
    charts = opened(qtbot, FakeSession())
    assert charts.findChild(QWidget, "lossChart") is charts.loss.canvas


def test_values_follow_the_pointer(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(*(frame(step, train_loss=step / 100) for step in (0, 50, 100)))
    charts.redraw()
    assert charts.loss.values_text().startswith("1.0000 training")
    canvas = charts.accuracy.canvas
    middle = QPointF(Places(canvas.picture, canvas.width(), canvas.height()).x_of(52), 30)
    move = QMouseEvent(
        QEvent.Type.MouseMove, middle, canvas.mapToGlobal(middle), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), move)
    assert charts.loss.values_text().startswith("0.5000 training")
    assert charts.moved.values_text().startswith("L1 0.00")
    canvas.leaveEvent(None)
    assert charts.loss.values_text().startswith("1.0000 training")


def test_it_redraws_only_while_it_is_seen(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    charts.hide()
    session.feed(frame(0), frame(10))
    qtbot.wait(120)
    assert charts.loss.canvas.picture.curves[-1].steps.tolist() == []
    charts.show()
    assert charts.loss.canvas.picture.curves[-1].steps.tolist() == [0, 10]


def test_it_draws_what_came_within_a_moment(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = opened(qtbot, session)
    session.feed(frame(0), frame(10))

    def all_drawn() -> bool:
        pictures = [p.canvas.picture for p in (charts.loss, charts.accuracy, charts.moved)]
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
    scheme = look.scheme
    try:
        for chosen in (Scheme.DARK, Scheme.LIGHT):
            look.set_scheme(chosen)
            look.set_text_scale(2.0)
            charts.redraw()
            colour = charts.grab().toImage().pixelColor(2, 160).name()
            assert colour == look.theme.page
    finally:
        look.set_text_scale(1.0)
        look.set_scheme(scheme)


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    charts = Charts(session)
    charts.show()
    session.feed(frame(0), frame(10))
    charts.redraw()
    alive = [weakref.ref(charts), weakref.ref(charts.loss.canvas)]
    charts.close()
    charts.deleteLater()
    del charts
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [reference() for reference in alive] == [None, None]
    session.feed(frame(20))
