"""One racer: who it is, what it has made of W, and how its accuracies went."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.protocol.comparison import MAX_COMPARED_CELLS
from engine.protocol.messages import ComparedLayer, Curves, StrategyInfo
from gui.compare.deltas import Deltas
from gui.compare.words import RunText
from gui.controls.run_choice import grouped
from gui.plots.canvas import PlotCanvas
from gui.plots.curve import Curve
from gui.plots.plot_spec import PlotSpec
from gui.state.curve_buffer import SOURCE, TARGET
from gui.text.numbers import parse_number, parse_whole, percent, short_number
from gui.theme import SPACE, appearance
from gui.widgets.button import IconButton
from gui.widgets.combo_box import ComboBox
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.value_field import ValueField

LOWEST_CHART = 84


def layers_of(line: RunText) -> tuple[ComparedLayer, ...]:
    """A racer's ΔW as it stands; before the start all is zero."""
    if line.row is not None:
        return line.row.layers
    layers = []
    for name, shape in line.settings.body_shapes.items():
        stride = -(-max(shape) // MAX_COMPARED_CELLS)
        rows, columns = (-(-side // stride) for side in shape)
        layers.append(ComparedLayer(name, np.zeros((rows, columns), np.float32), 0.0))
    return tuple(layers)


class RunColumn(QWidget):
    """While one chooses: a box, a rate, a rank. From the start on: a name and how it stands."""

    chosen = Signal(int, str)
    """(which column, strategy)"""
    rated = Signal(int, object)
    """(which column, learning rate as a float)"""
    ranked = Signal(int, object)
    """(which column, rank as a whole number)"""
    removed = Signal(int)

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index
        self._line: RunText | None = None
        number = index + 1
        self.box = ComboBox(f"racer{number}Box", f"Strategy {number}")
        self._rate_name, self.rate = Label("η", colour="muted"), ValueField()
        self.rate.setObjectName(f"racer{number}Rate")
        self.rate.setAccessibleName(f"Learning rate of strategy {number}")
        self._rank_name, self.rank = Label("r", colour="muted"), ValueField()
        self.rank.setObjectName(f"racer{number}Rank")
        self.rank.setAccessibleName(f"Rank of strategy {number}")
        self.remove = IconButton("x", f"Take strategy {number} out", size=24, frame=False)
        self.remove.setObjectName(f"racer{number}Remove")
        self.name, self.state = ElidedLabel(bold=True), ElidedLabel(scale=0.85, colour="muted")
        self.deltas = Deltas()
        self.canvas = PlotCanvas(f"racer{number}Chart", "accuracy, step by step")
        self.canvas.setMinimumHeight(LOWEST_CHART)
        self._lay_out()
        self.box.currentIndexChanged.connect(self._on_box_current_index_changed)
        self.rate.typed.connect(self._on_rate_typed)
        self.rank.typed.connect(self._on_rank_typed)
        for field in (self.rate, self.rank):
            field.left.connect(field.clearFocus)
        self.remove.clicked.connect(self._on_remove_clicked)
        appearance.changed.connect(self._on_appearance_changed)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(SPACE // 2)
        first.addWidget(self.box, 1)
        first.addWidget(self.name, 1)
        first.addWidget(self.remove)
        for part in (self._rate_name, self.rate, self._rank_name, self.rank):
            second.addWidget(part)
        second.addWidget(self.state, 1)
        second.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.deltas)
        column.addWidget(self.canvas, 1)
        column.addStretch(0)
        self.setMinimumWidth(120)

    def height_of_head(self) -> int:
        """Pixels above the heatmaps, while one chooses."""
        rows = (self.box.sizeHint().height(), self.rate.sizeHint().height())
        return sum(rows) + len(rows) * (SPACE // 2)

    def arrange(self, cell: int, width: int) -> None:
        """Share the room out. Args: cell: pixels of a heatmap's.  width: that there is."""
        self.deltas.arrange(cell, width)
        self.canvas.setMaximumHeight(max(width, LOWEST_CHART))  # higher than wide it says no more

    def set_items(self, infos: Sequence[StrategyInfo], chosen: str) -> None:
        """Fill the box."""
        self.box.set_grouped_items(grouped(tuple(infos)), chosen)

    def show_line(self, line: RunText, scale: float, steps: int, *, may_go: bool) -> None:
        """Show a racer. Args: scale: of all ΔW.  may_go: whether there are others enough."""
        choosing = line.row is None
        for part in (self.box, self._rate_name, self.rate, self.remove):
            part.setVisible(choosing)
        for part in (self._rank_name, self.rank):
            part.setVisible(choosing and line.ranked)
        for part in (self.name, self.state):
            part.setVisible(not choosing)
        self.remove.setEnabled(may_go)
        if choosing:
            self.box.set_current_data(line.settings.strategy)
            if not self.rate.hasFocus():
                self.rate.show_value(short_number(line.settings.learning_rate))
            if not self.rank.hasFocus():
                self.rank.show_value(str(line.settings.rank))
        self.name.show_text(line.label)
        self.deltas.show_layers(layers_of(line), scale, line.label)
        self._line = line
        self._draw(line, steps)
        self._say(line)

    def _say(self, line: RunText) -> None:
        row = line.row
        if row is None:
            self.canvas.setAccessibleDescription("")
            return
        rank = f" · r {line.settings.rank}" if line.ranked else ""
        stands = row.problem or f"step {row.step:,}"
        self.state.set_colour("bad" if row.problem else "muted")
        self.state.show_text(f"{stands} · η {short_number(line.settings.learning_rate)}{rank}")
        self.canvas.setAccessibleDescription(
            f"{percent(row.target_accuracy)} target, {percent(row.source_accuracy)} source"
        )

    def _draw(self, line: RunText, steps: int) -> None:
        self.canvas.setAccessibleName(f"Accuracy of {line.label}")
        curves = () if line.row is None else _curves(line.row.curves)
        self.canvas.show_picture(PlotSpec(curves, (), 1.0, "100%", until=float(steps)))

    # ------------------------------------------------------------ what a user does

    @Slot()
    def _on_box_current_index_changed(self) -> None:
        name = self.box.currentData()
        if name is not None:  # else it is a heading
            self.chosen.emit(self._index, name)
        elif self._line is not None:
            self.box.set_current_data(self._line.settings.strategy)

    @Slot(str)
    def _on_rate_typed(self, text: str) -> None:
        value = parse_number(text)
        self.rated.emit(self._index, text if value is None else value)

    @Slot(str)
    def _on_rank_typed(self, text: str) -> None:
        value = parse_whole(text)
        self.ranked.emit(self._index, text if value is None else value)

    @Slot()
    def _on_remove_clicked(self) -> None:
        self.removed.emit(self._index)

    @Slot()
    def _on_appearance_changed(self) -> None:
        if self._line is not None:
            steps = round(self.canvas.picture.until)
            self._draw(self._line, steps)  # its curves have colours of the theme


def _curves(curves: Curves) -> tuple[Curve, ...]:
    theme, steps = appearance.theme, curves.steps.astype(np.float64)
    told = np.isfinite(curves.target_accuracy)
    return (
        Curve(SOURCE, "source", theme.source, steps, curves.source_accuracy.astype(np.float64)),
        Curve(
            TARGET, "target", theme.target, steps[told],
            curves.target_accuracy[told].astype(np.float64),
        ),
    )  # fmt: skip
