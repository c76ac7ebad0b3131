"""A curve drawn before the run, and the true one over it."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.lessons.card.plots import CardPlot, CurvePad
from gui.lessons.card.words import distance_text
from gui.lessons.lesson import COLUMNS
from gui.plots.plot_spec import Curve
from gui.theme import appearance

pytestmark = pytest.mark.usefixtures("dressed")


def pad(window: QWidget, of: str = "target_accuracy", start: float = 0.2) -> CurvePad:
    found = CurvePad(of, 300)
    window.layout().addWidget(found)
    window.resize(300, found.heightForWidth(280) + 20)
    found.begin(start)
    QApplication.processEvents()
    return found


def drag(found: CurvePad, *placeholders: tuple[float, float]) -> None:
    """Args: places: (step, value)."""
    held, button = Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(placeholders) - 1)]
    for kind, (step, value) in zip(kinds, placeholders, strict=True):
        at = found.point_at(step, value)
        event = QMouseEvent(kind, at, at, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(found.viewport(), event)


def test_a_drag_from_left_to_right_draws_the_curve(window: QWidget) -> None:
    found = pad(window)
    assert not found.is_complete
    drag(found, (0, 0.2), (150, 0.8))
    assert not found.is_complete
    drag(found, (150, 0.8), (300, 0.8))
    assert found.is_complete
    expected = np.interp(np.linspace(0, 300, COLUMNS), [0, 150, 300], [0.2, 0.8, 0.8])
    assert np.abs(np.array(found.values) - expected).max() < 0.03


def test_what_is_known_stays_and_any_part_can_be_drawn_again(window: QWidget) -> None:
    found = pad(window)
    drag(found, (0, 0.9), (300, 0.5))
    assert found.values[0] == 0.2  # the start is given
    before = found.values
    drag(found, (210, 0.9), (240, 0.9))
    assert found.values[:27] == before[:27] and found.values[34:] == before[34:]
    assert found.values[30] == pytest.approx(0.9, abs=0.02)


def test_a_drag_that_begins_further_right_is_joined_to_the_start(window: QWidget) -> None:
    found = pad(window)
    drag(found, (150, 0.8))
    assert len(found.values) == 21
    assert found.values[10] == pytest.approx(0.5, abs=0.05)


def test_a_drag_beyond_the_plot_stays_within_it(window: QWidget) -> None:
    found = pad(window)
    area = found.area()
    for kind, at in ((QEvent.Type.MouseButtonPress, area.bottomLeft()),
                     (QEvent.Type.MouseMove, area.topRight() + QPointF(500, -500))):  # fmt: skip
        button = Qt.MouseButton.LeftButton
        QApplication.sendEvent(found.viewport(), QMouseEvent(kind, at, at, button, button,
                                                  Qt.KeyboardModifier.NoModifier))  # fmt: skip
    assert found.is_complete
    assert all(0.0 <= value <= 1.0 for value in found.values)


def test_it_is_drawn_with_keys_alone(window: QWidget) -> None:
    found = pad(window)
    QTest.keyClick(found, Qt.Key.Key_Right)
    assert found.values == (0.2,) * COLUMNS
    for _ in range(4):
        QTest.keyClick(found, Qt.Key.Key_Up)
    assert found.values[4] == pytest.approx(0.4)
    assert found.values[2] == pytest.approx(0.3)
    assert found.values[8:] == (0.2,) * (COLUMNS - 8)
    for _ in range(30):
        QTest.keyClick(found, Qt.Key.Key_Right)
    for _ in range(30):
        QTest.keyClick(found, Qt.Key.Key_Down)
    assert found.values[-1] == 0.0
    assert found.values[0] == 0.2


def test_committed_it_is_locked(window: QWidget) -> None:
    found = pad(window)
    drag(found, (0, 0.2), (300, 0.9))
    values = found.values
    found.show_committed(values)
    drag(found, (0, 0.2), (300, 0.1))
    QTest.keyClick(found, Qt.Key.Key_Up)
    assert found.values == values
    assert [curve.label for curve in found.spec.curves] == ["yours"]


def test_the_reveal_lays_the_run_over_it(window: QWidget) -> None:
    found = pad(window)
    drag(found, (0, 0.2), (300, 0.2))
    steps = np.linspace(0, 300, 61)
    found.show_committed([0.2] * COLUMNS, (steps, np.full(61, 0.26)))
    assert [curve.label for curve in found.spec.curves] == ["this run", "yours"]
    assert len(found.true_values()) == COLUMNS
    text = distance_text("target_accuracy", found.values, found.true_values())
    assert text == "On average your curve is 6 points off."
    assert "this run 26%" in found.accessibleName()


def test_a_run_that_was_cut_short_is_compared_as_far_as_it_went(window: QWidget) -> None:
    found = pad(window, "train_loss", 2.0)
    found.show_committed([2.0] * COLUMNS, (np.array([0.0, 150.0]), np.array([1.0, 1.0])))
    assert np.isfinite(found.true_values()).sum() == 21
    assert "1 off" in distance_text("train_loss", found.values, found.true_values())
    found.grab()


def test_the_axis_holds_still_while_one_draws_and_has_room_for_the_truth(window: QWidget) -> None:
    found = pad(window, "train_loss", 2.31)
    top = found.spec.top
    assert top > 2.31
    drag(found, (0, 2.0), (300, top))
    assert found.spec.top == top
    found.show_committed(found.values, (np.array([0.0, 300.0]), np.array([2.31, 9.0])))
    assert found.spec.top >= 9.0


def test_a_plot_names_its_curves_where_they_end(window: QWidget) -> None:
    plot = CardPlot("source_accuracy")
    window.layout().addWidget(plot)
    window.resize(300, 190)
    QApplication.processEvents()
    steps = np.linspace(0, 300, 7)
    plot.show_curves((
        Curve("high", "high rate", "source", steps, np.linspace(0.97, 0.1, 7)),
        Curve("low", "low rate", "target", steps, np.full(7, np.nan)),
    ), 300)  # fmt: skip
    plot.grab()  # a curve of nothing but NaN as well
    assert plot.accessibleName().startswith("source accuracy, step by step. high rate 10%")
    end = plot.point_at(300, 0.1)
    assert end.x() < 280 - 40  # the name stands beside it


def test_a_curve_that_nobody_guessed_is_shown_and_cannot_be_drawn(window: QWidget) -> None:
    found = pad(window, "source_accuracy")
    found.show_committed([], (np.array([0.0, 300.0]), np.array([1.0, 0.4])))
    drag(found, (0, 0.2), (300, 0.8))
    assert found.values == () and [curve.label for curve in found.spec.curves] == ["this run"]
    assert [curve.colour for curve in found.spec.curves] == ["source"]
    found.grab()


def test_a_chart_zooms_to_where_the_curves_end_and_has_one_colour(window: QWidget) -> None:
    found = CardPlot("target_accuracy")
    window.layout().addWidget(found)
    steps = np.arange(301.0)
    shades = found.colours(2)
    curves = [
        Curve(str(end), "", colour, steps, np.where(steps < 20, 0.3, end))
        for end, colour in zip((0.83, 0.85), shades, strict=True)
    ]
    found.show_curves(curves, 300.0)
    assert 0.7 < found.spec.bottom < 0.83 and 0.85 < found.spec.top < 0.95
    assert shades[-1] == appearance.theme.target and shades[0] != shades[1]
    assert CardPlot("source_accuracy").colours(1) == [appearance.theme.source]
