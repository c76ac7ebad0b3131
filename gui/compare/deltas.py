"""Small heatmaps of a compared run's ΔW, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import ComparedLayer
from gui.matrices.matrix_view import INSET, MatrixView
from gui.text.layers import block_name, short_layer_title
from gui.text.numbers import number_text
from gui.theme import SPACE, TINY, appearance, font
from gui.widgets.label import Label

MAX_CELL_PIXELS = 12
GAP = SPACE // 2
Shape = tuple[int, int]  # (rows, columns)


def name_height() -> int:
    """Return the height of a layer's name above its heatmap, in pixels."""
    return QFontMetrics(font(TINY)).height()


def _name_width(layers: int) -> int:
    return QFontMetrics(font(TINY)).horizontalAdvance(f"L{layers}  0.00") + INSET


def flow_layout(
    shapes: Sequence[Shape], cell: int, width: int
) -> tuple[list[tuple[int, int]], int]:
    """Lay heatmaps out like words in lines, each below its name.

    Args: shapes: of the matrices.  cell: side of a cell, in pixels.  width: available pixels.
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
