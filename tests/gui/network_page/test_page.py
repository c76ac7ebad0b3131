"""The network before and now, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import (
    Catalogue,
    DrawSample,
    EngineDied,
    FrameOptions,
    SetViews,
    ShowSample,
    StoppedEarly,
)
from engine.protocol.settings import Settings
from gui.matrices.colour_scale import DELTA, WEIGHT
from gui.network_page.heatmaps import Activations, downsampled, make_grid
from gui.network_page.input_side import MIN_PAD_SIDE
from gui.network_page.page import NetworkPage
from gui.theme import appearance
from gui.widgets.slider import Slider
from tests.gui.cut_texts import cut_texts
from tests.gui.frames import EVERY, frame as stage_frame
from tests.gui.large_frames import DEEP, Engine
from tests.gui.made_activations import flow, flowing
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, catalogue, frame, sample

SIZES = [(574, 551), (626, 499), (806, 579), (1126, 602), (2086, 953)]
"""What it has in the windows of 1280 × 720 with text half as large again, 1100 × 640, 1280 × 720,
1600 × 1000 and 2560 × 1440."""


def opened(qtbot: QtBot, session: FakeSession, size: tuple[int, int] = (806, 579)) -> NetworkPage:
    page = NetworkPage(session)
    page.resize(*size)
    session.show(qtbot, page)
    return page


def strip(page: NetworkPage, name: str, *, now: bool) -> Activations:
    found = [place for place in page.canvas.places if place.station.name == name]
    chosen = found[0].after if now else found[0].before
    assert chosen is not None
    return chosen


def click(qtbot: QtBot, page: NetworkPage, name: str) -> None:
    button = page.findChild(QPushButton, name) or page.findChild(QToolButton, name)
    assert button is not None and button.isVisible() and button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


# ---------------------------------------------------------------- what is asked of the engine


def test_the_way_is_followed_only_while_it_is_seen(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    assert session.last_sent == FrameOptions(activations=True)
    page.hide()
    assert session.last_sent == FrameOptions()


def test_it_waits_in_words_for_what_has_not_come(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    assert "as soon as the engine is ready" in page.text()
    session.feed(frame(1, sample=sample()))
    assert "as soon as" in page.text()
    session.feed(flowing())
    assert page.text() == ""
    session.feed(frame(0, run=2, sample=None))
    assert "no outputs for the target's classes" in page.text()
    session.feed(flowing(run=3))
    assert page.text() == ""


# ---------------------------------------------------------------- what is shown


@pytest.mark.parametrize("strategy", EVERY)
def test_what_is_drawn_are_the_very_numbers(qtbot: QtBot, strategy: str) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    made = flowing(strategy)
    session.feed(made)
    assert made.activations is not None
    ways = {name: each for place in page.canvas.places for each in place.strips()
            for name in [each.name]}  # fmt: skip
    assert set(ways) == {"x", *(layer.name for layer in made.activations.layers)}
    for layer in made.activations.layers:
        for place in page.canvas.places:
            for each, wanted in ((place.before, layer.before), (place.after, layer.after)):
                if place.station.name == layer.name:
                    assert (each is None) == (wanted is None)
                    if each is not None:
                        shown = each.matrix().reshape(-1)[: each.count]
                        assert np.array_equal(shown, wanted)
    layers = {layer.name: layer for layer in made.layers}
    for place in page.canvas.places:
        for thumb, factor in zip(place.thumbs, place.station.factors, strict=True):
            layer = layers[factor.layer]
            known = [layer.weight, layer.delta, layer.updated, *(m for _, m in layer.factors)]
            assert any(factor.matrix is matrix for matrix in known)
            assert np.array_equal(
                thumb.matrix(), downsampled(factor.matrix, page.canvas.network_layout.thumb)
            )
    page.grab()


def test_w_and_delta_and_updated_stand_between_in_their_own_scales(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    made = flowing("full")
    session.feed(made)
    for layer, place in zip(made.layers, page.canvas.places[1:], strict=True):
        w, delta, updated = place.station.factors
        assert (w.matrix, delta.matrix, updated.matrix) == (
            layer.weight, layer.delta, layer.updated,
        )  # fmt: skip
        assert (w.scale, delta.scale, updated.scale) == (WEIGHT, DELTA, WEIGHT)
        assert place.station.signs == ("+", "=")


def test_before_and_now_share_one_scale(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    made = flowing("full")
    assert made.activations is not None
    same = tuple(replace(layer, before=layer.after) for layer in made.activations.layers)
    session.feed(replace(made, activations=replace(made.activations, layers=same)))
    for name in ("layer1", "layer3"):
        before, now = strip(page, name, now=False), strip(page, name, now=True)
        assert before.grab().toImage() == now.grab().toImage()


def test_what_a_strategy_adds_stands_where_it_sits(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing("adapter"))
    names = [place.station.name for place in page.canvas.places]
    assert names[:3] == ["x", "layer1", "adapter1"]
    assert names[-2:] == ["adapter3", "outputs"]
    adapter = page.canvas.places[2]
    assert adapter.before is None  # the network before has none
    assert adapter.inner is not None and adapter.inner.count == 8
    assert [factor.caption for factor in adapter.station.factors] == ["D", "U"]
    session.feed(flowing("prompt", run=2))
    assert [p.station.name for p in page.canvas.places][:3] == ["x", "layer1.prompt", "layer1"]
    session.feed(flowing("feature_head", run=3))
    hidden, last = page.canvas.places[-2:]
    assert hidden.station.name == "head.hidden"
    assert hidden.before is not None
    assert "random" in last.station.factors[0].caption


def test_a_frozen_layer_is_hatched_and_said_to_be(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing("linear_probe"))
    deltas = [place.station.factors[1] for place in page.canvas.places[1:]]
    assert [delta.frozen for delta in deltas] == [True, True, True, False]
    assert "frozen" in page.canvas.places[1].thumbs[1].toolTip()


def test_the_verdicts_are_in_words(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing())
    before, now = (words.text() for words in page.outcome.verdicts)
    assert (before, now) == ("5, 82\u202f%, wrong", "3, 91\u202f%, right")
    session.feed(flowing(step=2, label=None, drawn=True))
    assert [words.text() for words in page.outcome.verdicts] == ["5, 82\u202f%", "3, 91\u202f%"]
    session.feed(flowing(step=3, after=np.full(10, np.nan, np.float32)))
    assert page.outcome.verdicts[1].text() == "not a number"
    page.grab()


def test_what_is_lost_is_drawn_too(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    made = flowing()
    assert made.activations is not None
    lost = tuple(
        replace(layer, after=np.full_like(layer.after, np.nan)) for layer in made.activations.layers
    )
    session.feed(replace(made, activations=replace(made.activations, layers=lost)))
    page.grab()
    page.canvas.pointed.emit("layer1", 4)
    assert "not a number now" in page.side.reading_label.text()


# ---------------------------------------------------------------- reading a number


def test_a_number_is_read_before_and_now_and_goes_on_being_read(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    made = flowing("full")
    session.feed(made)
    now = strip(page, "layer2", now=True)
    qtbot.mouseMove(now, QPoint(6, 6))
    page.canvas.pointed.emit("layer2", 16)
    assert made.activations is not None
    layer = made.activations.layers[1]
    assert page.side.reading_label.text().startswith("Layer 2, unit 17: ")
    assert f"{layer.before[16]:.3g}"[:3] in page.side.reading_label.text()
    assert now.cross() == strip(page, "layer2", now=False).cross() is not None
    assert strip(page, "layer1", now=True).cross() is None
    text = page.side.reading_label.text()
    session.feed(flowing("full", step=2, seed=5))
    assert page.side.reading_label.text() != text
    page.canvas.left.emit()
    assert "Hover over a cell" in page.side.reading_label.text()


def test_the_pointer_finds_each_number_and_nothing_where_there_is_none(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing("adapter"))
    for place in page.canvas.places:
        for each in place.strips():
            rows, columns = each.matrix().shape
            found = {each.unit(r, c) for r in range(rows) for c in range(columns)} - {None}
            assert found == set(range(each.count))


def test_arrow_keys_walk_over_the_numbers_and_escape_leads_out(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing("full"))
    first = strip(page, "layer1", now=False)
    first.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(first, key)
    assert page.side.reading_label.text().startswith("Layer 1, unit ")
    assert first.accessibleDescription().startswith("unit ")
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert "Hover over" in page.side.reading_label.text()
    with qtbot.waitSignal(page.left):
        qtbot.keyClick(first, Qt.Key.Key_Escape)


@pytest.mark.parametrize("count", [1, 2, 8, 16, 30, 37, 40, 97, 768, 8192])
@pytest.mark.parametrize("room", [(60, 20), (84, 26), (150, 47), (404, 96)])
def test_numbers_stand_in_whole_cells_within_their_room(count: int, room: tuple[int, int]) -> None:
    rows, columns, cell = make_grid(count, *room)
    assert rows * columns >= count > (rows - 1) * columns
    assert columns * cell <= room[0]
    assert rows * cell <= room[1] or cell == 1


# ---------------------------------------------------------------- room


@pytest.mark.parametrize("strategy", ["lora", "adapter", "feature_head", "prefix"])
def test_nothing_overlaps_and_all_is_within(qtbot: QtBot, strategy: str) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing(strategy))
    for size in SIZES:
        page.resize(*size)
        settle()
        check_places(page)


def check_places(page: NetworkPage) -> None:
    canvas, layout = page.canvas, page.canvas.network_layout
    assert layout is not None
    assert canvas.width() <= page.width()
    parts = [part for place in canvas.places for part in (*place.strips(), *place.thumbs)]
    for index, one in enumerate(parts):
        inner = one.geometry().adjusted(3, 3, -3, -3)
        assert inner.left() >= 0 and inner.right() <= layout.width, one.accessibleName()
        for other in parts[index + 1 :]:
            assert not inner.intersects(other.geometry().adjusted(3, 3, -3, -3))
    assert page.side.pad.geometry().bottom() < page.height()


def test_the_way_back_is_within_after_a_larger_window(qtbot: QtBot, dressed: None) -> None:
    session, window = FakeSession(), QWidget()
    page = NetworkPage(session)
    page.setParent(window)
    session.show(qtbot, window)
    session.feed(flowing("lora"))
    for height in range(560, 700, 20):
        page.resize(2210, 1357)
        settle()
        page.hide()
        page.resize(950, height)
        page.show()
        settle()
        assert page.side.pad.width() >= MIN_PAD_SIDE
        assert page.side.leave.geometry().bottom() < page.side.height() <= height
        assert cut_texts(page) == []


def test_a_deep_network_scrolls_and_its_end_stays_in_sight(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    made = Engine(DEEP).frame(1)
    deep = replace(made, activations=flow(made), sample=sample())
    session.feed(deep)
    assert page.canvas.height() > page.height()
    assert page.outcome.geometry().bottom() <= page.height()
    assert page.outcome.isVisible()
    assert "768 values per layer" in page.side.size_label.text()
    session.feed(replace(deep, step=2))
    told = [command for command in session.fake_host.sent if isinstance(command, SetViews)]
    views = {view.layer: view for view in told[-1].views}
    assert views["layer1"].pixels > 1
    assert (views["layer12"].rows, views["layer12"].pixels) == (1, 1)
    page.grab()


def test_larger_text_and_another_theme_are_followed(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing())
    try:
        for scale in (1.5, 2.0, 0.7):
            appearance.set_text_scale(scale)
            page.grab()
            assert page.side.pad.width() >= 112
    finally:
        appearance.set_text_scale(1.0)


def test_a_large_matrix_is_reduced_to_its_largest_numbers() -> None:
    matrix = np.zeros((100, 41), np.float32)
    matrix[57, 33], matrix[58, 33] = -3.0, 2.0
    small = downsampled(matrix, 40)
    assert small.shape == (34, 14)
    assert small[57 // 3, 11] == -3.0
    assert (small != 0).sum() == 1
    assert downsampled(matrix, 100) is matrix


# ---------------------------------------------------------------- another sample


def drawn(session: FakeSession) -> np.ndarray:
    assert isinstance(session.last_sent, DrawSample)
    return session.last_sent.picture


def test_the_arrows_lead_to_other_samples(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing(index=7))
    click(qtbot, page, "networkNext")
    assert session.last_sent == ShowSample(8)
    click(qtbot, page, "networkPrevious")
    assert session.last_sent == ShowSample(6)


def test_the_change_slider_rotates_sample_and_drawing_until_another_is_shown(
    qtbot: QtBot,
) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing(index=7))
    slider, back = page.findChild(Slider, "changeSlider"), page.findChild(QPushButton, "padBack")
    assert (slider.isVisible(), slider.value(), slider.maximum()) == (True, 30, 60)
    assert slider.accessibleName() == "Rotation of the image"
    assert slider.spoken == "30°, as in the target task"
    assert slider.focusPolicy() == Qt.FocusPolicy.TabFocus and not back.isEnabled()
    click(qtbot, page, "networkNext")
    slider.setValue(10)
    assert session.last_sent == ShowSample(8, 10)
    turned = flowing(index=8, change=10)
    session.feed(turned)
    assert np.array_equal(page.side.pad.matrix(), turned.sample.picture)
    assert slider.value() == 10 and slider.spoken == "10°"
    click(qtbot, page, "padBack")
    assert session.last_sent == ShowSample(8)
    session.feed(flowing(index=8))
    assert slider.value() == 30
    click(qtbot, page, "padClear")
    assert slider.value() == 0, "a drawing is used as it is"
    slider.setValue(20)
    assert isinstance(session.last_sent, DrawSample) and session.last_sent.change == 20
    session.editor.update(task="digits-to-inverted")
    assert session.view_requests.change is None, "that task has another change"


def test_a_task_that_changes_no_images_has_no_change_slider(qtbot: QtBot) -> None:
    session = FakeSession(Settings(task="digits-0-4-to-5-9"))
    page = opened(qtbot, session)
    session.feed(flowing())
    assert not page.findChild(Slider, "changeSlider").isVisible()


def test_the_mouse_draws_and_rubs_out(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing(picture=np.zeros((8, 8), np.float32)))
    pad, cell = page.side.pad, page.side.pad.width() // 8
    left, right = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
    middle = QPoint(int(3.5 * cell), int(3.5 * cell))
    qtbot.mouseClick(pad, left, pos=middle)
    assert drawn(session)[3, 3] == 1
    assert 0 < drawn(session)[3, 4] < 0.5
    assert np.array_equal(pad.matrix(), drawn(session))
    qtbot.mouseClick(pad, right, pos=middle)
    assert drawn(session)[3, 3] == 0
    qtbot.mouseClick(pad, left, pos=middle)
    qtbot.mouseClick(pad, left, Qt.KeyboardModifier.ShiftModifier, pos=middle)
    assert drawn(session)[3, 3] == 0
    qtbot.mousePress(pad, left, pos=QPoint(cell // 2, cell // 2))
    qtbot.mouseMove(pad, QPoint(int(7.5 * cell), cell // 2))
    qtbot.mouseRelease(pad, left, pos=QPoint(int(7.5 * cell), cell // 2))
    assert (drawn(session)[0] == 1).all()
    sent = len(session.fake_host.sent)
    qtbot.mouseMove(pad, QPoint(cell, 5 * cell))  # no button is held
    assert len(session.fake_host.sent) == sent


def test_a_drawing_is_not_undone_by_frames_that_left_before_it(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing())
    click(qtbot, page, "padClear")
    assert not drawn(session).any()
    session.feed(flowing(step=2))
    assert not page.side.pad.matrix().any()
    session.feed(flowing(step=3, label=None, drawn=True, picture=np.zeros((8, 8), np.float32)))
    assert "Your drawing" in page.side.title.full_text()
    click(qtbot, page, "padBack")
    assert session.last_sent == ShowSample(0)
    session.feed(flowing(step=4))
    assert page.side.pad.matrix().any()
    assert not page.findChild(QPushButton, "padBack").isEnabled()


def test_keys_draw_too_and_space_still_plays(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing(picture=np.zeros((8, 8), np.float32)))
    pad = page.side.pad
    pad.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(pad, key)
    assert pad.accessibleDescription() == "row 3, column 1: ink 0"
    qtbot.keyClick(pad, Qt.Key.Key_Return)
    assert drawn(session)[2, 0] == 1
    assert pad.accessibleDescription() == "row 3, column 1: ink 1.0"
    qtbot.keyClick(pad, Qt.Key.Key_Delete)
    assert drawn(session)[2, 0] == 0
    for _ in range(12):
        qtbot.keyClick(pad, Qt.Key.Key_Up)
    assert pad.accessibleDescription().startswith("row 1, column 1")
    sent = len(session.fake_host.sent)
    qtbot.keyClick(pad, Qt.Key.Key_Space)
    assert len(session.fake_host.sent) == sent
    page.grab()


TUMOUR: dict[str, Any] = {
    "picture": np.linspace(-3, 3, 30, dtype=np.float32).reshape(3, 10),
    "names": tuple(f"feature {i}" for i in range(30)),
    "label": 1, "classes": ("malignant", "benign"),
    "before": np.array([0.3, 0.7], np.float32), "after": np.array([0.1, 0.9], np.float32),
}  # fmt: skip


def test_what_is_no_picture_is_not_drawn_on_and_the_reason_is_said(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    tasks = catalogue().tasks
    reason = "a tumour is no picture"
    tumours = replace(tasks[0], no_drawing=reason)
    session.feed(Catalogue(catalogue().strategies, (tumours, tasks[1])))
    page = opened(qtbot, session)
    session.feed(flowing(**TUMOUR))
    assert reason in page.side.drawing_hint.text()
    sent = len(session.fake_host.sent)
    qtbot.mouseClick(page.side.pad, Qt.MouseButton.LeftButton)
    assert len(session.fake_host.sent) == sent
    assert not page.findChild(QPushButton, "padClear").isVisible()
    assert page.side.pad.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_on_the_way_to_another_task_nothing_is_drawn_that_would_be_refused(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    tasks = catalogue().tasks
    other = replace(tasks[1], no_drawing="no picture")
    session.feed(Catalogue(catalogue().strategies, (tasks[0], other)))
    page = opened(qtbot, session)
    session.feed(flowing())
    session.editor.update(task=other.name)
    sent = len(session.fake_host.sent)
    qtbot.mouseClick(page.side.pad, Qt.MouseButton.LeftButton)
    session.feed(flowing(run=2, **TUMOUR))
    session.editor.update(task=tasks[0].name)
    sent += 1
    qtbot.mouseClick(page.side.pad, Qt.MouseButton.LeftButton)
    assert len(session.fake_host.sent) == sent
    session.feed(flowing(run=3))
    qtbot.mouseClick(page.side.pad, Qt.MouseButton.LeftButton)
    assert drawn(session).shape == (8, 8)


def test_it_stays_whole_when_the_engine_is_gone(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    session.feed(flowing())
    shown = strip(page, "layer2", now=True).matrix()
    session.feed(StoppedEarly(1, 3, 2, 0.1), EngineDied(1))
    qtbot.mouseClick(page.side.pad, Qt.MouseButton.LeftButton)
    assert strip(page, "layer2", now=True).matrix() is shown
    assert page.text() == "" and page.outcome.isVisible()


def test_frames_of_other_shapes_follow_each_other(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session)
    for run, strategy in enumerate(EVERY, start=1):
        session.feed(flowing(strategy, run=run))
        assert len(page.canvas.findChildren(Activations)) == sum(
            len(place.strips()) for place in page.canvas.places
        )
    assert stage_frame("lora").activations is None


def test_where_it_is_narrow_the_sample_stands_above_the_networks(qtbot: QtBot) -> None:
    session = FakeSession()
    page = opened(qtbot, session, (446, 540))
    session.feed(flowing())
    appearance.set_text_scale(1.5)
    settle()
    assert cut_texts(page) == []
    pad, networks = (QRect(part.mapTo(page, QPoint(0, 0)), part.size())
                     for part in (page.side.pad, page.canvas))  # fmt: skip
    assert pad.bottom() < networks.top()
    assert networks.width() <= page.width()
    appearance.set_text_scale(1.0)
