"""A plot of curves as a user meets it: axes, labels, zoom, pan, hover values, export."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QToolTip, QWidget

from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, Mark, PlotSpec
from gui.theme import Scheme, appearance
from gui.widgets.copying import MenuRow

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
STEPS = np.arange(0.0, 101.0)
RISING = Curve("rising", "up", "target", STEPS, STEPS / 100)
FALLING = Curve("falling", "down", "source", STEPS, 1 - STEPS / 100)


@pytest.fixture
def plot(window: QWidget) -> LinePlot:
    made = LinePlot("made", "nothing yet")
    window.resize(500, 240)
    window.layout().addWidget(made)
    made.set_spec(PlotSpec((RISING, FALLING), (Mark(50, "η 0.1"),), label_marks=True))
    QApplication.processEvents()
    return made


def mouse(plot: LinePlot, kind: QEvent.Type, at: QPointF, button: object, held: object) -> None:
    event = QMouseEvent(
        kind, at, plot.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), event)


def move(plot: LinePlot, at: QPointF) -> None:
    mouse(plot, QEvent.Type.MouseMove, at, NONE, NONE)


def drag(plot: LinePlot, start: QPointF, by: QPointF) -> None:
    mouse(plot, QEvent.Type.MouseButtonPress, start, LEFT, LEFT)
    for share in (0.25, 0.5, 0.75, 1.0):
        mouse(plot, QEvent.Type.MouseMove, start + by * share, NONE, LEFT)
    mouse(plot, QEvent.Type.MouseButtonRelease, start + by, LEFT, NONE)
    QApplication.processEvents()


def scroll(plot: LinePlot, at: QPointF, notches: int) -> bool:
    """Whether the plot took the turn of the wheel for itself."""
    event = QWheelEvent(
        at, plot.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), NONE,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), event)
    QApplication.processEvents()
    return event.isAccepted()


def seen(plot: LinePlot) -> tuple[float, float, float, float]:
    """The steps and values at the edges: left, right, bottom, top."""
    area = plot.area()
    return (*sorted((plot.value_at(area.bottomLeft())[0], plot.value_at(area.topRight())[0])),
            plot.value_at(area.bottomLeft())[1], plot.value_at(area.topRight())[1])  # fmt: skip


def picture(plot: LinePlot) -> QImage:
    return plot.grab().toImage()


def has_colour(plot: LinePlot, colour: str, around: QPointF) -> bool:
    """Whether a pixel near a point is nearer to a theme's colour than to the background."""

    def distance(one: QColor, other: QColor) -> int:
        return sum(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True))

    wanted, page = QColor(getattr(appearance.theme, colour)), QColor(appearance.theme.page)
    box = QRect(0, 0, 7, 7)
    box.moveCenter(around.toPoint())
    image = picture(plot).copy(box.intersected(plot.rect()))
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return any(distance(pixel, wanted) < 0.55 * distance(page, wanted) for pixel in pixels)


def test_the_axes_reach_from_zero_to_the_last_step_and_the_top(plot: LinePlot) -> None:
    assert seen(plot) == pytest.approx((0, 100, 0, 1))
    plot.set_spec(PlotSpec((RISING,), top=2.0, min_last_step=400))
    assert seen(plot) == pytest.approx((0, 400, 0, 2))


def test_curves_are_drawn_where_their_values_are(plot: LinePlot) -> None:
    assert has_colour(plot, "target", plot.point_at(25, 0.25))
    assert has_colour(plot, "source", plot.point_at(25, 0.75))
    assert not has_colour(plot, "target", plot.point_at(25, 0.5))


def test_a_curve_is_labelled_where_it_ends(plot: LinePlot) -> None:
    end = plot.point_at(100, 1.0)
    labels = range(round(end.x()) + 4, plot.width() - 1)
    assert any(has_colour(plot, "target", QPointF(x, end.y() + 2)) for x in labels)
    assert not any(has_colour(plot, "source", QPointF(x, end.y() + 2)) for x in labels)


def test_labels_in_rows_above_stand_beside_their_curves_line(plot: LinePlot) -> None:
    def greenest(spec: PlotSpec) -> int:
        plot.set_spec(spec)
        QApplication.processEvents()
        picture = plot.grab(QRect(0, 0, plot.width(), 24)).toImage()
        green = QColor(appearance.theme.good).rgb()
        size = picture.size()
        return sum(picture.pixel(x, y) == green
                   for y in range(size.height()) for x in range(size.width()))  # fmt: skip

    low = replace(FALLING, colour="good", label_colour="text", values=0.1 * FALLING.values)
    wordy = "a curve with a name as long as that"
    assert greenest(PlotSpec((low,))) == 0
    assert greenest(PlotSpec((replace(low, label=wordy), replace(RISING, label=wordy)))) > 20


def test_one_point_among_many_is_still_seen(plot: LinePlot) -> None:
    steps = np.arange(20_000.0)
    values = np.full(20_000, 0.1)
    values[7_777] = 0.9
    plot.set_spec(PlotSpec((Curve("peak", "", "target", steps, values),)))
    assert has_colour(plot, "target", plot.point_at(7_777, 0.85))
    assert not has_colour(plot, "target", plot.point_at(9_000, 0.85))


