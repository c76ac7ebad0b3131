"""The compared runs on the page: heatmaps in a grid, hatched where frozen; charts of all runs."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from engine.protocol.messages import ComparisonRow
from engine.protocol.settings import Settings
from gui.compare.charts import TITLES, runs_plot
from gui.compare.delta_grid import Grid, fitting_grid, place_in_grid
from gui.compare.page import ComparePage
from gui.compare.run_row import RUN_COLOURS
from gui.compare.words import RunText
from gui.state.curve_buffer import SOURCE, TARGET, TRAIN, VALIDATION, VALIDATION_ACCURACY
from gui.theme import appearance
from gui.widgets.label import Label
from tests.gui.comparisons import comparison, result, row
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession

FULL, LORA, PROBE = Settings(), Settings(strategy="lora"), Settings(strategy="linear_probe")
SHAPES = [(40, 30), *[(40, 40)] * 15]


def opened(qtbot: QtBot, size: tuple[int, int] = (934, 655)) -> tuple[FakeSession, ComparePage]:
    session = FakeSession(FULL)
    page = ComparePage(session)
    page.resize(*size)
    session.show(qtbot, page)
    return session, page


def still(made: ComparisonRow) -> ComparisonRow:
    """The row of a run whose body is frozen."""
    return replace(made, layers=tuple(replace(layer, trainable=False) for layer in made.layers))


def texts(*rows: ComparisonRow) -> tuple[RunText, ...]:
    return tuple(
        RunText(f"run {place}", one.settings, False, one) for place, one in enumerate(rows)
    )


@pytest.mark.parametrize("width", [120, 183, 246, 515])
@pytest.mark.parametrize("layers", [1, 2, 3, 12, 16])
def test_heatmaps_stand_in_rows_and_columns_within_the_room(
    width: int, layers: int, dressed: None
) -> None:
    shapes = SHAPES[:layers]
    grid = fitting_grid(shapes, width, 220)
    places, (wide, high) = place_in_grid(shapes, grid)
    assert wide <= width
    assert grid.cell == 1 or high <= 220
    assert len({x for x, _ in places}) == min(grid.across, layers)
    assert len({y for _, y in places}) == -(-layers // grid.across)
    if layers <= 3:  # two above one look torn
        assert grid.across in (1, layers)
    for at, (x, y) in enumerate(places):
        rows, columns = shapes[at]
        assert x + columns * grid.cell <= wide
        for other_x, other_y in places[at + 1 :]:
            assert other_x >= x + columns * grid.cell or other_y >= y + rows * grid.cell
    larger = (place_in_grid(shapes, Grid(grid.cell + 1, across))[1] for across in (1, layers))
    assert all(size[0] > width or size[1] > 220 for size in larger)


def test_what_no_step_changes_is_hatched_before_the_start_and_after(qtbot: QtBot) -> None:
    session, page = opened(qtbot)
    full, _, probe = (shown.deltas.views for shown in page.runs.rows[:3])
    assert [view.toolTip() for view in (*full, *probe)] == [""] * 3 + [
        "Frozen: no step changes it"
    ] * 3
    assert full[0].grab().toImage() != probe[0].grab().toImage()
    session.feed(comparison(row(FULL, change=0.0), still(row(PROBE, change=0.0))))
    free, hatched = (page.runs.rows[place].deltas.views[0] for place in (0, 1))
    assert free.grab().toImage() != hatched.grab().toImage()
    assert "frozen" in hatched.accessibleDescription()


def test_a_layer_that_is_locked_is_hatched_before_the_start(qtbot: QtBot) -> None:
    session, page = opened(qtbot)
    session.editor.update(frozen=("layer2",))
    hatched = [bool(view.toolTip()) for view in page.runs.rows[0].deltas.views]
    assert hatched == [False, True, False]


def test_the_charts_have_every_run_in_its_colour_and_by_name(qtbot: QtBot) -> None:
    session, page = opened(qtbot)
    assert all(chart.plot.spec.is_empty for chart in page.runs.charts)
    rows = row(FULL), row(LORA), row(LORA.replace(rank=8))
    session.feed(comparison(*rows, steps=90, running=True))
    target, loss = (chart.plot.spec for chart in page.runs.charts)
    names = ["Full fine-tuning", "LoRA r 4", "LoRA r 8"]
    for spec, measure in (target, TARGET), (loss, VALIDATION):
        curves = [curve for curve in spec.curves if not curve.dotted]
        assert [curve.label for curve in curves] == names
        assert [curve.colour for curve in curves] == list(RUN_COLOURS[:3])
        assert spec.last_step == 90  # the same axis from the start
        for curve, one in zip(curves, rows, strict=True):
            np.testing.assert_array_equal(curve.values, getattr(one.curves, measure))
    assert [cells.name.text() for cells in page.table.rows[:3]] == names
    assert "LoRA r 8 80" in page.runs.charts[0].plot.accessibleDescription()


def test_another_measure_can_be_chosen(qtbot: QtBot) -> None:
    session, page = opened(qtbot)
    session.feed(comparison(row(FULL), row(LORA)))
    chart = page.runs.charts[0]
    for measure, title in TITLES.items():
        chart.box.setCurrentIndex(chart.box.findData(measure))
        assert chart.box.currentText() == title
        assert chart.plot.accessibleName().startswith(title)
        drawn = [curve for curve in chart.plot.spec.curves if not curve.dotted]
        expected = getattr(row(FULL).curves, measure)
        np.testing.assert_array_equal(drawn[0].values, expected)
        assert ("%" in chart.plot.spec.value_text(0.5)) == (measure not in (TRAIN, VALIDATION))


def test_the_axis_goes_round_what_is_drawn_and_is_cut_where_one_blows_up() -> None:
    wild = row(FULL)
    losses = wild.curves.validation_loss.copy()
    losses[-1], losses[-2] = 1e30, np.nan
    wild = replace(wild, curves=replace(wild.curves, validation_loss=losses))
    spec = runs_plot(VALIDATION, texts(wild, row(LORA)), 60)
    assert (spec.top, spec.note) == (2.5, "axis cut at 2.5")  # it began at 0.8
    assert np.isfinite(spec.curves[0].values).all()
    spec = runs_plot(SOURCE, texts(row(FULL), row(LORA)), 60)
    assert (spec.bottom, spec.top) == (0.8, 0.95)
    spec = runs_plot(VALIDATION_ACCURACY, texts(row(FULL)), 60)
    assert (spec.bottom, spec.top, len(spec.curves)) == (0.0, 1.0, 1)
    assert runs_plot(TARGET, (), 60).is_empty


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_rows_and_charts_stand_beside_or_below_each_other_and_nothing_is_cut(
    qtbot: QtBot, count: int, scale: float
) -> None:
    appearance.set_text_scale(scale)
    session, page = opened(qtbot)
    for rows in (), [row(one) for one in (FULL, LORA, PROBE, LORA.replace(rank=8))[:count]]:
        if rows:
            session.feed(comparison(*rows, steps=300, running=True))
        settle()
        shown = [each for each in page.runs.rows if each.isVisible()]
        for each in shown:
            assert each.width() >= each.minimumSizeHint().width()
            assert each.geometry().right() < page.runs.width()
            for view in each.deltas.views:
                assert each.deltas.rect().contains(view.geometry())
        below = page.runs.charts[0].y() >= shown[-1].geometry().bottom()
        beside = page.runs.charts[0].x() > shown[-1].geometry().right()
        assert below != beside
        assert beside or scale > 1
    appearance.set_text_scale(1.0)


def test_the_same_step_stands_above_itself_and_the_seed_is_named(qtbot: QtBot) -> None:
    session, page = opened(qtbot)
    further = (result(1),)
    session.feed(comparison(row(FULL, further=further), row(LORA, further=further), seeds=2))
    for measure in (TARGET, TRAIN):
        page.runs.charts[0].box.setCurrentIndex(page.runs.charts[0].box.findData(measure))
        settle()
        one, other = (chart.plot.area() for chart in page.runs.charts)
        assert (one.left(), one.right()) == pytest.approx((other.left(), other.right()), abs=1)
    labels = [label.text() for label in page.runs.findChildren(Label) if label.isVisible()]
    assert labels.count("seed 0") == 2  # the table shows means


def test_a_curve_is_drawn_up_to_its_newest_point(qtbot: QtBot) -> None:
    session, page = opened(qtbot)
    session.feed(comparison(row(FULL, step=147), row(LORA, step=147), steps=300))
    for plot in (page.runs.rows[0].plot, page.runs.charts[0].plot):
        drawn = [item for item in plot.plotItem.listDataItems() if len(item.getData()[0]) > 2]
        assert drawn
        assert all(item.getData()[0][-1] == 147 for item in drawn)
