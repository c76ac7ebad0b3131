"""The stage as a user meets it: every strategy at every size, locks, cross, and what it keeps."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QObject, QPoint, QSize, Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Configure, LayerFrame
from engine.protocol.settings import Settings
from gui.matrices.cell_reading import CellReading
from gui.matrices.colour_bar import ColourBar
from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.header import Header
from gui.stage.stage import Stage
from gui.theme import appearance
from tests.engine.cover import each_with, some_of
from tests.gui.frames import EVERY, Open, frame, info, session_of
from tests.gui.places import check_geometry, heatmap, leaves, place
from tests.gui.shell_frames import FakeSession

SIZES = {"projector": (820, 480), "laptop": (1120, 740), "large": (1900, 1100)}


WINDOWS = {"1280": (942, 596), "1600": (1223, 870), "2560": (1833, 1310)}
"""Width of a window -> what it leaves for the stage."""
MEASURED = ("full", "lora", "qlora", "adapter", "linear_probe")


def lock(stage: Stage, unit: str) -> QToolButton:
    (found,) = stage.findChildren(QToolButton, f"freeze.{unit}")
    return found


# ------------------------------------------------------------ places


@pytest.mark.parametrize(("strategy", "first"), each_with([*SIZES], ones=EVERY, share=3))
def test_everything_fits_and_nothing_overlaps(open_stage: Open, strategy: str, first: str) -> None:
    """In a window of each size, and of whichever it had when it was opened."""
    _, stage = open_stage(strategy, SIZES[first])
    for size in sorted(SIZES, key=lambda name: name != first):
        stage.resize(*SIZES[size])
        check_geometry(stage)
        for widget in leaves(stage):
            assert stage.rect().contains(place(widget, stage)), (size, widget)
        scroll = stage.findChild(QScrollArea)
        assert isinstance(scroll, QScrollArea)
        assert scroll.verticalScrollBar().maximum() == 0
        assert scroll.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize(
    ("strategy", "scale"), each_with([0.7, 1.25, 1.5, 2.0], ones=EVERY, share=3)
)
def test_no_text_size_cuts_or_overlaps(open_stage: Open, strategy: str, scale: float) -> None:
    _, stage = open_stage(strategy)
    appearance.set_text_scale(scale)
    for size in SIZES.values():
        stage.resize(*size)
        check_geometry(stage)


@pytest.mark.parametrize("strategy", some_of(EVERY))
def test_no_window_is_too_odd(open_stage: Open, strategy: str) -> None:
    _, stage = open_stage(strategy)
    for size in ((300, 200), (500, 900), (799, 463), (1366, 640), (3000, 500), (3800, 2000)):
        stage.resize(*size)
        check_geometry(stage)


@pytest.mark.parametrize(
    ("strategy", "size", "least"),
    [
        *((strategy, "1280", 4) for strategy in MEASURED),
        *((strategy, "1600", 5 if strategy == "adapter" else 6) for strategy in MEASURED),
        *((strategy, "2560", 8 if strategy == "adapter" else 9) for strategy in MEASURED),
        ("weight_update", "1280", 8),
        ("weight_update", "2560", 18),
    ],
)
def test_cells_fill_the_room(open_stage: Open, strategy: str, size: str, least: int) -> None:
    """In what windows of three sizes leave for the stage; factors have the cells of ΔW."""
    _, stage = open_stage(strategy, WINDOWS[size])
    for part in ("weight", "delta", "updated"):
        pictured = heatmap(stage, f"layer1.{part}")
        side = (pictured.width() - 2 * INSET) / 30
        assert side >= least
        assert pictured.height() - 2 * INSET == 40 * side
    if "lora" in strategy:
        b, a = (heatmap(stage, f"layer1.lora_{factor}") for factor in "BA")
        assert (b.height(), a.width()) == (pictured.height(), pictured.width())
        assert (b.width(), a.height()) == (4 * side + 2 * INSET, 4 * side + 2 * INSET)
    if strategy == "adapter":
        down = heatmap(stage, "adapter1.down.updated")
        assert (down.width() - 2 * INSET) / 40 >= {"1280": 3, "1600": 5, "2560": 8}[size]


@pytest.mark.parametrize("strategy", MEASURED)
def test_titles_and_captions_are_one_line_and_the_header_is_low(
    open_stage: Open, strategy: str
) -> None:
    _, stage = open_stage(strategy, WINDOWS["1280"])
    header = stage.findChild(Header)
    assert isinstance(header, Header)
    assert header.height() <= 44
    found = texts(stage)
    assert {"W", "ΔW", "W′"} <= set(found) or strategy == "qlora"
    start = "pretrained, or new; stays fixed" if "new" in found else "pretrained, stays fixed"
    for caption in (start, "what the network now uses"):
        assert caption in found
    assert any(text.startswith("what training adds") for text in found)


@pytest.mark.parametrize(("strategy", "text"), [
    ("prefix", "what training adds = 0, except in the head"), ("full", "what training adds"),
])  # fmt: skip
def test_what_is_said_of_delta_is_said_of_the_layers_for_which_it_holds(
    open_stage: Open, strategy: str, text: str
) -> None:
    _, stage = open_stage(strategy, WINDOWS["2560"])
    assert text in texts(stage)


def test_columns_line_up_across_rows(open_stage: Open) -> None:
    _, stage = open_stage("lora")
    for part in ("weight", "delta", "updated"):
        lefts = {
            place(heatmap(stage, f"{layer}.{part}"), stage).left()
            for layer in ("layer1", "layer2", "layer3", "head")
        }
        assert len(lefts) == 1


def test_a_lower_rank_brings_a_back_above_delta(open_stage: Open) -> None:
    session, stage = open_stage("lora", (600, 610))
    above = []
    for step, rank in enumerate((4, 30, 4), start=2):
        session.feed(frame("lora", step=step, rank=rank))
        delta, a = (place(heatmap(stage, f"layer2.{it}"), stage) for it in ("delta", "lora_A"))
        above.append(a.bottom() < delta.top())
    assert above == [True, False, True]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_but_the_factors_moves_with_the_rank(open_stage: Open, size: str) -> None:
    session, stage = open_stage("lora", SIZES[size])
    fixed = [w for w in leaves(stage) if "lora" not in w.objectName() and not is_joint(w)]
    before = [place(widget, stage) for widget in fixed if isinstance(widget, Heatmap)]
    for step, rank in enumerate((1, 2, 8, 16, 30), start=2):
        session.feed(frame("lora", step=step, rank=rank))
        after = [place(widget, stage) for widget in fixed if isinstance(widget, Heatmap)]
        assert after == before
        check_geometry(stage)
        b = heatmap(stage, "layer2.lora_B")
        assert b.matrix().shape == (40, rank)


def is_joint(widget: QWidget) -> bool:
    return isinstance(widget, QLabel) and widget.text() in ("=", "×")


def test_a_wider_bottleneck_still_fits(open_stage: Open) -> None:
    for bottleneck in (1, 20, 40):
        _, stage = open_stage("adapter", bottleneck=bottleneck)
        check_geometry(stage)


def test_a_task_with_fewer_classes_gets_a_lower_head(open_stage: Open) -> None:
    session, stage = open_stage("full")
    session.feed(frame("full", step=2, classes=2))
    assert heatmap(stage, "head.weight").matrix().shape == (2, 40)
    check_geometry(stage)


# ------------------------------------------------------------ what is drawn


@pytest.mark.parametrize("strategy", EVERY)
def test_each_heatmap_shows_the_array_of_the_frame(open_stage: Open, strategy: str) -> None:
    session, stage = open_stage(strategy)
    given = frame(strategy, step=2, change=0.01)
    session.feed(given)
    focus = info(strategy).focus
    for one in given.layers:
        if focus and one.name not in focus:
            assert stage.findChild(Heatmap, f"heatmap.{one.name}.weight") is None
            continue
        assert heatmap(stage, f"{one.name}.updated").matrix() is one.updated
        if not one.name.startswith("adapter"):
            assert heatmap(stage, f"{one.name}.weight").matrix() is one.weight
            assert heatmap(stage, f"{one.name}.delta").matrix() is one.delta
        for name, factor in one.factors:
            assert heatmap(stage, f"{one.name}.{name}").matrix() is factor


def test_a_frame_of_the_same_structure_makes_no_widgets(open_stage: Open) -> None:
    session, stage = open_stage("lora")
    before = stage.findChildren(QObject)
    for step, rank in enumerate((4, 2, 1, 9, 4, 30, 8, 7, 16, 4), start=2):
        session.feed(frame("lora", step=step, change=0.001 * step, rank=rank))
    assert stage.findChildren(QObject) == before


def test_another_strategy_gets_its_own_rows(open_stage: Open, qtbot: QtBot) -> None:
    session, stage = open_stage("full")
    session.feed(frame("adapter", step=0, run=2))
    assert heatmap(stage, "adapter2.down.updated").matrix().shape == (8, 40)
    session.feed(frame("full", step=0, run=3))
    qtbot.waitUntil(lambda: stage.findChild(Heatmap, "heatmap.adapter2.down.updated") is None)
    assert len(stage.findChildren(Heatmap, "heatmap.layer1.weight")) == 1


def texts(stage: Stage) -> list[str]:
    return [w.text() for w in stage.findChildren(QLabel) if w.isVisible()]


def test_the_words_are_set_in_real_signs(open_stage: Open) -> None:
    _, stage = open_stage("lora")
    found = texts(stage)
    for words in (
        "W", "pretrained, stays fixed", "ΔW", "what training adds",
        "W′", "what the network now uses", "= α/r · B A", "B", "A", "40 × 30", "280 trainable",
    ):  # fmt: skip
        assert words in found, words
    assert any("× " in words for words in found)


def test_a_zero_delta_has_no_factor(open_stage: Open) -> None:
    _, stage = open_stage("full", change=0.0)
    assert not any("drawn" in words for words in texts(stage))


def test_what_is_new_says_so(open_stage: Open) -> None:
    _, stage = open_stage("linear_probe")
    assert texts(stage).count("new") == 1
    assert "pretrained, or new; stays fixed" in texts(stage)
    _, stage = open_stage("full")
    assert "pretrained, stays fixed" in texts(stage)


def test_where_all_is_new_w_is_not_called_pretrained(open_stage: Open) -> None:
    session, stage = open_stage("full")
    given = frame("full", step=0, run=2)
    fresh = tuple(replace(one, randomly_initialised=True) for one in given.layers)
    session.feed(replace(given, layers=fresh))
    assert "random start, stays fixed" in texts(stage)
    assert "pretrained, stays fixed" not in texts(stage)


def test_not_a_number_leaves_the_stage_standing(open_stage: Open) -> None:
    session, stage = open_stage("full")
    given = frame("full", step=2)
    lost = [
        replace(one, delta=np.full_like(one.delta, np.nan), updated=np.full_like(one.delta, np.inf))
        for one in given.layers
    ]
    broken = replace(given, layers=tuple(lost))
    session.feed(broken)
    stage.grab()
    assert heatmap(stage, "layer1.delta").matrix() is broken.layers[0].delta


def test_w_keeps_its_colours_and_delta_changes_in_steps(open_stage: Open) -> None:
    session, stage = open_stage("full", change=0.02)
    weight, delta = stage.findChildren(ColourBar)
    before = weight.accessibleDescription(), delta.accessibleDescription()
    session.feed(frame("full", step=2, change=5.0))
    assert weight.accessibleDescription() == before[0]
    assert delta.accessibleDescription() != before[1]
    assert any("clipped" in words for words in texts(stage))
    session.feed(frame("full", step=1, change=0.02))
    assert (weight.accessibleDescription(), delta.accessibleDescription()) == before
    assert not any("clipped" in words for words in texts(stage))


def test_without_a_frame_it_says_what_it_waits_for(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="pretrain"))  # it has no preview
    stage = Stage(session)
    qtbot.addWidget(stage)
    stage.show()
    assert session.state.frame is None
    assert any("as soon as the engine is ready" in words for words in texts(stage))
    session.feed(frame("full"))
    assert not any("as soon as" in words for words in texts(stage))


# ------------------------------------------------------------ locks


def test_a_click_on_a_lock_freezes_at_once(open_stage: Open, qtbot: QtBot) -> None:
    session, stage = open_stage("full")
    button = lock(stage, "layer2")
    assert not button.isChecked()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.state.frozen_blocks() == ("layer2",)
    sent = session.fake_host.sent[-1]
    assert isinstance(sent, Configure)
    assert sent.settings.frozen == ("layer2",)
    assert button.isChecked()
    assert "frozen" in texts(stage)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.state.frozen_blocks() == ()
    assert "frozen" not in texts(stage)


def test_the_strategys_own_choice_shows(open_stage: Open) -> None:
    _, stage = open_stage("freeze")
    shut = {unit: lock(stage, unit).isChecked() for unit in ("layer1", "layer2", "layer3", "head")}
    assert shut == {"layer1": True, "layer2": True, "layer3": False, "head": False}


def test_what_cannot_be_unlocked_says_why(open_stage: Open) -> None:
    _, stage = open_stage("linear_probe")
    button = lock(stage, "layer1")
    assert button.isChecked()
    assert not button.isEnabled()
    assert "A linear probe trains only its new linear layer." in button.toolTip()
    assert button.accessibleDescription() == button.toolTip()
    assert lock(stage, "head").isEnabled()


def test_one_lock_holds_all_parts_of_a_unit(open_stage: Open) -> None:
    _, stage = open_stage("feature_head")
    lock(stage, "head")  # exactly one
    _, stage = open_stage("adapter")
    button = lock(stage, "adapter2")
    button.click()
    assert button.isChecked()


def test_what_the_engine_does_not_train_shows_frozen(open_stage: Open) -> None:
    session, stage = open_stage("full")
    session.feed(frame("freeze", step=2, settings=session.state.settings))
    assert lock(stage, "layer1").isChecked()
    session.feed(frame("full", step=3, settings=session.state.settings))
    assert not lock(stage, "layer1").isChecked()


# ------------------------------------------------------------ the cross


class LoopDriver:
    """Remembers the readings that a stage emits."""

    def __init__(self, stage: Stage) -> None:
        self.readings: list[CellReading | None] = []
        stage.cell_changed.connect(self.readings.append)

    @property
    def last(self) -> CellReading:
        assert self.readings[-1] is not None
        return self.readings[-1]


def point(pictured: Heatmap, row: int, column: int) -> QPoint:
    rows, _ = pictured.matrix().shape
    side = (pictured.height() - 2 * INSET) // rows
    return QPoint(INSET + column * side + side // 2, INSET + row * side + side // 2)


def test_a_cell_lights_on_all_matrices_and_its_factors(open_stage: Open, qtbot: QtBot) -> None:
    _, stage = open_stage("lora")
    heard = LoopDriver(stage)
    delta = heatmap(stage, "layer2.delta")
    qtbot.mouseMove(delta, point(delta, 17, 5))
    for part in ("weight", "delta", "updated"):
        assert heatmap(stage, f"layer2.{part}").cross() == (17, 5)
        assert heatmap(stage, f"layer1.{part}").cross() is None
    assert (heard.last.layer, heard.last.row, heard.last.column) == ("layer2", 17, 5)
    assert not heard.last.pinned
    b, a = heard.last.factors
    assert np.dot(b.values, a.values) == pytest.approx(heard.last.delta, rel=1e-4)
    delta.left.emit()
    assert heard.readings[-1] is None
    assert heatmap(stage, "layer2.weight").cross() is None


def test_a_pin_survives_frames_and_keeps_reading(open_stage: Open, qtbot: QtBot) -> None:
    session, stage = open_stage("lora")
    heard = LoopDriver(stage)
    weight = heatmap(stage, "layer1.weight")
    qtbot.mouseClick(weight, Qt.MouseButton.LeftButton, pos=point(weight, 39, 29))
    assert heard.last.pinned
    qtbot.mouseMove(weight, point(weight, 3, 3))
    assert (heard.last.row, heard.last.column) == (39, 29)
    for step, rank in ((2, 4), (3, 9)):
        session.feed(frame("lora", step=step, rank=rank, change=0.01 * step))
        assert heard.last.delta == layer_of(session, "layer1").delta[39, 29]
        assert len(heard.last.factors[0].values) == rank
    qtbot.mouseClick(weight, Qt.MouseButton.LeftButton, pos=point(weight, 39, 29))
    assert stage.reading is None or not stage.reading.pinned


def layer_of(session: FakeSession, name: str) -> LayerFrame:
    assert session.state.frame is not None
    return next(one for one in session.state.frame.layers if one.name == name)


def test_keys_move_pin_and_release(open_stage: Open, qtbot: QtBot) -> None:
    _, stage = open_stage("full")
    heard = LoopDriver(stage)
    updated = heatmap(stage, "head.updated")
    updated.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(updated, key)
    assert (heard.last.row, heard.last.column, heard.last.pinned) == (1, 1, True)
    qtbot.keyClick(updated, Qt.Key.Key_Left)
    assert (heard.last.column, heard.last.pinned) == (0, True)
    assert "row 2, column 1" in updated.accessibleDescription()
    qtbot.keyClick(updated, Qt.Key.Key_Escape)
    assert not (heard.readings[-1] and heard.last.pinned)


def test_a_click_pins_without_taking_the_keys_and_escape_releases(
    open_stage: Open, qtbot: QtBot
) -> None:
    _, stage = open_stage("full")
    weight = heatmap(stage, "layer1.weight")
    stage.activateWindow()
    qtbot.waitUntil(stage.isActiveWindow)
    qtbot.mouseClick(weight, Qt.MouseButton.LeftButton, pos=point(weight, 1, 1))
    assert not weight.hasFocus()
    assert stage.reading is not None
    assert stage.reading.pinned
    qtbot.keyClick(stage, Qt.Key.Key_Escape)
    assert stage.reading is None or not stage.reading.pinned


def test_the_pin_goes_with_its_layer(open_stage: Open) -> None:
    session, stage = open_stage("full")
    heard = LoopDriver(stage)
    heatmap(stage, "head.weight").activated.emit(9, 0)
    assert heard.last.pinned
    session.feed(frame("full", step=0, run=2, classes=5))
    assert heard.readings[-1] is None
    heatmap(stage, "head.weight").activated.emit(4, 0)
    session.feed(frame("feature_head", step=0, run=3))
    assert heard.readings[-1] is None
    assert stage.reading is None


def test_an_adapters_cells_are_its_own(open_stage: Open) -> None:
    _, stage = open_stage("adapter")
    heard = LoopDriver(stage)
    heatmap(stage, "adapter1.up.updated").activated.emit(12, 7)
    assert heard.last.layer == "adapter1.up"
    assert heatmap(stage, "adapter1.down.updated").cross() is None


def test_the_gradient_reads_like_its_layer(open_stage: Open) -> None:
    _, stage = open_stage("weight_update")
    heard = LoopDriver(stage)
    heatmap(stage, "layer1.gradient").hovered.emit(2, 3)
    assert heatmap(stage, "layer1.weight").cross() == (2, 3)
    assert [factor.name for factor in heard.last.factors] == ["gradient"]


# ------------------------------------------------------------ how it ends


@pytest.mark.parametrize("strategy", ["lora", "adapter"])
def test_a_closed_stage_leaves_nothing_behind(strategy: str, qtbot: QtBot) -> None:
    session = session_of(strategy)
    stage = Stage(session)
    stage.resize(QSize(1120, 740))
    stage.show()
    session.feed(frame(strategy, step=1))
    stage.grab()
    dead = [weakref.ref(child) for child in (stage, *stage.findChildren(QWidget))]
    stage.close()
    stage.deleteLater()
    gone: list[bool] = []
    stage.destroyed.connect(lambda: gone.append(True))
    del stage
    qtbot.waitUntil(lambda: bool(gone))
    gc.collect()
    assert [ref() for ref in dead if ref() is not None] == []


def test_rows_that_were_replaced_are_dead(open_stage: Open, qtbot: QtBot) -> None:
    session, stage = open_stage("lora")
    old = weakref.ref(heatmap(stage, "layer1.lora_B"))
    session.feed(frame("full", step=0, run=2))

    def gone() -> bool:
        gc.collect()
        return old() is None

    qtbot.waitUntil(gone)
    session.feed(frame("full", step=1, run=2))
