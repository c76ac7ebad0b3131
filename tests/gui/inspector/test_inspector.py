"""One cell written out."""

import dataclasses

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.protocol.messages import CellAddress
from gui.inspector.explanation import input_feature_text
from gui.inspector.readout import HINT, CellReadout
from gui.matrices.cell_reading import CellReading, cell_matrix_text, cell_position_text, read_cell
from tests.gui.frames import layers
from tests.gui.made_factors import named
from tests.gui.shell_frames import FakeSession, frame, layer

READING = CellReading("layer2", 16, 4, -0.1312, 0.0467, -0.0845, False)


def opened(qtbot: QtBot, session: FakeSession) -> CellReadout:
    readout = CellReadout(session)
    readout.resize(262, readout.sizeHint().height())
    session.show(qtbot, readout)
    return readout


def test_without_a_cell_it_says_how_to_get_one(qtbot: QtBot) -> None:
    readout = opened(qtbot, FakeSession())
    assert readout.text() == HINT
    readout.show_reading(READING)
    readout.show_reading(None)
    assert readout.text() == HINT


def test_a_cell_is_an_equation_with_real_minus_signs(qtbot: QtBot) -> None:
    readout = opened(qtbot, FakeSession())
    readout.show_reading(READING)
    assert readout.text().splitlines()[:2] == [
        "Layer 2 · ΔW · row 17, column 5",
        "−0.1312 + 0.0467 = −0.0845",
    ]


BLOCK = dataclasses.replace(READING, cell_block=(16, 19, 4, 7))
UNSEEN = CellReading("layer2", 16, 4, np.nan, np.nan, np.nan, False, visible=False)


def test_the_largest_of_a_block_is_not_called_a_cell(qtbot: QtBot) -> None:
    readout = opened(qtbot, FakeSession())
    readout.show_reading(BLOCK)
    place, numbers, said = readout.text().splitlines()
    assert place == "Layer 2 · 4 × 4 cells"
    assert numbers == "−0.1312 , 0.0467 , −0.0845"  # they do not add up
    assert said.startswith("Rows 17–20, columns 5–8: of each matrix the value of largest magn")
    readout.show_reading(READING)
    assert "−0.1312 + 0.0467 = −0.0845" in readout.text()


def test_a_cell_beside_what_is_seen_has_no_numbers(qtbot: QtBot) -> None:
    readout = opened(qtbot, FakeSession())
    readout.show_reading(UNSEEN)
    assert readout.text().splitlines()[:2] == ["Layer 2 · ΔW · row 17, column 5", "– + – = –"]
    assert "brings it back" in readout.text()
    assert "nan" not in readout.text()


def test_it_is_as_high_with_every_reading(qtbot: QtBot) -> None:
    readout = opened(qtbot, FakeSession())
    heights = set()
    for reading in (
        None,
        READING,
        BLOCK,
        UNSEEN,
        _qlora(),
        dataclasses.replace(READING, delta=0.0),
    ):
        readout.show_reading(reading)
        QApplication.processEvents()
        heights.add((readout.height(), readout.minimumSizeHint().height()))
    assert len({height for height, _ in heights}) == 1
    assert all(needed <= height for height, needed in heights), heights
    assert readout.minimumSizeHint().width() <= 240


def test_parts_of_what_a_strategy_adds_are_named() -> None:
    reading = dataclasses.replace(READING, layer="adapter1.down", matrix="updated", row=0, column=0)
    assert (cell_matrix_text(reading), cell_position_text(reading)) == (
        "Adapter 1 · D",
        "row 1, column 1",
    )


def test_it_reads_what_the_stage_reads(qtbot: QtBot) -> None:
    session = FakeSession()
    readout = opened(qtbot, session)
    b, a = np.full((40, 2), 0.5, np.float32), np.full((2, 40), 0.1, np.float32)
    factors = (named("lora_B", b), named("lora_A", a))
    session.feed(frame(3))
    readout.show_reading(
        read_cell(
            replace(layer("layer2", 1, 0.1), factors=factors, scaling=1.0),
            CellAddress("layer2", 0, 0),
            pinned=False,
        )
    )
    assert "= 1·(0.500·0.100 + 0.500·0.100)" in readout.text()


def _qlora() -> CellReading:
    """The reading with the most to say."""
    return read_cell(layers("qlora_xray", rank=30)[1], CellAddress("layer2", 39, 39), pinned=False)


def test_a_named_input_is_named() -> None:
    features = tuple(f"feature {number}" for number in range(30))
    reading = CellReading("layer1", 2, 4, 0.1, 0.0, 0.1, False)
    assert input_feature_text(reading, features) == "Input: feature 4"
    assert input_feature_text(reading, ()) == ""
    assert input_feature_text(dataclasses.replace(reading, layer="layer2"), features) == ""
    assert input_feature_text(dataclasses.replace(reading, cell_block=(0, 3, 4, 7)), features) == ""
