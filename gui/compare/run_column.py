"""Column of one compared run: its settings, its ΔW layer by layer, its accuracies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from engine.protocol.comparison import MAX_COMPARED_CELLS
from engine.protocol.messages import ComparedLayer, ComparisonRow, Curves
from engine.protocol.setting import Value
from engine.protocol.settings import SETTINGS
from gui.compare.words import RunText
from gui.controls.entry import in_words
from gui.matrices.matrix_view import INSET, MatrixView
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, PlotSpec
from gui.state.curve_buffer import SOURCE, TARGET
from gui.text.accuracies import baselines
from gui.text.layers import block_name, short_layer_title
from gui.text.numbers import number_text, percent, percent_text, short_number
from gui.text.setting_text import parse_value, typing_hint
from gui.theme import SMALL, SPACE, TINY, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton
from gui.widgets.combo_box import ComboBox
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.value_field import ValueField

MAX_CELL_PIXELS = 12
GAP = SPACE // 2
Shape = tuple[int, int]  # (rows, columns)
MIN_CHART_HEIGHT = 84  # logical pixels


def name_height() -> int:
    """Return the height of a layer's name above its heatmap, in pixels."""
    return QFontMetrics(font(TINY)).height()


def _name_width(layers: int) -> int:
    return QFontMetrics(font(TINY)).horizontalAdvance(f"L{layers}  0.00") + INSET


def flow_layout(
    shapes: Sequence[Shape], cell: int, width: int
) -> tuple[list[tuple[int, int]], int]:
    """Lay heatmaps out like words in lines, each below its name; sizes in pixels.

    Returns: (x, y) of each heatmap with its name, and the total height.
    """
    places, x, y, row_height = [], 0, 0, 0
    min_width, line = _name_width(len(shapes)), name_height()
    for rows, columns in shapes:
        item_width = max(columns * cell + 2 * INSET, min_width)
        if x and x + item_width > width:
            x, y, row_height = 0, y + row_height + GAP, 0
        places.append((x, y))
        x, row_height = x + item_width + GAP, max(row_height, rows * cell + 2 * INSET + line)
    return places, y + row_height


def fitting_cell(shapes: Sequence[Shape], width: int, height: int) -> int:
    """Return the largest cell with which all heatmaps fit, in pixels, ≥ 1."""
    max_columns = max((columns for _, columns in shapes), default=1)
    for cell in range(MAX_CELL_PIXELS, 1, -1):
        fits = max_columns * cell + 2 * INSET <= width
        if fits and flow_layout(shapes, cell, width)[1] <= height:
            return cell
    return 1


class Deltas(QWidget):
    """Heatmaps of ΔW, with ‖ΔW‖ / ‖W‖ beside each layer's name."""

    def __init__(self) -> None:
        super().__init__()
        self.views: list[MatrixView] = []
        """Heatmaps, in the order of the layers."""
        self._names: list[Label] = []
        self._layers: tuple[ComparedLayer, ...] = ()
        self._layout_args = (1, 1)
        appearance.changed.connect(self._arrange)

    def show_layers(self, layers: Sequence[ComparedLayer], scale: float, run_label: str) -> None:
        """Show layers. Args: scale: largest |ΔW| shown.  run_label: for screen readers."""
        shown = [(layer.name, layer.delta.shape) for layer in self._layers]
        self._layers = tuple(layers)
        if shown != [(layer.name, layer.delta.shape) for layer in layers]:
            self._rebuild()
        for layer, view, name in zip(layers, self.views, self._names, strict=True):
            view.draw(layer.delta, scale)
            change = number_text(layer.relative_change)
            view.setAccessibleDescription(f"{run_label}, ‖ΔW‖ / ‖W‖ {change}")
            name.show_text(f"{short_layer_title(layer.name)}  {change}")

    def _rebuild(self) -> None:
        for old in (*self.views, *self._names):
            old.hide()
            old.deleteLater()
        self.views, self._names = [], []
        for layer in self._layers:
            view = MatrixView(f"ΔW of {block_name(layer.name)}", self)
            name = Label(scale=TINY, colour="muted")
            name.setParent(self)
            name.setToolTip(f"{block_name(layer.name)}: ‖ΔW‖ / ‖W‖".capitalize())
            for part in (view, name):
                part.show()
            self.views.append(view)
            self._names.append(name)
        self._arrange()

    def arrange(self, cell: int, width: int) -> None:
        """Lay the heatmaps out. Args: cell: pixels.  width: available pixels; sets the height."""
        self._layout_args = cell, width
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        cell, width = self._layout_args
        shapes = [layer.delta.shape for layer in self._layers]
        places, height = flow_layout([(rows, columns) for rows, columns in shapes], cell, width)
        line, min_width = name_height(), _name_width(len(shapes))
        for (x, y), view, name, shape in zip(places, self.views, self._names, shapes, strict=True):
            view.set_cell_size(cell)
            view.move(x, y + line)
            name.setGeometry(x + INSET, y, max(shape[1] * cell, min_width), line)
        self.setFixedHeight(max(height, 1))


