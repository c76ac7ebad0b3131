"""One layer alone on the stage: how large, how one comes there and back, and its numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.name_block import NameBlock
from gui.stage.stage import Stage
from gui.theme import Scheme, appearance
from tests.engine.cover import each_with, some_of
from tests.gui.frames import EVERY, Open, frame, recorded
from tests.gui.places import check_geometry, heatmap, place

SIZES = {"1280": (942, 596), "1600": (1223, 870), "2560": (1833, 1310)}


def cell(stage: Stage, name: str) -> float:
    shown = heatmap(stage, name)
    return (shown.width() - 2 * INSET) / shown.matrix().shape[1]


def layers_shown(stage: Stage) -> set[str]:
    shown = (one.objectName().split(".")[1] for one in stage.findChildren(Heatmap))
    return set(shown)


@pytest.mark.parametrize(
    ("strategy", "size"),
    each_with([*SIZES], ones=["full", "lora", "qlora", "dora", "linear_probe"]),
)
def test_a_layer_alone_has_cells_of_ten_pixels(open_stage: Open, strategy: str, size: str) -> None:
    _, stage = open_stage(strategy, SIZES[size])
    for layer in ("layer1", "layer2", "head"):
        stage.focus(layer)
        assert layers_shown(stage) == {layer}
        assert cell(stage, f"{layer}.delta") >= 10
        check_geometry(stage)
    stage.focus("")
    assert len(layers_shown(stage)) == 4


def test_b_and_a_frame_delta_as_in_a_product_on_paper(open_stage: Open) -> None:
    session, stage = open_stage("lora")
    stage.focus("layer2")
    for step, rank in enumerate((4, 16, 1, 30), start=2):
        session.feed(frame("lora", step=step, rank=rank))
        delta, b, a = (
            place(heatmap(stage, f"layer2.{name}"), stage) for name in ("delta", "lora_B", "lora_A")
        )
        assert (b.top(), b.bottom()) == (delta.top(), delta.bottom())
        assert (a.left(), a.right()) == (delta.left(), delta.right())
        assert b.right() < delta.left()
        assert a.bottom() < delta.top()
        check_geometry(stage)


def test_the_name_of_a_layer_alone_is_not_squeezed(open_stage: Open) -> None:
    _, stage = open_stage("lora")
    stage.focus("layer1")
    (name,) = stage.findChildren(NameBlock)
    assert name.height() >= name.sizeHint().height() and name.y() >= 0


@pytest.mark.parametrize("strategy", some_of(EVERY))
def test_every_layer_of_every_strategy_can_be_alone(open_stage: Open, strategy: str) -> None:
    _, stage = open_stage(strategy, SIZES["1280"])
    for layer in recorded(strategy).layers:
        stage.focus(layer.name)
        check_geometry(stage)


def test_an_adapter_is_large_beside_its_layer(open_stage: Open) -> None:
    _, stage = open_stage("adapter", SIZES["1280"])
    before = cell(stage, "adapter2.down.updated")
    stage.focus("adapter2")
    assert cell(stage, "adapter2.down.updated") >= 2 * before
    assert {"layer2", "adapter2"} == layers_shown(stage)


def test_a_double_click_leads_there_and_back(open_stage: Open, qtbot: QtBot) -> None:
    _, stage = open_stage("lora")
    heard: list[str] = []
    stage.focus_changed.connect(heard.append)
    for expected in ("layer2", ""):
        pictured, spot = heatmap(stage, "layer2.delta"), QPoint(INSET + 2, INSET + 2)
        qtbot.mouseClick(pictured, Qt.MouseButton.LeftButton, pos=spot)
        qtbot.mouseDClick(pictured, Qt.MouseButton.LeftButton, pos=spot)
        assert stage.focused == expected
        assert stage.reading is None or not stage.reading.pinned
        qtbot.waitUntil(lambda: len(stage.findChildren(Heatmap, "heatmap.layer2.delta")) == 1)
    assert heard == ["layer2", ""]


def test_the_name_is_a_button_and_escape_leads_back(open_stage: Open, qtbot: QtBot) -> None:
    _, stage = open_stage("full")
    stage.activateWindow()
    qtbot.waitUntil(stage.isActiveWindow)
    button = stage.findChild(QPushButton, "focus.head")
    assert isinstance(button, QPushButton)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert stage.focused == "head"
    again = stage.focusWidget()
    assert isinstance(again, QPushButton) and again.objectName() == "focus.head"
    assert again.isChecked() and again.text() == "‹ Head"
    heatmap(stage, "head.delta").activated.emit(1, 1)
    qtbot.keyClick(stage, Qt.Key.Key_Escape)
    assert stage.focused == "head"  # first the pin goes
    qtbot.keyClick(stage, Qt.Key.Key_Escape)
    assert stage.focused == ""


def test_what_a_lesson_speaks_of_brings_its_layer_back(open_stage: Open) -> None:
    _, stage = open_stage("lora")
    stage.focus("layer2")
    for names in ((), ("rank",), ("layer2.lora_B", "accuracies")):
        stage.hold_pictures(names)
        assert stage.focused == "layer2"
    stage.hold_pictures(("layer2.delta", "head.lock"))
    assert stage.focused == ""


def test_a_network_without_the_layer_shows_all(open_stage: Open) -> None:
    session, stage = open_stage("adapter")
    stage.focus("adapter1")
    session.feed(frame("full", step=0, run=2))
    assert stage.focused == ""
    assert len(layers_shown(stage)) == 4


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_large_cells_contain_their_numbers_legibly(qtbot: QtBot, scheme: Scheme) -> None:
    appearance.set_scheme(scheme)
    shown = Heatmap("W")
    qtbot.addWidget(shown)
    values = np.linspace(-0.4, 0.4, 5, dtype=np.float32)[None]
    shown.draw(values, 0.4)
    for side, has_numbers in ((25, False), (26, True), (40, True)):
        shown.set_cell_size(side)
        image = shown.grab().toImage()
        for column in range(5):
            x, y = INSET + column * side, INSET
            ground = QColor(image.pixel(x + 1, y + 1))
            ink = [
                abs(QColor(image.pixel(x + dx, y + dy)).lightness() - ground.lightness())
                for dx in range(2, side - 2)
                for dy in range(2, side - 2)
            ]
            assert (max(ink) > 90) == has_numbers, (side, column)
    appearance.set_scheme(Scheme.LIGHT)
