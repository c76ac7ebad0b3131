"""Colour scales grow at once, shrink slowly, can be pinned, and never divide by zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from engine.protocol.messages import VisiblePart
from gui.matrices.colour_scale import (
    DELTA,
    MIN_VISIBLE_CHANGE,
    SHRINK_SECONDS,
    WEIGHT,
    ColourScales,
    robust_maxima,
    robust_maximum,
)
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


def test_it_grows_at_once() -> None:
    scales = ColourScales()
    scales.update({WEIGHT: 0.1}, 0.0)
    scales.update({WEIGHT: 0.7}, 0.0)
    assert scales[WEIGHT] == 0.7


def test_it_shrinks_with_its_time_constant_and_not_beyond() -> None:
    scales = ColourScales()
    scales.update({WEIGHT: 1.0}, 0.0)
    frames = 60
    for _ in range(frames):
        scales.update({WEIGHT: 0.2}, SHRINK_SECONDS / frames)
    assert scales[WEIGHT] == pytest.approx(0.2 + 0.8 / math.e, rel=MIN_VISIBLE_CHANGE)
    scales.update({WEIGHT: 0.2}, 1e9)
    assert scales[WEIGHT] == 0.2


def test_a_run_taken_back_from_beyond_all_bounds_is_seen_at_once() -> None:
    scales = ColourScales()
    scales.update({WEIGHT: 1e10, DELTA: 1e10}, 0.0)
    scales.update({WEIGHT: 0.4, DELTA: 0.0}, 0.016)
    assert scales[WEIGHT] == 0.4
    scales.update({WEIGHT: 0.4, DELTA: 0.01}, 0.016)
    assert scales[DELTA] == 0.01


def test_what_nobody_would_see_leaves_the_colours_alone() -> None:
    scales = ColourScales()
    scales.update({WEIGHT: 1.0}, 0.0)
    shown = set()
    for grown in range(1, 101):
        scales.update({WEIGHT: 1.0 + grown * 1e-4}, 0.016)
        shown.add(scales[WEIGHT])
        assert scales[WEIGHT] == pytest.approx(1.0 + grown * 1e-4, rel=MIN_VISIBLE_CHANGE)
    assert len(shown) <= 4
    for _ in range(2000):  # as slowly as it may be, it comes down in the end
        scales.update({WEIGHT: 0.5}, 0.001)
    assert scales[WEIGHT] == pytest.approx(0.5 + 0.51 * math.exp(-2.0), rel=MIN_VISIBLE_CHANGE)


def test_a_pinned_scale_stays_but_takes_its_first_value() -> None:
    scales = ColourScales()
    scales.update({WEIGHT: 0.4, DELTA: 0.0}, 0.0)
    scales.pinned = True
    scales.update({WEIGHT: 0.9, DELTA: 0.01}, 1.0)
    scales.update({WEIGHT: 0.1, DELTA: 0.02}, 1.0)
    assert (scales[WEIGHT], scales[DELTA]) == (0.4, 0.01)
    scales.reset()
    assert scales[WEIGHT] == 0.4
    scales.pinned = False
    scales.reset()
    assert scales[WEIGHT] == 0.0


def test_the_factor_says_how_much_stronger_delta_is_drawn() -> None:
    scales = ColourScales()
    assert scales.delta_magnification is None
    scales.update({WEIGHT: 0.6, DELTA: 0.0}, 0.0)
    assert scales.delta_magnification is None
    scales.update({WEIGHT: 0.6, DELTA: 0.05}, 0.0)
    assert scales.delta_magnification == pytest.approx(12.0)


def test_w_and_updated_share_one_scale_and_delta_has_its_own() -> None:
    found = layers("lora", rank=4)
    largest = robust_maxima(found)
    weights = [part for one in found for part in (one.weight, one.updated)]
    assert largest[WEIGHT] == robust_maximum(weights)
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


def test_a_still_gradient_is_drawn_at_its_own_scale() -> None:
    scales = ColourScales()
    scales.update({"gradient": 1.0, DELTA: 1.0}, 0.0, fast=("gradient",))
    scales.update({"gradient": 0.01, DELTA: 0.5}, 0.001, paused=True, fast=("gradient",))
    assert scales["gradient"] == 0.01
    assert scales[DELTA] > 0.9
