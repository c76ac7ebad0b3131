"""The matrices of one layer that share a cross and, where they are large, what is seen of them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPointF, Signal, Slot

from engine.protocol.messages import ViewRequest
from gui.matrices.crosshair import CellPosition
from gui.matrices.heatmap import Heatmap
from gui.matrices.viewport import Viewport

LEGIBLE = 8
"""Side of a cell, in logical pixels, from which on a single one is easily pointed at."""


class LinkedHeatmaps(QObject):
    """Says of which layer a cell was pointed at; marks and shows the same cells on all of them."""

    hovered = Signal(object)
    """Cell under the pointer."""
    moved = Signal(object)
    """Cell that an arrow key asks for."""
    pressed = Signal(object)
    """Cell clicked, or confirmed with Enter."""
    left = Signal()
    released = Signal()
    lens_changed = Signal()
    """Something else is seen."""

    def __init__(
        self,
        layer: str,
        maps: Mapping[str, Heatmap],
        parent: QObject,
        bands: Mapping[str, tuple[bool, bool]] | None = None,
    ) -> None:
        """Link them.

        Args: maps: by the name of the matrix, as in `CellPosition`.  bands: whether each shares the layer's
        rows, and whether it shares its columns; those not named have its very shape.
        """
        super().__init__(parent)
        self._layer = layer
        self._names = {heatmap: name for name, heatmap in maps.items()}
        self._bands = {name: (True, True) for name in maps} | dict(bands or {})
        self._maps = self._sharing(True, True)
        self._by_rows, self._by_columns = self._sharing(True, False), self._sharing(False, True)
        self._lens: Viewport | None = None
        self._held: Viewport | None = None
        for heatmap in self._names:
            heatmap.hovered.connect(self._on_map_hovered)
            heatmap.moved.connect(self._on_map_moved)
            heatmap.pressed.connect(self._on_map_pressed)
            heatmap.left.connect(self.left)
            heatmap.released.connect(self.released)
            heatmap.grabbed.connect(self._on_map_grabbed)
            heatmap.whole_wanted.connect(self.show_whole)
        for heatmap in self._maps:
            heatmap.zoomed.connect(self._on_map_zoomed)
            heatmap.dragged.connect(self._on_map_dragged)
            heatmap.entered.connect(self._on_map_entered)
        for heatmap in self._by_rows:
            heatmap.zoomed.connect(self._on_row_map_zoomed)
            heatmap.dragged.connect(self._on_row_map_dragged)
        for heatmap in self._by_columns:
            heatmap.zoomed.connect(self._on_column_map_zoomed)
            heatmap.dragged.connect(self._on_column_map_dragged)

    def _sharing(self, rows: bool, columns: bool) -> tuple[Heatmap, ...]:
        """Those that share just these sides with the layer."""
        bands = self._bands
        return tuple(h for h, name in self._names.items() if bands[name] == (rows, columns))

    @property
    def layer(self) -> str:
        """The layer's name."""
        return self._layer

    def set_cross(self, cell: CellPosition | None, *, pinned: bool = False) -> None:
        """Mark the cell, and all that it meets, if it is one of this layer; else nothing."""
        mine = cell is not None and cell.layer == self._layer and cell.matrix in self._bands
        for heatmap, name in self._names.items():
            if cell is not None and mine:
                row, column = cell.mark(name, self._bands[cell.matrix], self._bands[name])
                heatmap.set_cross(row, column, pinned=pinned)
            else:
                heatmap.set_cross(None, None)

    def mark_band(self, row: int | None, column: int | None, *, pinned: bool) -> None:
        """Mark a whole row or column of all that has the layer's shape."""
        for heatmap in self._maps:
            heatmap.set_cross(row, column, pinned=pinned)

    # ------------------------------------------------------------ what is seen

    @property
    def lens(self) -> Viewport | None:
        """What is seen of a large layer; None: all of a small one."""
        return self._lens

    @property
    def zoomed(self) -> bool:
        """Whether less than all is seen."""
        return self._lens is not None and not self._lens.whole

    def view(self) -> ViewRequest | None:
        """What to ask the engine for; None where nothing is large."""
        return None if self._lens is None else self._lens.view(self._layer)

    def set_room(self, shape: tuple[int, int], room: int) -> None:
        """Draw a layer of this shape in so many pixels of the screen, as close as before.

        Args: room: for the longer side; 0: without a lens.
        """
        if not room:
            self._see(None)
        elif self._lens is None:
            self._see(Viewport(shape, room))
        else:
            self._see(self._lens.fitted(shape, room))

    @Slot()
    def show_whole(self) -> None:
        """Back to the overview."""
        if self._lens is not None:
            self._see(self._lens.overview())

    def _see(self, lens: Viewport | None) -> None:
        if lens == self._lens:
            return
        self._lens = lens
        rows, columns = (None, None) if lens is None else (lens.rows, lens.columns)
        for heatmap in self._maps:
            heatmap.look_through(rows, columns)
        for heatmap in self._by_rows:
            heatmap.look_through(rows, None)
        for heatmap in self._by_columns:
            heatmap.look_through(None, columns)
        self.lens_changed.emit()

    def _zoom(self, steps: int, y: float | None, x: float | None) -> None:
        """Args: y, x: None: the middle."""
        if self._lens is not None:
            middle_y, middle_x = self._lens.rows.pixels / 2, self._lens.columns.pixels / 2
            y, x = middle_y if y is None else y, middle_x if x is None else x
            self._see(self._lens.zoomed(steps, y, x))

    def _drag(self, down: float, right: float) -> None:
        if self._held is not None:
            self._see(self._held.panned(-down, -right))

    # ------------------------------------------------------------ handlers

    def _cell(self, row: int, column: int) -> CellPosition:
        """Of the matrix whose signal is being answered."""
        heatmap = self.sender()
        assert isinstance(heatmap, Heatmap)
        return CellPosition(self._layer, row, column, self._names[heatmap])

    @Slot(int, int)
    def _on_map_hovered(self, row: int, column: int) -> None:
        self.hovered.emit(self._cell(row, column))

    @Slot(int, int)
    def _on_map_moved(self, row: int, column: int) -> None:
        cell = self._cell(row, column)
        if self._lens is not None and self._bands[cell.matrix] == (True, True):
            self._see(self._lens.showing(row, column))
        self.moved.emit(cell)

    @Slot(int, int)
    def _on_map_pressed(self, row: int, column: int) -> None:
        self.pressed.emit(self._cell(row, column))

    @Slot(int, int)
    def _on_map_entered(self, row: int, column: int) -> None:
        """Single cells about this one; from there back to all."""
        if self._lens is None:
            return
        pixels = round(LEGIBLE * self._maps[0].devicePixelRatioF())
        close = self._lens.level[1] >= pixels
        lens = self._lens.overview() if close else self._lens.close_to(row, column, pixels)
        self._see(lens)

    @Slot()
    def _on_map_grabbed(self) -> None:
        self._held = self._lens

    @Slot(int, QPointF)
    def _on_map_zoomed(self, steps: int, at: QPointF) -> None:
        self._zoom(steps, at.y(), at.x())

    @Slot(int, QPointF)
    def _on_row_map_zoomed(self, steps: int, at: QPointF) -> None:
        self._zoom(steps, at.y(), None)

    @Slot(int, QPointF)
    def _on_column_map_zoomed(self, steps: int, at: QPointF) -> None:
        self._zoom(steps, None, at.x())

    @Slot(QPointF)
    def _on_map_dragged(self, way: QPointF) -> None:
        self._drag(way.y(), way.x())

    @Slot(QPointF)
    def _on_row_map_dragged(self, way: QPointF) -> None:
        self._drag(way.y(), 0.0)

    @Slot(QPointF)
    def _on_column_map_dragged(self, way: QPointF) -> None:
        self._drag(0.0, way.x())
