"""The matrices of one layer that share a cross and, where they are large, what is seen of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPointF, Signal, Slot

from engine.protocol.messages import View
from gui.stage.crosshair import Cell
from gui.stage.heatmap import Heatmap
from gui.stage.lens import Lens

LEGIBLE = 8
"""Side of a cell, in logical pixels, from which on a single one is easily pointed at."""


class LinkedMaps(QObject):
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
        maps: Sequence[Heatmap],
        parent: QObject,
        *,
        by_rows: Sequence[Heatmap] = (),
        by_columns: Sequence[Heatmap] = (),
    ) -> None:
        """Link them.

        Args: maps: all of one shape, that of the layer.  by_rows, by_columns: those that have
        only its rows, or only its columns, such as B and A.
        """
        super().__init__(parent)
        self._layer = layer
        self._maps = tuple(maps)
        self._by_rows, self._by_columns = tuple(by_rows), tuple(by_columns)
        self._lens: Lens | None = None
        self._held: Lens | None = None
        for heatmap in self._maps:
            heatmap.hovered.connect(self._on_map_hovered)
            heatmap.moved.connect(self._on_map_moved)
            heatmap.pressed.connect(self._on_map_pressed)
            heatmap.left.connect(self.left)
            heatmap.released.connect(self.released)
            heatmap.zoomed.connect(self._on_map_zoomed)
            heatmap.dragged.connect(self._on_map_dragged)
            heatmap.entered.connect(self._on_map_entered)
        for heatmap in self._by_rows:
            heatmap.zoomed.connect(self._on_row_map_zoomed)
            heatmap.dragged.connect(self._on_row_map_dragged)
        for heatmap in self._by_columns:
            heatmap.zoomed.connect(self._on_column_map_zoomed)
            heatmap.dragged.connect(self._on_column_map_dragged)
        for heatmap in (*self._maps, *self._by_rows, *self._by_columns):
            heatmap.grabbed.connect(self._on_map_grabbed)
            heatmap.whole_wanted.connect(self.show_whole)

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

    # ------------------------------------------------------------ what is seen

    @property
    def lens(self) -> Lens | None:
        """What is seen of a large layer; None: all of a small one."""
        return self._lens

    @property
    def zoomed(self) -> bool:
        """Whether less than all is seen."""
        return self._lens is not None and not self._lens.whole

    def view(self) -> View | None:
        """What to ask the engine for; None where nothing is large."""
        return None if self._lens is None else self._lens.view(self._layer)

    def set_room(self, shape: tuple[int, int], room: int) -> None:
        """Draw a layer of this shape in so many pixels of the screen, as close as before.

        Args: room: for the longer side; 0: without a lens.
        """
        if not room:
            self._see(None)
        elif self._lens is None:
            self._see(Lens(shape, room))
        else:
            self._see(self._lens.fitted(shape, room))

    @Slot()
    def show_whole(self) -> None:
        """Back to the overview."""
        if self._lens is not None:
            self._see(self._lens.overview())

    def _see(self, lens: Lens | None) -> None:
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

    @Slot(int, int)
    def _on_map_hovered(self, row: int, column: int) -> None:
        self.hovered.emit(Cell(self._layer, row, column))

    @Slot(int, int)
    def _on_map_moved(self, row: int, column: int) -> None:
        if self._lens is not None:
            self._see(self._lens.showing(row, column))
        self.moved.emit(Cell(self._layer, row, column))

    @Slot(int, int)
    def _on_map_pressed(self, row: int, column: int) -> None:
        self.pressed.emit(Cell(self._layer, row, column))

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
