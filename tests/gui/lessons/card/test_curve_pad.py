"""A curve drawn before the run, and the true one over it."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.lessons.card.curve_pad import COLUMNS, CurvePad
from gui.lessons.card.plot import CardCurve, CardPlot
from gui.lessons.card.words import distance_text

pytestmark = pytest.mark.usefixtures("dressed")


def pad(qtbot: QtBot, of: str = "target_accuracy", start: float = 0.2) -> CurvePad:
    found = CurvePad()
    qtbot.addWidget(found)
    found.resize(280, found.heightForWidth(280))
    found.begin(of, 300, start)
    found.show()
    return found


def drag(found: CurvePad, *placeholders: tuple[float, float]) -> None:
    """Args: places: (step, value)."""
    held, button = Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(placeholders) - 1)]
    for kind, (step, value) in zip(kinds, placeholders, strict=True):
        at = found.point_at(step, value)
        event = QMouseEvent(kind, at, at, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(found, event)


def test_a_drag_from_left_to_right_draws_the_curve(qtbot: QtBot) -> None:
    found = pad(qtbot)
    assert not found.is_complete
    drag(found, (0, 0.2), (150, 0.8))
    assert not found.is_complete
    drag(found, (150, 0.8), (300, 0.8))
    assert found.is_complete
    expected = np.interp(np.linspace(0, 300, COLUMNS), [0, 150, 300], [0.2, 0.8, 0.8])
    assert np.abs(np.array(found.values) - expected).max() < 0.03


def test_what_is_known_stays_and_any_part_can_be_drawn_again(qtbot: QtBot) -> None:
    found = pad(qtbot)
    drag(found, (0, 0.9), (300, 0.5))
    assert found.values[0] == 0.2  # the start is given
    before = found.values
    drag(found, (210, 0.9), (240, 0.9))
    assert found.values[:27] == before[:27] and found.values[34:] == before[34:]
    assert found.values[30] == pytest.approx(0.9, abs=0.02)


def test_a_drag_that_begins_further_right_is_joined_to_the_start(qtbot: QtBot) -> None:
    found = pad(qtbot)
    drag(found, (150, 0.8))
    assert len(found.values) == 21
    assert found.values[10] == pytest.approx(0.5, abs=0.05)


def test_a_drag_beyond_the_plot_stays_within_it(qtbot: QtBot) -> None:
    found = pad(qtbot)
    area = found.area()
    for kind, at in ((QEvent.Type.MouseButtonPress, area.bottomLeft()),
                     (QEvent.Type.MouseMove, area.topRight() + QPointF(500, -500))):  # fmt: skip
        button = Qt.MouseButton.LeftButton
        QApplication.sendEvent(found, QMouseEvent(kind, at, at, button, button,
                                                  Qt.KeyboardModifier.NoModifier))  # fmt: skip
    assert found.is_complete
    assert all(0.0 <= value <= 1.0 for value in found.values)


def test_it_is_drawn_with_keys_alone(qtbot: QtBot) -> None:
    found = pad(qtbot)
    qtbot.keyClick(found, Qt.Key.Key_Right)
    assert found.values == (0.2,) * COLUMNS
    for _ in range(4):
        qtbot.keyClick(found, Qt.Key.Key_Up)
    assert found.values[4] == pytest.approx(0.4)
    assert found.values[2] == pytest.approx(0.3)
    assert found.values[8:] == (0.2,) * (COLUMNS - 8)
    for _ in range(30):
        qtbot.keyClick(found, Qt.Key.Key_Right)
    for _ in range(30):
        qtbot.keyClick(found, Qt.Key.Key_Down)
    assert found.values[-1] == 0.0
    assert found.values[0] == 0.2


def test_committed_it_is_locked(qtbot: QtBot) -> None:
    found = pad(qtbot)
    drag(found, (0, 0.2), (300, 0.9))
    values = found.values
    found.show_committed(values)
    drag(found, (0, 0.2), (300, 0.1))
    qtbot.keyClick(found, Qt.Key.Key_Up)
    assert found.values == values
    assert [curve.label for curve in found.curves] == ["yours"]


def test_the_reveal_lays_the_run_over_it(qtbot: QtBot) -> None:
    found = pad(qtbot)
    drag(found, (0, 0.2), (300, 0.2))
    found.show_committed([0.2] * COLUMNS)
    steps = np.linspace(0, 300, 61)
    found.reveal(steps, np.full(61, 0.26))
    assert [curve.label for curve in found.curves] == ["this run", "yours"]
    assert len(found.true_values()) == COLUMNS
    text = distance_text("target_accuracy", found.values, found.true_values())
    assert text == "On average your curve is 6 points off."
    assert "this run 26%" in found.accessibleName()


def test_a_run_that_was_cut_short_is_compared_as_far_as_it_went(qtbot: QtBot) -> None:
    found = pad(qtbot, "train_loss", 2.0)
    found.show_committed([2.0] * COLUMNS)
    found.reveal(np.array([0.0, 150.0]), np.array([1.0, 1.0]))
    assert np.isfinite(found.true_values()).sum() == 21
    assert "1 off" in distance_text("train_loss", found.values, found.true_values())
    found.grab()


def test_the_axis_holds_still_while_one_draws_and_has_room_for_the_truth(qtbot: QtBot) -> None:
    found = pad(qtbot, "train_loss", 2.31)
    top = found.top
    assert top > 2.31
    drag(found, (0, 2.0), (300, top))
    assert found.top == top
    found.show_committed(found.values)
    found.reveal(np.array([0.0, 300.0]), np.array([2.31, 9.0]))
    assert found.top >= 9.0


def test_a_plot_names_its_curves_where_they_end(qtbot: QtBot) -> None:
    plot = CardPlot()
    qtbot.addWidget(plot)
    plot.resize(280, 170)
    steps = np.linspace(0, 300, 7)
    plot.show_curves("source_accuracy", 300, (
        CardCurve("high rate", "source", steps, np.linspace(0.97, 0.1, 7)),
        CardCurve("low rate", "target", steps, np.full(7, np.nan)),
    ))  # fmt: skip
    plot.grab()  # a curve of nothing but NaN as well
    assert plot.accessibleName().startswith("source accuracy, step by step. high rate 10%")
    end = plot.point_at(300, 0.1)
    assert end.x() < 280 - 40  # the name stands beside it


def test_a_curve_that_nobody_guessed_is_shown_and_cannot_be_drawn(qtbot: QtBot) -> None:
    found = pad(qtbot)
    found.show_alone("source_accuracy", 300, np.array([0.0, 300.0]), np.array([1.0, 0.4]))
    drag(found, (0, 0.2), (300, 0.8))
    assert found.values == () and [curve.label for curve in found.curves] == ["this run"]
    assert [curve.colour for curve in found.curves] == ["source"]
    found.grab()
