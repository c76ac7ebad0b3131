"""Colour scales: W keeps its own, the others change in steps, and none divides by zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from engine.protocol.messages import VisiblePart
from gui.matrices.colour_scale import (
    DELTA,
    WEIGHT,
    ColourScales,
    is_clipped,
    robust_maxima,
    robust_maximum,
)
from tests.gui.changed import changed
from tests.gui.frames import layer, layers


def test_a_few_outliers_do_not_count() -> None:
    values = np.full(1000, 0.5, np.float32)
    values[:4] = 100.0
    assert robust_maximum([values.reshape(40, 25)]) == 0.5


def test_the_sign_does_not_matter() -> None:
    assert robust_maximum([np.full((4, 4), -0.25, np.float32)]) == 0.25


def test_where_almost_all_is_zero_the_rest_still_shows() -> None:
    values = np.zeros((40, 40), np.float32)
    values[3, 3] = -0.125
    assert robust_maximum([values]) == 0.125


def test_of_many_numbers_some_are_as_good() -> None:
    values = np.random.default_rng(1).normal(0, 1, (3, 300, 400)).astype(np.float32)
    few = robust_maximum(values)
    every_one = robust_maximum(values, max_samples=values.size)
    assert few == pytest.approx(every_one, rel=0.05)
    rare = np.zeros((500, 500), np.float32)
    rare[17, 18] = 0.5
    assert robust_maximum([rare]) == 0.5


def test_a_picture_counts_by_the_cells_that_it_stands_for() -> None:
    broad = np.full((200, 200), 0.01, np.float32)  # of 8,000 × 8,000 cells
    slim = np.full((200, 8), 1.0, np.float32)  # of 8,000 × 30
    assert robust_maximum([broad, slim], [64_000_000, 240_000]) == pytest.approx(0.01)
    assert robust_maximum([broad, slim]) == 1.0


def test_a_slim_layer_does_not_wash_a_large_one_out() -> None:
    broad, slim = (
        replace(
            layer(name, (96, 96)), weight=np.full(drawn, size, np.float32), delta_norm=0.0,
            part=VisiblePart(shape, 0, 0, *shape, 8),
        )
        for name, shape, drawn, size in (
            ("layer2", (768, 768), (96, 96), 0.01), ("layer1", (768, 30), (96, 4), 1.0),
        )
    )  # fmt: skip
    assert robust_maxima([slim, broad])[WEIGHT] == pytest.approx(0.01)
    assert robust_maxima([slim])[WEIGHT] == 1.0


def test_what_is_not_finite_is_left_out() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 0.5]], np.float32)
    assert robust_maximum([values]) == 0.5
    assert robust_maximum([values[:, :3]]) == 0.0


def test_nothing_has_no_maximum() -> None:
    assert robust_maximum([]) == 0.0
    assert robust_maximum([np.zeros((3, 3), np.float32)]) == 0.0


def test_w_keeps_the_scale_of_the_first_frame_for_the_whole_run() -> None:
    scales = ColourScales()
    scales.update({WEIGHT: 0.4})
    scales.update({WEIGHT: 0.9, DELTA: 5.0}, training=True)
    assert scales[WEIGHT] == 0.4
    scales.reset()
    scales.update({WEIGHT: 0.9})
    assert scales[WEIGHT] == 0.9


def test_all_others_are_that_of_w_times_a_power_of_two() -> None:
    scales = ColourScales()
    for maximum in np.geomspace(1e-7, 1e7, 60):
        scales.update({WEIGHT: 0.3, DELTA: float(maximum), "lora_B": 2 * float(maximum)})
        for kind, largest in ((DELTA, maximum), ("lora_B", 2 * maximum)):
            assert math.log2(scales[kind] / 0.3) == pytest.approx(
                round(math.log2(scales[kind] / 0.3))
            )
            assert 0.84 <= scales[kind] / largest <= 1.69


def test_it_grows_at_once_and_shrinks_late_while_it_trains() -> None:
    scales = ColourScales()
    scales.update({WEIGHT: 1.0, DELTA: 0.25})
    scales.update({WEIGHT: 1.0, DELTA: 0.5}, training=True)
    assert scales[DELTA] == 0.5
    scales.update({WEIGHT: 1.0, DELTA: 0.22}, training=True)
    assert scales[DELTA] == 0.5
    scales.update({WEIGHT: 1.0, DELTA: 0.15}, training=True)
    assert scales[DELTA] == 0.25


def test_at_a_step_gone_back_to_it_is_that_of_the_step() -> None:
    scales = ColourScales()
    there = {WEIGHT: 0.4, DELTA: 0.03, "lora_B": 0.2}
    scales.update(there)
    before = [scales[kind] for kind in there]
    for blown_up in (1.0, 1e4, 1e10):
        scales.update({WEIGHT: 0.4, DELTA: blown_up, "lora_B": blown_up}, training=True)
    scales.update(there)
    assert [scales[kind] for kind in there] == before


def test_w_prime_beyond_the_scale_of_w_is_said_to_be_clipped() -> None:
    made = layers("full", change=0.01)
    scale = robust_maxima(made)[WEIGHT]
    assert not is_clipped(made, scale)
    assert is_clipped([changed(one, updated=3 * one.updated) for one in made], scale)
    assert not is_clipped(layers("full", change=0.0), scale)


def test_the_factor_says_how_much_stronger_delta_is_drawn() -> None:
    scales = ColourScales()
    assert scales.delta_magnification is None
    scales.update({WEIGHT: 0.6, DELTA: 0.0})
    assert scales.delta_magnification is None
    scales.update({WEIGHT: 0.6, DELTA: 0.05})
    assert scales.delta_magnification == pytest.approx(8.0)


def test_w_decides_its_scale_alone_and_delta_has_its_own() -> None:
    found = layers("lora", rank=4)
    largest = robust_maxima(found)
    assert largest[WEIGHT] == robust_maximum([one.weight for one in found])
    assert largest[DELTA] == robust_maximum([one.delta for one in found])
    assert largest["lora_B"] == robust_maximum(
        [one.factors[0].values for one in found if one.factors]
    )
    assert set(largest) == {WEIGHT, DELTA, "lora_B", "lora_A"}


def test_the_parts_of_adapters_are_kinds_of_their_own() -> None:
    found = layers("adapter")
    down = [one for one in found if one.name.endswith(".down")]
    up = [one for one in found if one.name.endswith(".up")]
    largest = robust_maxima([found[0]], [*down, *up])
    assert largest["down"] == robust_maximum([one.updated for one in down])
    assert largest["up"] == robust_maximum([one.updated for one in up])
    assert largest[DELTA] == 0.0