def test_the_wheel_zooms_and_a_double_click_shows_all_again(plot: LinePlot) -> None:
    at = plot.point_at(50, 0.5)
    assert scroll(plot, at, 3)
    left, right, low, high = seen(plot)
    assert 0 < left < 50 < right < 100 and 0 < low < 0.5 < high < 1
    assert plot.value_at(at) == pytest.approx((50, 0.5), abs=0.1)
    plot.set_spec(PlotSpec((RISING, FALLING), min_last_step=300))
    assert seen(plot) == pytest.approx((left, right, low, high))  # more points change no zoom
    mouse(plot, QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT)
    assert seen(plot) == pytest.approx((0, 300, 0, 1))


def test_a_drag_pans(plot: LinePlot) -> None:
    scroll(plot, plot.point_at(50, 0.5), 3)
    left, right, *_ = seen(plot)
    drag(plot, plot.point_at(50, 0.5), QPointF(-40, 0))
    moved, moved_right, *_ = seen(plot)
    assert moved > left
    assert moved_right - moved == pytest.approx(right - left)


def test_no_zoom_leads_below_zero(plot: LinePlot) -> None:
    scroll(plot, plot.point_at(10, 0.1), -6)
    assert seen(plot)[0] >= 0 and seen(plot)[2] >= 0


def test_a_plot_within_a_page_leaves_the_wheel_to_it(window: QWidget) -> None:
    still = LinePlot(zoomable=False)
    window.layout().addWidget(still)
    still.set_spec(PlotSpec((RISING,)))
    before = seen(still)
    assert not scroll(still, still.point_at(50, 0.5), 3)
    drag(still, still.point_at(50, 0.5), QPointF(-40, 0))
    assert seen(still) == pytest.approx(before)


def test_the_step_under_the_pointer_is_reported_and_marked(plot: LinePlot) -> None:
    steps: list[float | None] = []
    plot.hovered.connect(steps.append)
    at = plot.point_at(30, 0.5)  # between two lines
    assert not has_colour(plot, "muted", at)
    move(plot, at)
    assert steps[-1] == pytest.approx(30, abs=0.5)
    assert has_colour(plot, "muted", at)
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert steps[-1] is None
    assert not has_colour(plot, "muted", at)


def test_values_are_told_where_the_pointer_rests(plot: LinePlot) -> None:
    at = plot.point_at(30.2, 0.6).toPoint()
    QApplication.sendEvent(
        plot.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, plot.mapToGlobal(at))
    )
    assert QToolTip.text() == "up 0.3 at step 30\ndown 0.7 at step 30"
    QToolTip.hideText()


def do(plot: LinePlot, text: str) -> None:
    """Do what stands in its menu."""
    rows = [row for row in plot.menu_rows(None) if isinstance(row, MenuRow)]
    next(row.do for row in rows if row.text == text)()


def test_a_logarithmic_axis_has_equal_distances_for_equal_ratios(plot: LinePlot) -> None:
    values = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 100)])  # a zero has no logarithm
    plot.set_spec(PlotSpec((Curve("grows", "", "target", STEPS, values),)))
    do(plot, "Logarithmic axis")
    assert seen(plot) == pytest.approx((0, 100, 1e-4, 1))
    rises = [plot.point_at(0, 10.0**power).y() for power in (-3, -2, -1)]
    assert rises[0] - rises[1] == pytest.approx(rises[1] - rises[2])
    assert has_colour(plot, "target", plot.point_at(50, float(values[50])))
    plot.set_spec(PlotSpec())
    plot.grab()
    do(plot, "Logarithmic axis")
    assert seen(plot) == pytest.approx((0, 10, 0, 1))


def test_a_loss_beyond_all_bounds_can_be_drawn(plot: LinePlot) -> None:
    values = np.where(STEPS > 50, 1e300, 0.5)
    plot.set_spec(PlotSpec((Curve("loss", "loss", "target", STEPS, values),), note="not to scale"))
    assert has_colour(plot, "target", plot.point_at(25, 0.5))
    assert has_colour(plot, "target", plot.point_at(50.5, 0.8))


def test_it_follows_the_theme(plot: LinePlot) -> None:
    scheme = appearance.scheme
    try:
        for chosen in (Scheme.DARK, Scheme.LIGHT):
            appearance.set_scheme(chosen)
            assert picture(plot).pixelColor(2, 2).name() == appearance.theme.page
            assert has_colour(plot, "target", plot.point_at(25, 0.25))
    finally:
        appearance.set_scheme(scheme)


def exported(plot: LinePlot, text: str, file: Path) -> None:
    do(plot, text)
    (dialog,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, QFileDialog))
    dialog.fileSelected.emit(str(file))
    dialog.close()
    dialog.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_it_can_be_saved_as_a_picture_and_as_values(plot: LinePlot, tmp_path: Path) -> None:
    exported(plot, "Save picture…", tmp_path / "plot.png")
    saved = QImage(str(tmp_path / "plot.png"))
    assert abs(saved.width() - plot.width()) <= 2
    exported(plot, "Save values as CSV…", tmp_path / "plot.csv")
    with (tmp_path / "plot.csv").open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["rising_x", "rising_y", "falling_x", "falling_y"]
    assert len(rows) == 101
    assert [float(cell) for cell in rows[30]] == pytest.approx([30, 0.3, 30, 0.7])
