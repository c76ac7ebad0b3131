"""Labels beside curves do not overlap."""

import numpy as np
import pytest

from gui.plots.annotations import push_apart


@pytest.mark.parametrize(
    "wished", [[50.0, 50.0, 50.0], [0.0, 1.0, 99.0], [99.0, 98.0, 97.0], [10.0], [], [5.0] * 40]
)
def test_labels_never_overlap_and_stay_inside(wished: list[float]) -> None:
    places = push_apart(wished, 12.0, 6.0, 94.0)
    gap = min(12.0, 88.0 / max(len(wished) - 1, 1))
    assert all(6.0 - 1e-6 <= place <= 94.0 + 1e-6 for place in places)
    assert (np.diff(sorted(places)) >= gap - 1e-6).all()
    order = np.argsort(wished, kind="stable")
    assert (np.diff(np.asarray(places)[order]) >= 0).all()


def test_labels_that_have_room_are_left_where_they_are() -> None:
    assert push_apart([20.0, 60.0], 12.0, 0.0, 100.0) == [20.0, 60.0]
