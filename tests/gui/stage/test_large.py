"""Layers of hundreds and thousands of rows: overview, lens, what is asked for, what is kept."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QScrollBar, QToolButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Catalogue, PartRequest, SetViews
from gui.matrices.cell_reading import CellReading
from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.captions import ViewCaption
from gui.stage.stage import Stage
from gui.theme import appearance
from tests.engine.cover import each_with, some_of
from tests.gui.frames import LAPTOP, PROJECTOR, frame
from tests.gui.large_frames import (
    ADAPTED,
    DEEP,
    HUGE,
    MIDDLING,
    NETWORK,
    Engine,
    ExactEngine,
    OpenLarge,
)
from tests.gui.places import check_geometry, heatmap, leaves, place
from tests.gui.shell_frames import FakeSession

WIDE = (2080, 1180)
SIZES = {"projector": PROJECTOR, "laptop": LAPTOP, "large": WIDE}
STAGES = {"deep": DEEP, "network": NETWORK, "huge": HUGE, "middling": MIDDLING, "adapted": ADAPTED}
ONE = {"layer1": (768, 768), "layer2": (600, 768)}


def bar(stage: Stage) -> QScrollBar:
    scroll = stage.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    return scroll.verticalScrollBar()


def turn(
    pictured: Heatmap, at: QPoint, notches: int, keys: Qt.KeyboardModifier | None = None
) -> bool:
    """Turn the wheel there. Returns: whether the picture wanted it."""
    spot = QPointF(at)
    event = QWheelEvent(
        spot, pictured.mapToGlobal(spot), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, keys or Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(pictured, event)
    return event.isAccepted()


def caption(stage: Stage, layer: str) -> ViewCaption:
    (found,) = stage.findChildren(ViewCaption, f"caption.{layer}")
    return found


def sent_views(session: FakeSession) -> list[dict[str, PartRequest]]:
    """All that was asked for, oldest first."""
    session.poll()
    sent = (each for each in session.fake_host.sent if isinstance(each, SetViews))
    return [{view.layer: view for view in each.views} for each in sent]


def sharpen(session: FakeSession, engine: Engine, step: int = 3) -> None:
    """Have the engine answer what was asked for."""
    engine.look(session)
    session.feed(engine.frame(step))


# ------------------------------------------------------------ places


RANKED = [
    (shapes, rank) for shapes in STAGES for rank in (0, 4, 30) if not rank or shapes != "adapted"
]


@pytest.mark.parametrize(("ranked", "size"), each_with([*SIZES], ones=RANKED))
def test_nothing_overlaps_or_is_cut(
    open_large: OpenLarge, ranked: tuple[str, int], size: str
) -> None:
    shapes, rank = ranked
    _, stage = open_large(Engine(STAGES[shapes], rank=rank), SIZES[size])
    check_geometry(stage)
    room = stage.rect().adjusted(0, 0, 0, 10_000)  # rows may scroll, but only down
    for widget in leaves(stage):
        assert room.contains(place(widget, stage)), widget


@pytest.mark.parametrize("scale", some_of([2.0, 0.7, 1.5]))
@pytest.mark.parametrize("shapes", ["deep", "network", "adapted"])
def test_no_text_size_cuts_or_overlaps(open_large: OpenLarge, shapes: str, scale: float) -> None:
    _, stage = open_large(Engine(STAGES[shapes], rank=4))
    appearance.set_text_scale(scale)
    for size in (*SIZES.values(), (300, 200), (799, 463)):
        stage.resize(*size)
        check_geometry(stage)


@pytest.mark.parametrize(("shapes", "size"), each_with([*SIZES], ones=["deep", "network", "huge"]))
def test_an_overview_has_one_pixel_for_a_number(
    open_large: OpenLarge, shapes: str, size: str
) -> None:
    _, stage = open_large(Engine(STAGES[shapes]), SIZES[size])
    for part in ("weight", "delta", "updated"):
        pictured = heatmap(stage, f"layer2.{part}")
        rows, columns = pictured.matrix().shape
        assert (pictured.height(), pictured.width()) == (rows + 2 * INSET, columns + 2 * INSET)
        assert 90 <= rows <= 256


def test_twelve_rows_scroll_down_and_only_down(open_large: OpenLarge) -> None:
    for size in SIZES.values():
        _, stage = open_large(Engine(DEEP), size)
        assert bar(stage).maximum() > 0
        scroll = stage.findChild(QScrollArea)
        assert isinstance(scroll, QScrollArea)
        assert scroll.horizontalScrollBar().maximum() == 0
        bar(stage).setValue(bar(stage).maximum())
        last = place(heatmap(stage, "layer12.weight"), stage)
        assert stage.rect().contains(last)


def test_columns_line_up_and_slim_layers_can_be_pointed_at(open_large: OpenLarge) -> None:
    _, stage = open_large(Engine(NETWORK, rank=4))
    for part in ("weight", "delta", "updated"):
        lefts = {place(heatmap(stage, f"{name}.{part}"), stage).left() for name in NETWORK}
        assert len(lefts) == 1
    head, square = heatmap(stage, "head.weight"), heatmap(stage, "layer2.weight")
    assert head.width() == square.width()
    assert head.height() - 2 * INSET >= 5 * 5
    first = heatmap(stage, "layer1.weight")
    assert first.height() == square.height()
    assert first.width() - 2 * INSET >= 24


def test_b_and_a_stand_beside_delta_as_long_as_it_is(open_large: OpenLarge) -> None:
    _, stage = open_large(Engine(NETWORK, rank=4))
    delta = heatmap(stage, "layer2.delta")
    b, a = heatmap(stage, "layer2.lora_B"), heatmap(stage, "layer2.lora_A")
    assert b.height() == delta.height()
    assert a.width() == delta.width()
    assert b.width() == a.height() < delta.width() // 3


def test_the_rank_moves_nothing_else(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(NETWORK, rank=1))
    names = [f"{name}.{part}" for name in NETWORK for part in ("weight", "delta", "updated")]
    before = [place(heatmap(stage, name), stage) for name in names]
    for rank in (2, 8, 16, 30):
        engine = Engine(NETWORK, rank=rank)
        sharpen(session, engine, step=rank + 2)
        assert [place(heatmap(stage, name), stage) for name in names] == before
        check_geometry(stage)


def test_small_layers_have_no_lens_and_leave_the_wheel_to_the_page(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(NETWORK))
    session.feed(frame("full", step=1, run=2))
    weight = heatmap(stage, "layer2.weight")
    assert not turn(weight, QPoint(20, 20), 1)
    assert not caption(stage, "layer2").findChildren(QToolButton)[0].isVisible()
    assert (weight.width() - 2 * INSET) % 40 == 0


# ------------------------------------------------------------ what is asked for


def test_what_is_out_of_sight_costs_one_pixel(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(DEEP), PROJECTOR)
    views = sent_views(session)[-1]
    assert set(views) == set(DEEP)
    assert views["layer1"].pixels > 90
    assert views["layer12"].pixels == 1
    bar(stage).setValue(bar(stage).maximum())
    views = sent_views(session)[-1]
    assert views["layer1"].pixels == 1
    assert views["layer12"].pixels > 90
    assert views["layer12"].rows == 768


def test_what_is_not_on_the_stage_costs_one_pixel(open_large: OpenLarge) -> None:
    session, _ = open_large(Engine(NETWORK))
    info = session.state.strategy_info()
    assert info is not None
    session.feed(Catalogue((replace(info, focus=("layer2",)),), ()))
    views = sent_views(session)[-1]
    assert views["layer2"].pixels > 90
    assert {views[name].pixels for name in ("layer1", "layer3", "head")} == {1}


def test_the_newest_view_counts_and_one_goes_out_in_a_repaint(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(NETWORK))
    weight = heatmap(stage, "layer2.weight")
    before = len(sent_views(session))
    for _ in range(4):
        turn(weight, QPoint(40, 60), 1)
    after = sent_views(session)
    assert len(after) == before + 1
    assert after[-1]["layer2"].rows < 200
    assert after[-1]["layer3"] == after[-2]["layer3"]
    assert len(sent_views(session)) == before + 1  # nothing new, nothing sent


def test_a_network_of_small_layers_is_never_asked_for_in_parts(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(MIDDLING))
    turn(heatmap(stage, "layer2.weight"), QPoint(40, 40), 3)
    assert sent_views(session) == []


@pytest.mark.parametrize("shapes", ["deep", "huge"])
def test_memory_goes_by_what_is_seen_and_not_by_the_layers(
    open_large: OpenLarge, shapes: str
) -> None:
    _, stage = open_large(Engine(STAGES[shapes]), PROJECTOR)
    pictures = stage.findChildren(Heatmap)
    seen = [each for each in pictures if each.matrix().nbytes > 500]
    # array and picture: eight bytes for each pixel of the screen, and nearly nothing besides
    drawn = sum(8 * (each.width() - 2 * INSET) * (each.height() - 2 * INSET) for each in seen)
    total = sum(2 * each.matrix().nbytes for each in pictures)  # the array, and its picture
    assert total <= drawn + 100 * len(pictures)
    assert total < 4_000_000
    visible = [each for each in pictures if not each.visibleRegion().isEmpty()]
    assert len(seen) <= 2 * len(visible)


# ------------------------------------------------------------ looking closer


def test_the_wheel_zooms_all_pictures_of_the_layer_about_the_pointer(
    open_large: OpenLarge,
) -> None:
    engine = ExactEngine(NETWORK, rank=4)
    session, stage = open_large(engine)
    weight, delta = heatmap(stage, "layer2.weight"), heatmap(stage, "layer2.delta")
    spot = QPoint(INSET + 100, INSET + 30)
    under = weight.cell_at(QPointF(spot))
    sizes = {part: heatmap(stage, f"layer2.{part}").size() for part in ("weight", "lora_B")}
    assert turn(weight, spot, 6)
    sharpen(session, engine)
    cell = delta.cell_at(QPointF(spot))
    assert under is not None
    assert cell is not None
    assert max(abs(one - other) for one, other in zip(under, cell, strict=True)) <= 16
    rows, columns = delta.matrix().shape
    w, d, b, a = engine.whole["layer2"]
    view = engine.views["layer2"]
    there = np.s_[view.top : view.top + rows, view.left : view.left + columns]
    assert np.array_equal(weight.matrix(), w[there])
    assert np.allclose(delta.matrix(), 3 * d[there])
    assert np.array_equal(heatmap(stage, "layer2.lora_B").matrix(), b[there[0]])
    assert np.array_equal(heatmap(stage, "layer2.lora_A").matrix(), a[:, there[1]])
    for part, size in sizes.items():
        assert heatmap(stage, f"layer2.{part}").size() == size
    assert heatmap(stage, "layer3.weight").matrix().shape[0] > 90


def test_the_hand_is_answered_before_the_engine(open_large: OpenLarge) -> None:
    engine = ExactEngine(ONE)
    session, stage = open_large(engine)
    weight = heatmap(stage, "layer1.weight")
    drawn = weight.matrix()
    before = weight.grab().toImage()
    turn(weight, QPoint(50, 50), 5)
    stretched = weight.grab().toImage()
    assert stretched != before
    assert weight.matrix() is drawn
    # the block under the pointer is still there, or one beside it
    around = {before.pixel(x, y) for x in range(48, 53) for y in range(48, 53)}
    assert stretched.pixel(50, 50) in around
    sharpen(session, engine)
    assert weight.grab().toImage() != stretched


def test_single_cells_are_drawn_where_they_are_pointed_at(open_large: OpenLarge) -> None:
    engine = ExactEngine(ONE)
    session, stage = open_large(engine)
    weight = heatmap(stage, "layer1.weight")
    turn(weight, QPoint(60, 40), 20)
    sharpen(session, engine)
    image = weight.grab().toImage()
    colours: dict[tuple[int, int], Counter[int]] = {}
    for y in range(INSET, weight.height() - INSET):
        for x in range(INSET, weight.width() - INSET):
            cell = weight.cell_at(QPointF(x, y))
            if cell is not None:
                colours.setdefault(cell, Counter())[image.pixel(x, y)] += 1
    # Whole cells of one colour, but for the ink of their numbers.
    assert all(found.most_common(1)[0][1] > 0.6 * found.total() for found in colours.values())
    w = engine.whole["layer1"][0]
    darkest = max(colours, key=lambda cell: w[cell])
    palest = min(colours, key=lambda cell: abs(w[cell]))
    table = appearance.theme.table
    assert table.index(colours[darkest].most_common(1)[0][0]) > 127
    assert abs(table.index(colours[palest].most_common(1)[0][0]) - 127) <= 1


def test_a_drag_pans_and_pins_nothing(open_large: OpenLarge, qtbot: QtBot) -> None:
    session, stage = open_large(Engine(ONE))
    weight = heatmap(stage, "layer1.weight")
    turn(weight, QPoint(50, 50), 8)
    before = sent_views(session)[-1]["layer1"]
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(weight, left, pos=QPoint(80, 80))
    for x in range(80, 40, -4):
        qtbot.mouseMove(weight, QPoint(x, 110))
    qtbot.mouseRelease(weight, left, pos=QPoint(40, 110))
    after = sent_views(session)[-1]["layer1"]
    assert after.left > before.left
    assert after.top < before.top
    assert (after.rows, after.columns) == (before.rows, before.columns)
    assert stage.reading is None or not stage.reading.pinned
    qtbot.mouseClick(weight, left, pos=QPoint(40, 40))
    assert stage.reading is not None
    assert stage.reading.pinned


def test_b_zooms_and_pans_the_rows_with_it(open_large: OpenLarge, qtbot: QtBot) -> None:
    session, stage = open_large(Engine(NETWORK, rank=8))
    b = heatmap(stage, "layer2.lora_B")
    assert turn(b, QPoint(INSET + 2, INSET + 10), 6)
    view = sent_views(session)[-1]["layer2"]
    assert view.rows < 768
    assert view.top + view.rows / 2 < 384 - 100  # about the pointer, up there
    assert abs(view.left + view.columns / 2 - 384) < 30  # about the middle
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(b, left, pos=QPoint(8, 40))
    qtbot.mouseMove(b, QPoint(18, 20))
    qtbot.mouseRelease(b, left, pos=QPoint(18, 20))
    moved = sent_views(session)[-1]["layer2"]
    assert moved.top > view.top
    assert moved.left == view.left


def test_two_clicks_lead_to_single_cells_and_two_more_back(
    open_large: OpenLarge, qtbot: QtBot
) -> None:
    session, stage = open_large(Engine(ONE))
    weight = heatmap(stage, "layer1.weight")
    overview = sent_views(session)[-1]["layer1"]
    spot = QPoint(90, 40)
    cell = weight.cell_at(QPointF(spot))
    assert cell is not None
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(weight, left, pos=spot)
    qtbot.mouseDClick(weight, left, pos=spot)
    view = sent_views(session)[-1]["layer1"]
    assert view.pixels == view.rows <= 30
    assert view.top <= cell[0] < view.top + view.rows
    assert view.left <= cell[1] < view.left + view.columns
    assert stage.reading is not None
    assert (stage.reading.row, stage.reading.column, stage.reading.pinned) == (*cell, True)
    qtbot.mouseDClick(weight, left, pos=spot)
    assert sent_views(session)[-1]["layer1"] == overview


def test_keys_zoom_move_and_lead_back(open_large: OpenLarge, qtbot: QtBot) -> None:
    engine = Engine(ONE)
    session, stage = open_large(engine)
    weight = heatmap(stage, "layer1.weight")
    overview = sent_views(session)[-1]["layer1"]
    weight.setFocus()
    scale = appearance.text_scale
    for _ in range(7):
        qtbot.keyClick(weight, Qt.Key.Key_Plus)
    sharpen(session, engine)
    close = engine.views["layer1"]
    assert close.rows < 100
    for _ in range(close.columns + 5):
        qtbot.keyClick(weight, Qt.Key.Key_Right)
    reading = stage.reading
    assert reading is not None
    moved = sent_views(session)[-1]["layer1"]
    assert moved.left > close.left  # the view came along
    assert moved.left <= reading.column < moved.left + moved.columns
    qtbot.keyClick(weight, Qt.Key.Key_Minus)
    assert sent_views(session)[-1]["layer1"].rows > close.rows
    qtbot.keyClick(weight, Qt.Key.Key_0)
    assert sent_views(session)[-1]["layer1"] == overview
    assert appearance.text_scale == scale


def test_escape_lets_go_of_the_cell_and_then_leads_back(
    open_large: OpenLarge, qtbot: QtBot
) -> None:
    session, stage = open_large(Engine(ONE))
    weight = heatmap(stage, "layer1.weight")
    overview = sent_views(session)[-1]["layer1"]
    stage.activateWindow()
    qtbot.waitUntil(stage.isActiveWindow)
    turn(weight, QPoint(50, 50), 6)
    qtbot.mouseClick(weight, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert stage.reading is not None
    qtbot.keyClick(stage, Qt.Key.Key_Escape)
    assert stage.reading is None or not stage.reading.pinned
    assert sent_views(session)[-1]["layer1"] != overview
    qtbot.keyClick(stage, Qt.Key.Key_Escape)
    assert sent_views(session)[-1]["layer1"] == overview


def test_the_caption_says_what_is_seen_and_its_button_leads_back(
    open_large: OpenLarge, qtbot: QtBot
) -> None:
    session, stage = open_large(Engine(NETWORK))
    under = caption(stage, "layer2")
    (button,) = under.findChildren(QToolButton)
    assert "1 pixel = " in under.text()
    assert not button.isVisible()
    turn(heatmap(stage, "layer2.weight"), QPoint(50, 50), 7)
    view = sent_views(session)[-1]["layer2"]
    assert under.text().startswith(f"rows {view.top + 1}–{view.top + view.rows}, columns ")
    assert button.isVisible()
    check_geometry(stage)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "1 pixel = " in under.text()
    assert not button.isVisible()


def test_with_shift_the_wheel_scrolls_the_page(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(DEEP))
    weight = heatmap(stage, "layer1.weight")
    before = sent_views(session)
    assert not turn(weight, QPoint(50, 50), -2, Qt.KeyboardModifier.ShiftModifier)
    assert sent_views(session)[-1]["layer1"] == before[-1]["layer1"]


def test_a_wheel_of_fine_steps_adds_them_up(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(ONE))
    weight = heatmap(stage, "layer1.weight")
    spot = QPointF(50, 50)
    before = sent_views(session)[-1]["layer1"]
    for turned in range(4):
        assert sent_views(session)[-1]["layer1"] == before, turned
        event = QWheelEvent(
            spot, weight.mapToGlobal(spot), QPoint(), QPoint(0, 30), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.ScrollUpdate, False,
        )  # fmt: skip
        QApplication.sendEvent(weight, event)
    assert sent_views(session)[-1]["layer1"] != before


def test_layers_that_are_whole_are_looked_into_without_the_engine(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(MIDDLING))
    weight = heatmap(stage, "layer2.weight")
    assert weight.matrix().shape == (128, 128)
    turn(weight, QPoint(50, 50), 9)
    cells = {weight.cell_at(QPointF(x, 60)) for x in range(INSET, weight.width() - INSET)}
    assert len(cells) < 30
    session.feed(frame("full", step=5, run=2))
    assert heatmap(stage, "layer2.weight").matrix().shape == (40, 40)


# ------------------------------------------------------------ reading a cell


def read_at(stage: Stage, qtbot: QtBot, spot: QPoint, name: str = "layer1") -> CellReading:
    qtbot.mouseMove(heatmap(stage, f"{name}.delta"), spot + QPoint(9, 9))
    qtbot.mouseMove(heatmap(stage, f"{name}.delta"), spot)
    assert stage.reading is not None
    return stage.reading


def test_a_block_is_read_as_what_it_is(open_large: OpenLarge, qtbot: QtBot) -> None:
    engine = ExactEngine(ONE, rank=4)
    _, stage = open_large(engine)
    reading = read_at(stage, qtbot, QPoint(INSET + 70, INSET + 33))
    assert reading.cell_block is not None
    top, bottom, left, right = reading.cell_block
    assert top <= reading.row <= bottom
    assert left <= reading.column <= right
    cells = engine.whole["layer1"][0][top : bottom + 1, left : right + 1]
    assert reading.weight == cells.flat[np.abs(cells).argmax()]
    assert reading.factors == ()
    assert reading.scaling is None
    said = heatmap(stage, "layer1.weight").accessibleDescription()
    assert said.startswith(
        f"largest of rows {top + 1}–{bottom + 1}, columns {left + 1}–{right + 1}"
    )


def test_a_single_cell_is_read_exactly_with_its_factors(
    open_large: OpenLarge, qtbot: QtBot
) -> None:
    engine = ExactEngine(ONE, rank=4)
    session, stage = open_large(engine)
    turn(heatmap(stage, "layer1.weight"), QPoint(60, 40), 20)
    sharpen(session, engine)
    reading = read_at(stage, qtbot, QPoint(INSET + 70, INSET + 33))
    w, d, b, a = engine.whole["layer1"]
    at = reading.row, reading.column
    assert reading.cell_block is None
    assert reading.weight == w[at]
    assert reading.delta == pytest.approx(3 * d[at], rel=1e-6)
    assert [factor.name for factor in reading.factors] == ["lora_B", "lora_A"]
    assert np.array_equal(np.float32(reading.factors[0].values), b[at[0]])
    assert np.array_equal(np.float32(reading.factors[1].values), a[:, at[1]])
    assert reading.scaling == 3.0
    assert (
        heatmap(stage, "layer1.weight")
        .accessibleDescription()
        .startswith(f"row {at[0] + 1}, column {at[1] + 1}: ")
    )


def test_the_cross_keeps_its_cell_through_zoom_frames_and_other_sizes(
    open_large: OpenLarge, qtbot: QtBot
) -> None:
    engine = ExactEngine(ONE)
    session, stage = open_large(engine)
    weight = heatmap(stage, "layer1.weight")
    qtbot.mouseClick(weight, Qt.MouseButton.LeftButton, pos=QPoint(60, 40))
    assert stage.reading is not None
    at = stage.reading.row, stage.reading.column
    for step in range(3, 12):
        turn(weight, QPoint(60, 40), 1)
        sharpen(session, engine, step)
        assert weight.cross() == at
        assert (stage.reading.row, stage.reading.column) == at
        assert stage.reading.visible
    assert stage.reading.weight == engine.whole["layer1"][0][at]
    stage.resize(*PROJECTOR)
    sharpen(session, engine, 13)
    assert weight.cross() == at
    # out of the part that is seen it is kept, and said to be there
    weight.drag_started.emit()
    weight.dragged.emit(QPointF(-4000, -4000))
    sharpen(session, engine, 14)
    assert weight.cross() == at
    assert not stage.reading.visible
    assert "outside the visible part" in weight.accessibleDescription()
    weight.grab()
    # a smaller layer that still has the cell keeps it, one that has not lets go
    session.feed(ExactEngine({"layer1": (400, 400), "layer2": (400, 400)}).frame(1, run=2))
    assert stage.reading is not None
    assert (stage.reading.row, stage.reading.column) == at
    session.feed(frame("full", step=1, run=3))
    assert stage.reading is None


def test_a_picture_that_is_not_there_yet_is_blank_and_not_of_one_colour(
    open_large: OpenLarge,
) -> None:
    session, stage = open_large(Engine(DEEP), PROJECTOR)
    last = heatmap(stage, "layer12.weight")
    assert last.matrix().shape == (1, 1)
    bar(stage).setValue(bar(stage).maximum())
    image = last.grab().toImage()
    assert image.pixel(50, 50) == appearance.theme.table[127]
    assert sent_views(session)[-1]["layer12"].pixels > 90


# ------------------------------------------------------------ adapters


def test_an_adapters_matrices_have_lenses_of_their_own(open_large: OpenLarge) -> None:
    session, stage = open_large(Engine(ADAPTED))
    down = heatmap(stage, "adapter1.down.updated")
    up = heatmap(stage, "adapter1.up.updated")
    assert down.width() > down.height()
    assert up.height() == down.width()
    assert turn(down, QPoint(30, 10), 4)
    views = sent_views(session)[-1]
    assert views["adapter1.down"].columns < 768
    assert views["adapter1.up"].rows == 768
