"""Heatmaps of one layer that share a crosshair and, where the layer is large, a viewport."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPointF, Signal, Slot

from engine.protocol.messages import CellAddress, PartRequest
from gui.matrices.crosshair import Crosshair, Sides, matching_cell
from gui.matrices.heatmap import Heatmap
from gui.matrices.viewport import Viewport

LEGIBLE_CELL = 8
"""Logical pixels of a cell's side from which on a single cell is easily pointed at."""


class LinkedHeatmaps(QObject):
    """Moves the crosshair to the cell pointed at in any of them; shows the same cells in all."""

    unpin_requested = Signal()
    focus_requested = Signal()
    """A small layer was double clicked: the user wants to see it larger."""
    viewport_changed = Signal()
    """Another part of the layer is shown."""

    def __init__(
        self,
        layer: str,
        maps: Mapping[str, Heatmap],
        parent: QObject,
        crosshair: Crosshair,
        sides: Mapping[str, Sides] | None = None,
        *,
        alone: bool = False,
    ) -> None:
        """Link heatmaps.

        Args: maps: name of a matrix, as in `CellAddress` -> its heatmap.  sides: name of a matrix
        -> what runs along its sides; those not named have the layer's own.  alone: whether the
        stage shows this layer alone.
        """
        super().__init__(parent)
        self.layer, self._crosshair = layer, crosshair
        self._names = {heatmap: name for name, heatmap in maps.items()}
        own: dict[str, Sides] = dict.fromkeys(maps, ("out", "in"))
        self._sides = own | dict(sides or {})
        self._shared = {
            heatmap: (self._sides[name][0] == "out", self._sides[name][1] == "in")
            for heatmap, name in self._names.items()
        }
        """Heatmap -> whether it shares the layer's rows, and its columns."""
        self._full_maps = [it for it, shared in self._shared.items() if all(shared)]
        self.viewport: Viewport | None = None
        """The part of a large layer that is shown; None for a small one, shown as a whole."""
        self._chosen: Viewport | None = None
        """What the user has last chosen, which is shown at any size of the window."""
        self._drag_start: Viewport | None = None
        self._alone = alone
        self._connect()
        self._say_close_up()

    def _connect(self) -> None:
        for heatmap in self._names:
            heatmap.can_pin = True
            heatmap.hovered.connect(self._on_map_hovered)
            heatmap.moved.connect(self._on_map_moved)
            heatmap.activated.connect(self._on_map_activated)
            heatmap.left.connect(self._crosshair.leave)
            heatmap.unpin_requested.connect(self.unpin_requested)
            heatmap.drag_started.connect(self._on_map_drag_started)
            heatmap.zoomed.connect(self._on_map_zoomed)
            heatmap.dragged.connect(self._on_map_dragged)
            heatmap.overview_requested.connect(self.show_whole)
        for heatmap in self._full_maps:
            heatmap.double_clicked.connect(self._on_map_double_clicked)

    def set_cross(self, cell: CellAddress | None, *, pinned: bool = False) -> None:
        """Mark all that match a cell. Args: cell: None: nothing does.  pinned: by the user?"""
        mine = cell is not None and cell.layer == self.layer and cell.matrix in self._sides
        for heatmap, name in self._names.items():
            heatmap.has_pin = pinned and mine and cell is not None and name == cell.matrix
            if cell is None or not mine:
                heatmap.set_cross(None, None)
                continue
            at = matching_cell(cell, self._sides[cell.matrix], self._sides[name])
            if name == cell.matrix:
                at = cell.row, cell.column
            heatmap.set_cross(*at, pinned=pinned)

    def mark_line(self, row: int | None, column: int | None, *, pinned: bool) -> None:
        """Mark a line of the layer. Args: row, column: one is None.  pinned: by the user?"""
        for heatmap in self._full_maps:
            heatmap.set_cross(row, column, pinned=pinned)

    # ------------------------------------------------------------ what is seen

    @property
    def zoomed(self) -> bool:
        """Whether only a part is shown."""
        return self.viewport is not None and not self.viewport.whole

    def view(self) -> PartRequest | None:
        """Return the request to the engine for the visible part; None for a small layer."""
        return None if self.viewport is None else self.viewport.view(self.layer)

    def fit_to(self, shape: tuple[int, int], size: int) -> None:
        """Fit the heatmaps into some pixels, at about the same zoom.

        Args: shape: (rows, columns) of the layer.  size: device pixels of the longer side; 0: draw
        without a viewport.
        """
        if not size:
            self._chosen = None
        elif self._chosen is None:
            self._chosen = Viewport(shape, size)
        self._show_viewport(None if self._chosen is None else self._chosen.resized(shape, size))

    @Slot()
    def show_whole(self) -> None:
        """Show the whole layer."""
        if self.viewport is not None:
            self._set_viewport(self.viewport.overview())

    def _set_viewport(self, viewport: Viewport) -> None:
        """Show what the user has chosen."""
        self._chosen = viewport
        if viewport != self.viewport:
            self._show_viewport(viewport)
            self.viewport_changed.emit()

    def _show_viewport(self, viewport: Viewport | None) -> None:
        self.viewport = viewport
        rows, columns = (None, None) if viewport is None else (viewport.rows, viewport.columns)
        for heatmap, (by_rows, by_columns) in self._shared.items():
            heatmap.set_viewport_sides(rows if by_rows else None, columns if by_columns else None)
        self._say_close_up()

    def _say_close_up(self) -> None:
        """Say in words what a double click does."""
        text = "Show all layers" if self._alone else "Show this layer alone"
        if self.viewport is not None:
            text = "Show the whole matrix" if self._is_close_up() else "Show single cells"
        for heatmap in self._full_maps:
            heatmap.close_up = text

    def _legible_pixels(self) -> int:
        return round(LEGIBLE_CELL * self._full_maps[0].devicePixelRatioF())

    def _is_close_up(self) -> bool:
        return self.viewport is not None and self.viewport.level[1] >= self._legible_pixels()

    # ------------------------------------------------------------ handlers

    def _heatmap(self) -> Heatmap:
        """Return the heatmap whose signal is being handled."""
        heatmap = self.sender()
        assert isinstance(heatmap, Heatmap)
        return heatmap

    def _cell(self, row: int, column: int) -> CellAddress:
        return CellAddress(self.layer, row, column, self._names[self._heatmap()])

    @Slot(int, int)
    def _on_map_hovered(self, row: int, column: int) -> None:
        self._crosshair.hover(self._cell(row, column))

    @Slot(int, int)
    def _on_map_moved(self, row: int, column: int) -> None:
        cell = self._cell(row, column)
        if self.viewport is not None and self._sides[cell.matrix] == ("out", "in"):
            self._set_viewport(self.viewport.scrolled_to(row, column))
        self._crosshair.move(cell)

    @Slot(int, int)
    def _on_map_activated(self, row: int, column: int) -> None:
        self._crosshair.pin(self._cell(row, column))

    @Slot(int, int)
    def _on_map_double_clicked(self, row: int, column: int) -> None:
        """Show single cells about this one; from there back to all."""
        if self.viewport is None:
            self._crosshair.unpin()  # the first of the two clicks has pinned it
            self.focus_requested.emit()
            return
        if self._is_close_up():
            self.show_whole()
        else:
            closer = self.viewport.zoomed_to_cell(row, column, self._legible_pixels())
            self._set_viewport(closer)

    @Slot()
    def _on_map_drag_started(self) -> None:
        self._drag_start = self.viewport

    @Slot(int, QPointF)
    def _on_map_zoomed(self, steps: int, at: QPointF) -> None:
        """Zoom about a point, in device pixels; along a side of its own about the middle."""
        if self.viewport is not None:
            by_rows, by_columns = self._shared[self._heatmap()]
            y = at.y() if by_rows else self.viewport.rows.pixels / 2
            x = at.x() if by_columns else self.viewport.columns.pixels / 2
            self._set_viewport(self.viewport.zoomed(steps, y, x))

    @Slot(QPointF)
    def _on_map_dragged(self, offset: QPointF) -> None:
        if self._drag_start is not None:
            by_rows, by_columns = self._shared[self._heatmap()]
            down, right = offset.y() if by_rows else 0.0, offset.x() if by_columns else 0.0
            self._set_viewport(self._drag_start.panned(-down, -right))
