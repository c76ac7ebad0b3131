"""The matrices of one layer that share a cross."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from gui.stage.crosshair import Cell
from gui.stage.heatmap import Heatmap


class LinkedMaps(QObject):
    """Says of which layer a cell was pointed at, and marks it on all matrices alike."""

    hovered = Signal(object)
    """Cell under the pointer."""
    moved = Signal(object)
    """Cell that an arrow key asks for."""
    pressed = Signal(object)
    """Cell clicked, or confirmed with Enter."""
    left = Signal()
    released = Signal()

    def __init__(self, layer: str, maps: Sequence[Heatmap], parent: QObject) -> None:
        """Args: maps: all of one shape, that of the layer."""
        super().__init__(parent)
        self._layer = layer
        self._maps = tuple(maps)
        for heatmap in self._maps:
            heatmap.hovered.connect(self._on_map_hovered)
            heatmap.moved.connect(self._on_map_moved)
            heatmap.pressed.connect(self._on_map_pressed)
            heatmap.left.connect(self.left)
            heatmap.released.connect(self.released)

    @property
    def layer(self) -> str:
        """The layer's name."""
        return self._layer

    def set_cross(self, cell: Cell | None, *, pinned: bool = False) -> None:
        """Mark the cell if it is one of this layer, else nothing."""
        mine = cell is not None and cell.layer == self._layer
        for heatmap in self._maps:
            if cell is not None and mine:
                heatmap.set_cross(cell.row, cell.column, pinned=pinned)
            else:
                heatmap.set_cross(None, None)

    @Slot(int, int)
    def _on_map_hovered(self, row: int, column: int) -> None:
        self.hovered.emit(Cell(self._layer, row, column))

    @Slot(int, int)
    def _on_map_moved(self, row: int, column: int) -> None:
        self.moved.emit(Cell(self._layer, row, column))

    @Slot(int, int)
    def _on_map_pressed(self, row: int, column: int) -> None:
        self.pressed.emit(Cell(self._layer, row, column))
