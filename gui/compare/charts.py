"""Charts of all compared runs, each in its own colour with its name at the end of its line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.charts.run_plots import MAX_LOSS_RATIO, MIN_ACCURACY_SPAN, value_range
from gui.compare.run_row import RUN_COLOURS
from gui.compare.words import RunText
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, PlotSpec, nice_ends, nice_top
from gui.state.curve_buffer import (
    KEPT_HEAD,
    SOURCE,
    TARGET,
    TRAIN,
    VALIDATION,
    VALIDATION_ACCURACY,
)
from gui.text.accuracies import baselines
from gui.text.numbers import percent_text, short_number
from gui.theme import SMALL, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.combo_box import ComboBox
from gui.widgets.label import ElidedLabel

TITLES = {
    TARGET: "Target accuracy, test",
    SOURCE: "Source accuracy, head as it is",
    KEPT_HEAD: "Source accuracy, old head kept",
    VALIDATION_ACCURACY: "Validation accuracy",
    VALIDATION: "Validation loss",
    TRAIN: "Training loss",
}
"""Curve -> what the chart of all runs is called."""
LOSSES = (VALIDATION, TRAIN)
MIN_HEIGHT = 60
"""Of a plot, in logical pixels."""
LINE_WIDTH = 1.6
BOX_CHARACTERS = 22
"""Wide ones, that the box has room for: enough for the longest title."""


class RunsPlot(LinePlot):
    """Plot of one curve of each run."""

    line_width = LINE_WIDTH


class RunsChart(QWidget):
    """A chart of one measure of all runs, which one can choose above it."""

    chosen = Signal()
    """Another measure is shown."""

    def __init__(self, object_name: str, measure: str) -> None:
        """Args: measure: at first; a key of `TITLES`."""
        super().__init__()
        self._measure = measure
        self._runs: tuple[RunText, ...] = ()
        self._steps = 1
        self.box = ComboBox(f"{object_name}Box", "Measure of the chart of all runs")
        self.box.set_items(TITLES.items(), measure)
        self.plot = RunsPlot(object_name)
        self.plot.setMinimumHeight(MIN_HEIGHT)
        self.box.setMinimumContentsLength(BOX_CHARACTERS)
        self._seed = ElidedLabel(scale=SMALL, colour="muted")
        vbox(hbox(self.box, (self._seed, 1), spacing=SPACE), (self.plot, 1), on=self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.box.currentIndexChanged.connect(self._on_box_current_index_changed)

    def show_runs(self, runs: Sequence[RunText], steps: int) -> None:
        """Show runs. Args: steps: of each, planned."""
        self._runs, self._steps = tuple(runs), steps
        title, first = TITLES[self._measure], runs[0].row if runs else None
        repeated = first is not None and len(first.results) > 1
        self._seed.show_text(f"seed {first.result.seed}" if first and repeated else "")
        self.plot.setAccessibleName(f"{title}, all runs")
        spec = runs_plot(self._measure, runs, steps)
        self.plot.set_spec(spec)
        ends = (f"{c.label} {spec.value_text(float(c.values[-1]))}" for c in spec.curves
                if c.label and len(c.values))  # fmt: skip
        self.plot.setAccessibleDescription(", ".join(ends))

    @Slot()
    def _on_box_current_index_changed(self) -> None:
        self._measure = self.box.currentData()
        self.plot.show_all()
        self.show_runs(self._runs, self._steps)
        self.chosen.emit()


def runs_plot(measure: str, runs: Sequence[RunText], steps: int) -> PlotSpec:
    """Return the plot of a measure. Args: measure: a key of `TITLES`.  steps: planned."""
    curves = tuple(
        curve
        for run, colour in zip(runs, RUN_COLOURS, strict=False)
        if (curve := _curve(measure, run, colour)) is not None
    )
    if measure in LOSSES:
        return _loss_plot(curves, steps)
    bottom, top = nice_ends(*value_range(curves), MIN_ACCURACY_SPAN)
    references = _references(runs, steps) if measure == TARGET else ()
    drawn = tuple(line for line in references if line.values[0] >= bottom)
    return PlotSpec(
        (*drawn, *curves), top=min(top, 1.0), bottom=bottom, value_text=percent_text,
        min_last_step=float(steps),
    )  # fmt: skip


def _curve(measure: str, run: RunText, colour: str) -> Curve | None:
    """Return a run's curve; None: it has none yet."""
    if run.row is None:
        return None
    values = getattr(run.row.curves, measure).astype(np.float64)
    known = np.isfinite(values)
    steps = run.row.curves.steps.astype(np.float64)[known]
    return Curve(f"{measure}.{run.label}", run.label, colour, steps, values[known])


def _loss_plot(curves: tuple[Curve, ...], steps: int) -> PlotSpec:
    starts = [float(curve.values[0]) for curve in curves if len(curve.values)]
    limit = nice_top(MAX_LOSS_RATIO * max(starts, default=1.0))
    low, high = value_range(curves)
    bottom, top = nice_ends(low, min(high, limit))
    note = f"axis cut at {short_number(limit)}" if high > limit else ""
    return PlotSpec(curves, top=top, bottom=bottom, note=note, min_last_step=float(steps))


def _references(runs: Sequence[RunText], steps: int) -> tuple[Curve, ...]:
    """Return levels that need no learning; the runs share their test samples."""
    row = runs[0].row if runs else None
    ends = np.array([0.0, float(steps)])
    found = {} if row is None else baselines(row.target_test)
    return tuple(
        Curve(name, name, "muted", ends, np.full(2, share), dotted=True, faint=True)
        for name, share in found.items()
    )
