"""What a cell's reading holds, and which rows and columns of the factors enter it."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from engine.protocol.messages import CellAddress
from gui.matrices.cell_reading import read_cell
from gui.matrices.crosshair import Crosshair
from tests.gui.frames import layer, layers
from tests.gui.made_factors import named


def test_the_factors_of_lora_multiply_to_delta() -> None:
    one = layers("lora")[0]
    reading = read_cell(one, CellAddress("layer1", 17, 5), pinned=True)
    b, a = reading.factors
    assert (b.name, a.name) == ("lora_B", "lora_A")
    assert np.dot(b.values, a.values) == pytest.approx(reading.delta, rel=1e-5)
    assert reading.weight == float(one.weight[17, 5])
    assert reading.updated == float(one.updated[17, 5])
    assert reading.weight + reading.delta == pytest.approx(reading.updated, abs=1e-7)


def test_a_factor_of_the_layers_shape_gives_its_one_value() -> None:
    (one,) = (part for part in layers("weight_update") if part.factors)
    (gradient,) = read_cell(one, CellAddress("layer1", 3, 4), pinned=False).factors
    assert gradient.values == (float(one.factors[0].values[3, 4]),)


def test_b_and_a_are_told_apart_even_where_all_sides_are_equal() -> None:
    square = np.arange(1600, dtype=np.float32).reshape(40, 40)
    factors = named("lora_B", square), named("lora_A", -square)
    one = replace(layer("layer2", (40, 40)), factors=factors)
    b, a = read_cell(one, CellAddress("layer2", 1, 2), pinned=False).factors
    assert b.values == tuple(one.factors[0].values[1])
    assert a.values == tuple(one.factors[1].values[:, 2])


def test_readings_compare_by_value() -> None:
    one = layers("lora")[0]
    cell = CellAddress("layer1", 1, 2)
    assert read_cell(one, cell, pinned=False) == read_cell(one, cell, pinned=False)
    assert read_cell(one, cell, pinned=False) != read_cell(one, cell, pinned=True)


HERE, THERE = CellAddress("layer1", 3, 4), CellAddress("layer2", 1, 1)


def test_the_pinned_cell_is_read_before_the_hovered_one() -> None:
    cross = Crosshair()
    cross.hover(HERE)
    assert cross.cell == HERE
    cross.pin(HERE)
    cross.hover(THERE)
    assert cross.cell == HERE
    cross.leave()
    assert cross.cell == HERE
    cross.unpin()
    assert cross.cell is None


def test_a_second_press_lets_go_and_another_cell_moves_the_pin() -> None:
    cross = Crosshair()
    cross.pin(HERE)
    cross.pin(THERE)
    assert cross.pinned == THERE
    cross.pin(THERE)
    assert cross.pinned is None
    assert cross.cell == THERE  # still under the pointer


def test_arrow_keys_carry_the_pin_along() -> None:
    cross = Crosshair()
    cross.move(HERE)
    assert (cross.hovered, cross.pinned) == (HERE, None)
    cross.pin(HERE)
    cross.move(THERE)
    assert cross.pinned == THERE


def test_what_no_longer_exists_is_dropped() -> None:
    cross = Crosshair()
    cross.pin(CellAddress("layer1", 39, 29))
    cross.discard_missing([layer("layer1", (40, 30))])
    assert cross.cell == CellAddress("layer1", 39, 29)
    cross.discard_missing([layer("layer1", (40, 29))])
    assert cross.cell is None
    cross.pin(HERE)
    cross.discard_missing([layer("layer2", (40, 40))])
    assert cross.cell is None
