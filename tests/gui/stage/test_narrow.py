"""A narrow stage, as beside a lesson or with large text: what yields so that pictures are large."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.matrices.heatmap import INSET
from gui.stage.captions import FittingLabel
from gui.stage.cells import SCROLLED_CELL
from gui.stage.name_block import NameBlock
from gui.stage.stage import Stage
from gui.theme import appearance
from tests.gui.cut_texts import cut_texts
from tests.gui.frames import Open, frame
from tests.gui.places import check_geometry, heatmap, place


def name_of(stage: Stage) -> QWidget:
    """The name block of the first row."""
    return stage.findChildren(NameBlock)[0]


def cell(stage: Stage, name: str) -> int:
    drawn = heatmap(stage, name)
    return (drawn.height() - 2 * INSET) // drawn.matrix().shape[0]


@pytest.mark.parametrize(
    ("strategy", "size", "least"),
    [("weight_update", (656, 560), 6), ("full", (470, 640), 3), ("lora", (650, 600), 3)],
)
def test_names_stand_above_where_that_makes_pictures_larger(
    open_stage: Open, strategy: str, size: tuple[int, int], least: int
) -> None:
    _, stage = open_stage(strategy, size)
    name, picture = name_of(stage), heatmap(stage, "layer1.weight")
    assert cell(stage, "layer1.weight") >= least
    assert place(name, stage).bottom() < place(picture, stage).top()
    title = name.findChild(QPushButton)
    assert isinstance(title, QPushButton) and title.height() >= title.sizeHint().height()
    check_geometry(stage)
    stage.resize(1400, 440)
    assert place(name, stage).right() < place(picture, stage).left()
    check_geometry(stage)


def test_in_large_text_rows_scroll_before_their_cells_get_tiny(open_stage: Open) -> None:
    _, stage = open_stage("lora", (690, 470))
    appearance.set_text_scale(2.0)
    assert cell(stage, "layer1.delta") == SCROLLED_CELL
    assert cut_texts(stage) == []
    check_geometry(stage)


def test_a_caption_that_no_longer_fits_in_larger_text_gives_way(
    qtbot: QtBot, dressed: None
) -> None:
    caption = FittingLabel()
    qtbot.addWidget(caption)
    caption.resize(caption.advance("what training adds") + 4, 20)
    caption.show_texts("what training adds", "added")
    assert caption.text() == "what training adds"
    appearance.set_text_scale(1.5)
    assert caption.text() == "added"
    appearance.set_text_scale(1.0)
    assert caption.text() == "what training adds"


def test_a_strong_update_leaves_room_for_how_faintly_it_is_drawn(open_stage: Open) -> None:
    session, stage = open_stage("full", (690, 600))
    now = frame("full", step=2)
    strong = (replace(layer, delta=layer.delta + 3, updated=layer.updated + 3)
              for layer in now.layers)  # fmt: skip
    session.feed(replace(now, layers=tuple(strong)))
    assert cut_texts(stage) == []
    shown = {label.text(): place(label, stage) for label in stage.findChildren(QLabel)}
    drawn = next(text for text in shown if text.startswith("×"))
    assert not shown[drawn].adjusted(-2, 0, 2, 0).intersects(shown["some cells clipped"])
