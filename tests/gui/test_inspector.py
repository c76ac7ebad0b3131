"""One cell written out."""

import dataclasses

import numpy as np
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.inspector import HINT, Inspector, input_text, origin_text, place_text
from gui.stage.cell import CellReading, FactorReading, read
from tests.gui.shell_frames import FakeSession, frame, layer

READING = CellReading("layer2", 16, 4, -0.1312, 0.0467, -0.0845, True)


def opened(qtbot: QtBot, session: FakeSession) -> Inspector:
    inspector = Inspector(session)
    inspector.resize(252, inspector.height())
    session.show(qtbot, inspector)
    return inspector


def test_without_a_cell_it_says_how_to_get_one(qtbot: QtBot) -> None:
    inspector = opened(qtbot, FakeSession())
    assert inspector.text() == HINT
    inspector.show_reading(READING)
    inspector.show_reading(None)
    assert inspector.text() == HINT


def test_a_cell_is_an_equation_with_real_minus_signs(qtbot: QtBot) -> None:
    inspector = opened(qtbot, FakeSession())
    inspector.show_reading(READING)
    assert inspector.text().splitlines()[:2] == [
        "Layer 2 · row 17, column 5",
        "−0.1312 + 0.0467 = −0.0845",
    ]


def test_it_is_as_high_with_every_reading(qtbot: QtBot) -> None:
    inspector = opened(qtbot, FakeSession())
    heights = set()
    for reading in (None, READING, _lora(8), dataclasses.replace(READING, delta=0.0)):
        inspector.show_reading(reading)
        QApplication.processEvents()
        heights.add((inspector.height(), inspector.minimumSizeHint().height()))
    assert len({height for height, _ in heights}) == 1
    assert all(needed <= height for height, needed in heights)
    assert inspector.minimumSizeHint().width() <= 240


def test_the_product_of_lora_is_written_with_this_cells_numbers() -> None:
    text = origin_text(_lora(2), None)
    assert "0.500·0.100 + 0.250·0.200" in text
    assert "= 2·(" in text
    assert "…)" not in text


def test_many_products_become_dots() -> None:
    assert origin_text(_lora(30), None).endswith("+ …)")


def test_a_product_of_zero_has_no_scaling() -> None:
    reading = dataclasses.replace(_lora(2), delta=0.0, factors=_factors((0.0, 0.0), (1.0, 2.0)))
    assert "\n= (0.000·1.000 + 0.000·2.000)" in origin_text(reading, None)


def test_the_step_just_taken_is_minus_rate_times_gradient() -> None:
    reading = dataclasses.replace(READING, factors=(FactorReading("gradient", (0.0312,)),))
    settings = Settings(strategy="weight_update", optimizer="sgd", learning_rate=0.1)
    assert origin_text(reading, settings) == "Last step: −η · g\n= −0.1 · 0.0312 = −0.00312"
    other = settings.replace(optimizer="adam")
    assert origin_text(reading, other) == "Gradient of the last step: g = 0.0312"


def test_a_weight_that_has_not_moved_says_so() -> None:
    assert "not moved" in origin_text(dataclasses.replace(READING, delta=0.0), None)
    assert "W′ − W" in origin_text(READING, None)


def test_parts_of_what_a_strategy_adds_are_named() -> None:
    reading = dataclasses.replace(READING, layer="adapter1.down", row=0, column=0)
    assert place_text(reading) == "Adapter 1 down · row 1, column 1"


def test_it_reads_what_the_stage_reads(qtbot: QtBot) -> None:
    session = FakeSession()
    inspector = opened(qtbot, session)
    b, a = np.full((40, 2), 0.5, np.float32), np.full((2, 40), 0.1, np.float32)
    factors = (("lora_B", b), ("lora_A", a))
    session.feed(frame(3))
    inspector.show_reading(
        read(dataclasses.replace(layer("layer2", 1, 0.1), factors=factors), 0, 0, pinned=False)
    )
    assert "= 1·(0.500·0.100 + 0.500·0.100)" in inspector.text()


def _lora(rank: int) -> CellReading:
    b, a = (0.5, 0.25) * (rank // 2), (0.1, 0.2) * (rank // 2)
    delta = 2 * sum(left * right for left, right in zip(b, a, strict=True))
    return dataclasses.replace(READING, delta=delta, factors=_factors(b, a))


def _factors(b: tuple[float, ...], a: tuple[float, ...]) -> tuple[FactorReading, ...]:
    return (FactorReading("lora_B", b), FactorReading("lora_A", a))


def test_a_named_input_is_named() -> None:
    features = tuple(f"feature {number}" for number in range(30))
    reading = CellReading("layer1", 2, 4, 0.1, 0.0, 0.1, False)
    assert input_text(reading, features) == "Input: feature 4\n"
    assert input_text(reading, ()) == ""
    assert input_text(dataclasses.replace(reading, layer="layer2"), features) == ""
