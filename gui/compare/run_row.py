"""Row of one compared run: its settings, its ΔW layer by layer, its accuracies."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.comparison import MAX_COMPARED_RUNS
from engine.protocol.messages import ComparisonRow, Curves
from engine.protocol.setting import Value
from engine.protocol.settings import SETTINGS
from gui.compare.delta_grid import DeltaGrid, Grid, layers_of
from gui.compare.words import RunText
from gui.controls.entry import in_words
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, PlotSpec
from gui.state.curve_buffer import SOURCE, TARGET
from gui.text.accuracies import baselines
from gui.text.numbers import percent, percent_text, short_number
from gui.text.setting_text import parse_value, typing_hint
from gui.theme import SMALL, SPACE, TINY, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton
from gui.widgets.combo_box import ComboBox
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.value_field import ValueField

RUN_COLOURS = ("text", "second_run", "third_run", "fourth_run")
"""Colour of the theme of each run, by its place."""
LINE = "━━"
"""In front of a run's name: its line in the charts of all runs."""
MIN_CHART_HEIGHT = 46
"""Pixels at the ordinary text size."""
assert len(RUN_COLOURS) == MAX_COMPARED_RUNS


class RunRow(QWidget):
    """Row with inputs for strategy, η and rank before the start, then with name and state."""

    changed = Signal(int, dict)
    """(row, fields of its entry that the user changed)"""
    removed = Signal(int)
    """(row)"""

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index
        self._run: RunText | None = None
        number, name = index + 1, f"comparedRun{index + 1}"
        self.box = ComboBox(f"{name}Box", f"Strategy {number}")
        self._learning_rate_label, self._rank_label = (Label(it, colour="muted") for it in "ηr")
        self.learning_rate, self.rank = _field("learning_rate"), _field("rank")
        rate, rank = (self.learning_rate, "Rate", "Learning rate"), (self.rank, "Rank", "Rank")
        for field, suffix, label in (rate, rank):
            field.setObjectName(f"{name}{suffix}")
            field.setAccessibleName(f"{label} of strategy {number}")
        self.remove = IconButton(
            "x", f"Remove strategy {number}", object_name=f"{name}Remove", size=24, frame=False
        )
        self._line = Label(LINE, bold=True, colour=RUN_COLOURS[index])
        self.name, self.state = Label(bold=True), ElidedLabel(scale=SMALL, colour="muted")
        self.deltas = DeltaGrid()
        self._target = Label("target", scale=TINY, colour="target")
        self._source = Label("source", scale=TINY, colour="source")
        self.plot = LinePlot(f"{name}Chart")
        self._lay_out()
        self.box.currentIndexChanged.connect(self._on_box_current_index_changed)
        self.learning_rate.entered.connect(self._on_learning_rate_entered)
        self.rank.entered.connect(self._on_rank_entered)
        self.remove.clicked.connect(self._on_remove_clicked)

    def _lay_out(self) -> None:
        inputs = (self._learning_rate_label, self.learning_rate, self._rank_label, self.rank)
        named = self._line, (self.box, 1), self.name, *inputs
        self._head = hbox(*named, (self.state, 1), self.remove, spacing=SPACE // 2)
        legend = hbox(self._target, self._source, 1, spacing=SPACE)
        chart = vbox(legend, (self.plot, 1))
        body = hbox((self.deltas, 0, Qt.AlignmentFlag.AlignTop), (chart, 1), spacing=SPACE)
        self._box = vbox(self._head, (body, 1), on=self)

    def head_height(self) -> int:
        """Return the height above the heatmaps, in pixels."""
        self._box.activate()  # else it counts what was hidden just now
        return self._head.sizeHint().height()

    def head_width(self) -> int:
        """Return the width that the inputs, or the name, need, in pixels."""
        return self._head.minimumSize().width()

    def show_run(self, run: RunText, scale: float, steps: int, *, can_remove: bool) -> None:
        """Show a run. Args: scale: of all ΔW.  steps: planned.  can_remove: enables the button."""
        choosing = run.row is None
        for part in (self.box, self._learning_rate_label, self.learning_rate, self.remove):
            part.setVisible(choosing)
        for part in (self._rank_label, self.rank):
            part.setVisible(choosing and run.has_rank)
        for part in (self.name, self.state):
            part.setVisible(not choosing)
        self.remove.setEnabled(can_remove)
        if choosing:
            self.box.set_current_data(run.settings.strategy)
            if not self.learning_rate.hasFocus():
                self.learning_rate.show_value(short_number(run.settings.learning_rate))
            if not self.rank.hasFocus():
                self.rank.show_value(str(run.settings.rank))
        self.name.show_text(run.label)
        self.deltas.show_layers(layers_of(run), scale, run.label)
        self._run = run
        self._show_accuracies(run, steps)
        self._show_state(run)

    def chart_width(self) -> int:
        """Return the width that the values above its chart need, in pixels."""
        texts = (self._target, "target 100.0\u202f%"), (self._source, "source 100.0\u202f%")
        return sum(label.advance(text) for label, text in texts) + SPACE

    def arrange(self, grid: Grid, width: int) -> None:
        """Lay the row out. Args: grid: of the heatmaps.  width: in pixels."""
        self.deltas.arrange(grid)
        self.plot.setMinimumHeight(round(MIN_CHART_HEIGHT * appearance.text_scale))
        self.setFixedWidth(width)

    def _show_accuracies(self, run: RunText, steps: int) -> None:
        self.plot.setAccessibleName(f"Accuracy of {run.label}")
        row, texts = run.row, ("target", "source")
        curves: tuple[Curve, ...] = ()
        if row is not None:
            curves = (*_curves(row.curves), *_references(row, steps))
            result = row.result
            texts = (
                f"target {percent(result.target_accuracy)}",
                f"source {percent(result.source_accuracy)}",
            )
        for label, text in zip((self._target, self._source), texts, strict=True):
            label.show_text(text)
        self.plot.setAccessibleDescription("" if row is None else ", ".join(texts))
        self.plot.set_spec(
            PlotSpec(
                curves, value_text=percent_text, axis_name="", min_last_step=float(steps),
                named=_named(curves),
            )
        )  # fmt: skip

    def _show_state(self, run: RunText) -> None:
        row = run.row
        if row is None:
            return
        rank = f" · r {run.settings.rank}" if run.has_rank else ""
        state = row.problem or f"step {row.step:,}"
        if len(row.results) > 1:
            state = f"seed {row.result.seed} · {state}"
        self.state.set_colour("bad" if row.problem else "muted")
        self.state.show_text(f"{state} · η {short_number(run.settings.learning_rate)}{rank}")

    # ------------------------------------------------------------ user actions

    @Slot()
    def _on_box_current_index_changed(self) -> None:
        name = self.box.currentData()
        if name is not None:  # a heading has no data
            self.changed.emit(self._index, {"strategy": name})
        elif self._run is not None:
            self.box.set_current_data(self._run.settings.strategy)

    @Slot(object)
    def _on_learning_rate_entered(self, value: Value) -> None:
        self.changed.emit(self._index, {"learning_rate": value})

    @Slot(object)
    def _on_rank_entered(self, value: Value) -> None:
        self.changed.emit(self._index, {"rank": value})

    @Slot()
    def _on_remove_clicked(self) -> None:
        self.removed.emit(self._index)


def _field(field: str) -> ValueField:
    return ValueField(in_words(partial(parse_value, field)), typing_hint(SETTINGS[field].kind))


def _curves(curves: Curves) -> tuple[Curve, ...]:
    """Return the accuracies; their names and values stand above the chart."""
    steps = curves.steps.astype(np.float64)
    is_measured = np.isfinite(curves.target_accuracy)
    return (
        Curve(SOURCE, "", "source", steps, curves.source_accuracy.astype(np.float64)),
        Curve(
            TARGET, "", "target", steps[is_measured],
            curves.target_accuracy[is_measured].astype(np.float64),
        ),
    )  # fmt: skip


def _references(row: ComparisonRow, steps: int) -> tuple[Curve, ...]:
    """Return levels to read the curves against: where a class is frequent, that; else guessing."""
    target, source = baselines(row.target_test), baselines(row.source_test)
    levels = [("target", "majority", target), ("source", "majority", source)]
    if not any("majority" in found for _, _, found in levels):
        levels = [("muted", "chance", target)]
    ends = np.array([0.0, float(steps)])
    return tuple(
        Curve(
            f"{colour}_{name}", "", colour, ends, np.full(2, found[name]), dotted=True, faint=True
        )
        for colour, name, found in levels
        if name in found
    )


def _named(curves: tuple[Curve, ...]) -> tuple[Curve, ...]:
    """Return curves with the names that are told under the pointer."""
    names = {SOURCE: "source", TARGET: "target"}
    return tuple(
        Curve(c.name, names.get(c.name, c.name.partition("_")[2]), c.colour, c.steps, c.values)
        for c in curves
    )
