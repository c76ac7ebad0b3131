"""A racer's ΔW, layer by layer, as small heatmaps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import ComparedLayer
from gui.matrices.matrix_view import INSET, MatrixView
from gui.text.layers import number
from gui.text.settings_change import block_name
from gui.theme import SPACE, appearance, font
from gui.widgets.label import Label

SMALL = 0.8
LARGEST_CELL = 12
GAP = SPACE // 2
Shape = tuple[int, int]


def name_height() -> int:
    """Pixels of a layer's name over its heatmap."""
    return QFontMetrics(font(SMALL)).height()


def _name_width(layers: int) -> int:
    return QFontMetrics(font(SMALL)).horizontalAdvance(f"L{layers}  0.00") + INSET


def flow(shapes: Sequence[Shape], cell: int, width: int) -> tuple[list[tuple[int, int]], int]:
    """Where the pictures stand, each under its name, side by side and row below row.

    Args: cell: pixels of one.  width: that there is.
    Returns: (x, y) of each with its name, and the height of all.
    """
    places, x, y, high = [], 0, 0, 0
    least, line = _name_width(len(shapes)), name_height()
    for rows, columns in shapes:
        across, down = max(columns * cell + 2 * INSET, least), rows * cell + 2 * INSET + line
        if x and x + across > width:
            x, y, high = 0, y + high + GAP, 0
        places.append((x, y))
        x, high = x + across + GAP, max(high, down)
    return places, y + high


def fitting_cell(shapes: Sequence[Shape], width: int, height: int) -> int:
    """Pixels of a cell, the most with which all pictures fit; at least 1."""
    widest = max((columns for _, columns in shapes), default=1)
    for cell in range(LARGEST_CELL, 1, -1):
        if widest * cell + 2 * INSET <= width and flow(shapes, cell, width)[1] <= height:
            return cell
    return 1


class Deltas(QWidget):
    """Heatmaps of ΔW, with ‖ΔW‖ / ‖W‖ beside each layer's name."""

    def __init__(self) -> None:
        super().__init__()
        self._views: list[MatrixView] = []
        self._names: list[Label] = []
        self._layers: tuple[ComparedLayer, ...] = ()
        self._arranged = (1, 1)
        appearance.changed.connect(self._on_appearance_changed)

    def show_layers(self, layers: Sequence[ComparedLayer], scale: float, who: str) -> None:
        """Draw these. Args: scale: the largest |ΔW| of all racers.  who: for screen readers."""
        known = [(layer.name, layer.delta.shape) for layer in self._layers]
        self._layers = tuple(layers)
        if known != [(layer.name, layer.delta.shape) for layer in layers]:
            self._make_room()
        for layer, view, name in zip(layers, self._views, self._names, strict=True):
            view.draw(layer.delta, scale)
            view.setAccessibleDescription(f"{who}, ‖ΔW‖ / ‖W‖ {number(layer.relative_change)}")
            name.show_text(f"{_short(layer.name)}  {number(layer.relative_change)}")

    def matrices(self) -> list[MatrixView]:
        """The heatmaps, in the order of the layers."""
        return self._views

    def _make_room(self) -> None:
        for old in (*self._views, *self._names):
            old.hide()
            old.deleteLater()
        self._views, self._names = [], []
        for layer in self._layers:
            view = MatrixView(f"ΔW of {block_name(layer.name)}", self)
            name = Label(scale=SMALL, colour="muted")
            name.setParent(self)
            name.setToolTip(f"{block_name(layer.name)}: ‖ΔW‖ / ‖W‖".capitalize())
            for part in (view, name):
                part.show()
            self._views.append(view)
            self._names.append(name)
        self.arrange(*self._arranged)

    def arrange(self, cell: int, width: int) -> None:
        """Draw cells of so many pixels, in so much width; the height follows."""
        self._arranged = cell, width
        shapes = [layer.delta.shape for layer in self._layers]
        places, height = flow([(rows, columns) for rows, columns in shapes], cell, width)
        down, least = name_height(), _name_width(len(shapes))
        for (x, y), view, name, shape in zip(places, self._views, self._names, shapes, strict=True):
            view.set_cell(cell)
            view.move(x, y + down)
            name.setGeometry(x + INSET, y, max(shape[1] * cell, least), down)
        self.setFixedHeight(max(height, 1))

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.arrange(*self._arranged)


def _short(layer: str) -> str:
    return layer.replace("layer", "L")
