"""Labels beside curves do not overlap."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.plots.annotations import Annotations, push_apart
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, Mark, PlotSpec


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


@pytest.mark.parametrize("falling", [True, False])
def test_the_label_of_a_mark_stands_beside_the_curve_where_there_is_room(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, falling: bool
) -> None:
    steps = np.arange(301.0)
    values = np.where(steps < 100, 0.9, 0.1) if falling else np.full(301, 0.95)
    plot = LinePlot()
    qtbot.addWidget(plot)
    plot.resize(400, 160)
    drawn: dict[str, float] = {}
    monkeypatch.setattr(
        Annotations, "_draw_text", lambda _, painter, box, text, *flags: drawn.update({text: box})
    )
    marks = (Mark(10.0, "r 4 → 8"), Mark(200.0, "r 8 → 2"))
    plot.set_spec(PlotSpec((Curve("a", "", "accent", steps, values),), marks, label_marks=True))
    plot.grab()
    for mark in marks:
        box = drawn[mark.text]
        value = float(values[int(mark.step)])
        assert not box.top() < plot.point_at(mark.step, value).y() < box.bottom(), mark.text
