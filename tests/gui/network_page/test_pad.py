"""Strokes of the brush."""

import numpy as np
import pytest

from gui.network_page.pad import stroke

EMPTY = np.zeros((8, 8), np.float32)


def test_a_stroke_is_dark_in_its_middle_and_soft_at_its_edges() -> None:
    drawn = stroke(EMPTY, (1.5, 3.5), (6.5, 3.5))
    assert drawn.dtype == np.float32
    assert (drawn[1:7, 3] == 1).all()
    assert (drawn[2:6, 2] == drawn[2:6, 4]).all()
    assert 0.1 < drawn[3, 2] < 0.5
    assert not drawn[:, :2].any() and not drawn[:, 5:].any()
    assert 0 < drawn[0, 3] < 0.5


def test_a_fast_stroke_has_no_gaps_and_ends_where_it_ends() -> None:
    drawn = stroke(EMPTY, (0.5, 0.5), (7.5, 7.5))
    assert (np.diag(drawn) == 1).all()
    assert drawn[0, 7] == drawn[7, 0] == 0


def test_strokes_add_up_and_never_beyond_all_ink() -> None:
    picture = EMPTY
    for _ in range(5):
        before, picture = picture, stroke(picture, (2, 2), (5, 5))
        assert (picture >= before).all()
    assert np.array_equal(picture, before)
    assert picture.max() == 1


def test_the_rubber_takes_away_and_only_there() -> None:
    full = np.ones((8, 8), np.float32)
    rubbed = stroke(full, (3.5, 3.5), (3.5, 3.5), erase=True)
    assert rubbed[3, 3] == 0
    assert 0 < rubbed[3, 4] < 1
    assert rubbed[0, 0] == rubbed[3, 6] == 1
    assert (full == 1).all()


@pytest.mark.parametrize("erase", [False, True])
def test_far_beside_the_grid_nothing_happens(erase: bool) -> None:
    picture = np.full((8, 8), 0.5, np.float32)
    assert np.array_equal(stroke(picture, (-90, 400), (-80, 500), erase=erase), picture)
