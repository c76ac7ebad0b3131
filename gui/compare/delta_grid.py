"""The ΔW of one compared run, layer by layer, in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.comparison import MAX_COMPARED_CELLS
from engine.protocol.messages import ComparedLayer
from gui.compare.words import RunText
from gui.matrices.matrix_view import INSET, MatrixView
from gui.text.layers import block_name, short_layer_title
from gui.text.numbers import number_text
from gui.theme import SPACE, TINY, appearance, font
from gui.widgets.label import Label

MAX_CELL_PIXELS = 12
MAX_UNBROKEN = 3
"""Layers that stand in one row or one column: two rows of two and one look torn."""
GAP = SPACE // 2
FROZEN_HINT = "no step changes it"
Shape = tuple[int, int]  # (rows, columns)


class Grid(NamedTuple):
    """Layout of heatmaps."""

    cell: int
    """Pixels of a cell."""
    across: int
    """Heatmaps in a row."""


def name_height() -> int:
    """Return the height of a layer's name above its heatmap, in pixels."""
    return QFontMetrics(font(TINY)).height()


def _name_width(layers: int) -> int:
    return QFontMetrics(font(TINY)).horizontalAdvance(f"L{layers}  0.000") + 2 * INSET


def place_in_grid(shapes: Sequence[Shape], grid: Grid) -> tuple[list[tuple[int, int]], Shape]:
    """Lay heatmaps out in rows and columns, each below its name; sizes in pixels.

    Returns: (x, y) of each heatmap with its name; (width, height) of all.
    """
    cell, across = grid
    least, line = _name_width(len(shapes)), name_height()
    widths = [0] * min(across, len(shapes))
    heights = [0] * -(-len(shapes) // across)
    for index, (rows, columns) in enumerate(shapes):
        down, place = divmod(index, across)
        widths[place] = max(widths[place], columns * cell + 2 * INSET, least)
        heights[down] = max(heights[down], rows * cell + 2 * INSET + line)
    lefts = [sum(widths[:place]) + GAP * place for place in range(len(widths))]
    tops = [sum(heights[:down]) + GAP * down for down in range(len(heights))]
    places = [(lefts[index % across], tops[index // across]) for index in range(len(shapes))]
    gaps = GAP * max(len(widths) - 1, 0), GAP * max(len(heights) - 1, 0)
    return places, (sum(widths) + gaps[0], sum(heights) + gaps[1])


def fitting_grid(shapes: Sequence[Shape], width: int, height: int) -> Grid:
    """Return the grid with the largest cells with which all heatmaps fit, in pixels.

    Where none does, its cells are of one pixel, and it is the widest that the width allows.
    """
    widest_first = _numbers_across(len(shapes))
    for cell in range(MAX_CELL_PIXELS, 0, -1):
        for across in widest_first:
            _, (wide, high) = place_in_grid(shapes, Grid(cell, across))
            if wide <= width and high <= height:
                return Grid(cell, across)
    fits = (a for a in widest_first if place_in_grid(shapes, Grid(1, a))[1][0] <= width)
    return Grid(1, next(fits, 1))


def _numbers_across(count: int) -> list[int]:
    """Return how many heatmaps may stand in a row, the most first."""
    if count <= MAX_UNBROKEN:
        return [max(count, 1), 1]
    return sorted({-(-count // down) for down in range(1, count + 1)}, reverse=True)


def layers_of(run: RunText) -> tuple[ComparedLayer, ...]:
    """Return a run's present ΔW; zeros before the start."""
    if run.row is not None:
        return run.row.layers
    layers = []
    for name, shape in run.settings.body_shapes.items():
        stride = -(-max(shape) // MAX_COMPARED_CELLS)
        rows, columns = (-(-side // stride) for side in shape)
        delta = np.zeros((rows, columns), np.float32)
        layers.append(ComparedLayer(name, delta, 0.0, name not in run.frozen))
    return tuple(layers)


class DeltaGrid(QWidget):
    """Heatmaps of ΔW, hatched where nothing moves, each with ‖ΔW‖ / ‖W‖ beside its name."""

    def __init__(self) -> None:
        super().__init__()
        self.views: list[MatrixView] = []
        """Heatmaps, in the order of the layers."""
        self._names: list[Label] = []
        self._layers: tuple[ComparedLayer, ...] = ()
        self._grid = Grid(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._arrange)

    def show_layers(self, layers: Sequence[ComparedLayer], scale: float, run_label: str) -> None:
        """Show layers. Args: scale: largest |ΔW| shown.  run_label: for screen readers."""
        shown = [(layer.name, layer.delta.shape) for layer in self._layers]
        self._layers = tuple(layers)
        if shown != [(layer.name, layer.delta.shape) for layer in layers]:
            self._rebuild()
        for layer, view, name in zip(layers, self.views, self._names, strict=True):
            view.draw(layer.delta, scale)
            view.set_frozen(not layer.trainable)
            view.setToolTip("" if layer.trainable else f"Frozen: {FROZEN_HINT}")
            change = number_text(layer.relative_change)
            frozen = "" if layer.trainable else f", frozen: {FROZEN_HINT}"
            view.setAccessibleDescription(f"{run_label}, ‖ΔW‖ / ‖W‖ {change}{frozen}")
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

    def arrange(self, grid: Grid) -> None:
        """Lay the heatmaps out."""
        self._grid = grid
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        shapes = [(layer.delta.shape[0], layer.delta.shape[1]) for layer in self._layers]
        places, (width, height) = place_in_grid(shapes, self._grid)
        line, least = name_height(), _name_width(len(shapes))
        for (x, y), view, name, shape in zip(places, self.views, self._names, shapes, strict=True):
            view.set_cell_size(self._grid.cell)
            view.move(x, y + line)
            room = max(shape[1] * self._grid.cell + INSET, least - INSET)
            name.setGeometry(x + INSET, y, room, line)
        self.setFixedSize(max(width, 1), max(height, 1))