def layers_of(run: RunText) -> tuple[ComparedLayer, ...]:
    """Return a run's present ΔW; zeros before the start."""
    if run.row is not None:
        return run.row.layers
    layers = []
    for name, shape in run.settings.body_shapes.items():
        stride = -(-max(shape) // MAX_COMPARED_CELLS)
        rows, columns = (-(-side // stride) for side in shape)
        layers.append(ComparedLayer(name, np.zeros((rows, columns), np.float32), 0.0))
    return tuple(layers)


class RunColumn(QWidget):
    """Column with inputs for strategy, η and rank before the start, then with name and state."""

    changed = Signal(int, dict)
    """(column, fields of its entry that the user changed)"""
    removed = Signal(int)
    """(column)"""

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
        self.name, self.state = ElidedLabel(bold=True), ElidedLabel(scale=SMALL, colour="muted")
        self.deltas = Deltas()
        self.plot = LinePlot(f"{name}Chart", "accuracy, step by step")
        self.plot.setMinimumHeight(MIN_CHART_HEIGHT)
        self._lay_out()
        self.box.currentIndexChanged.connect(self._on_box_current_index_changed)
        self.learning_rate.entered.connect(self._on_learning_rate_entered)
        self.rank.entered.connect(self._on_rank_entered)
        self.remove.clicked.connect(self._on_remove_clicked)

    def _lay_out(self) -> None:
        first = hbox((self.box, 1), (self.name, 1), self.remove, spacing=SPACE // 2)
        inputs = (self._learning_rate_label, self.learning_rate, self._rank_label, self.rank)
        second = hbox(*inputs, (self.state, 1), 0, spacing=SPACE // 2)
        vbox(first, second, self.deltas, (self.plot, 1), 0, on=self, spacing=SPACE // 2)
        self.setMinimumWidth(120)

    def header_height(self) -> int:
        """Return the height above the heatmaps before the start, in pixels."""
        rows = (self.box.sizeHint().height(), self.learning_rate.sizeHint().height())
        return sum(rows) + len(rows) * (SPACE // 2)

    def arrange(self, cell: int, width: int) -> None:
        """Lay the column out. Args: cell: of the heatmaps, in pixels.  width: in pixels."""
        self.deltas.arrange(cell, width)
        self.plot.setMaximumHeight(max(width, MIN_CHART_HEIGHT))  # at most square

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
        self.plot.setAccessibleName(f"Accuracy of {run.label}")
        curves = () if run.row is None else (*_curves(run.row.curves), *_references(run.row, steps))
        self.plot.set_spec(PlotSpec(curves, value_text=percent_text, min_last_step=float(steps)))
        self._show_state(run)

    def _show_state(self, run: RunText) -> None:
        row = run.row
        if row is None:
            self.plot.setAccessibleDescription("")
            return
        rank = f" · r {run.settings.rank}" if run.has_rank else ""
        state = row.problem or f"step {row.step:,}"
        if len(row.results) > 1:
            state = f"seed {row.result.seed} · {state}"
        self.state.set_colour("bad" if row.problem else "muted")
        self.state.show_text(f"{state} · η {short_number(run.settings.learning_rate)}{rank}")
        self.plot.setAccessibleDescription(
            f"{percent(row.result.target_accuracy)} target, "
            f"{percent(row.result.source_accuracy)} source"
        )

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
    steps = curves.steps.astype(np.float64)
    is_measured = np.isfinite(curves.target_accuracy)
    return (
        Curve(SOURCE, "source", "source", steps, curves.source_accuracy.astype(np.float64)),
        Curve(
            TARGET, "target", "target", steps[is_measured],
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
        Curve(f"{colour}_{name}", name, colour, ends, np.full(2, found[name]), dotted=True)
        for colour, name, found in levels
        if name in found
    )
