"""The cell that is being read: the pinned one, otherwise the one under the pointer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot

from engine.protocol.matrices import Side
from engine.protocol.messages import CellAddress, LayerFrame
from gui.matrices.factor_kinds import matrix_shape

Sides = tuple[Side, Side]
"""What runs along the rows of a matrix, top to bottom, and along its columns."""


def matching_cell(cell: CellAddress, own: Sides, other: Sides) -> tuple[int | None, int | None]:
    """Return the (row, column) of another matrix that matches a cell; None: all of them.

    A cell (i, j) of the layer matches row i of B and column j of A; one (i, k) of B row i of
    the layer and row k of A. `own` and `other` run along the sides of the two matrices.
    Args: cell: to match.  own, other: along the sides of both matrices.

    >>> matching_cell(CellAddress("layer1", 5, 2, "lora_B"), ("out", "rank"), ("rank", "in"))
    (2, None)
    """
    at: dict[Side, int | None] = dict(zip(own, (cell.row, cell.column), strict=True))
    at["one"] = None
    return at.get(other[0]), at.get(other[1])


class Crosshair(QObject):
    """Tracks pointer, clicks and keys; at most one cell is read at a time."""

    changed = Signal()
    """Another cell may be the one to read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hovered: CellAddress | None = None
        self.pinned: CellAddress | None = None

    @property
    def cell(self) -> CellAddress | None:
        """The cell to read."""
        return self.pinned or self.hovered

    @Slot(object)
    def hover(self, cell: CellAddress) -> None:
        """Set the cell under the pointer. Args: cell: now under it."""
        self._set(cell, self.pinned)

    @Slot()
    def leave(self) -> None:
        """Forget the cell under the pointer."""
        self._set(None, self.pinned)

    @Slot(object)
    def move(self, cell: CellAddress) -> None:
        """Move by an arrow key, and keep pinned what was. Args: cell: to be read."""
        self._set(*((cell, None) if self.pinned is None else (self.hovered, cell)))

    @Slot(object)
    def pin(self, cell: CellAddress) -> None:
        """Pin a cell, or unpin it if it is pinned already. Args: cell: that was clicked."""
        self._set(cell, None if self.pinned == cell else cell)

    @Slot()
    def unpin(self) -> None:
        """Unpin the pinned cell."""
        self._set(self.hovered, None)

    def follow(self, stand_ins: Mapping[str, str]) -> None:
        """Keep the same cell pinned of what stands in its matrix's place now.

        Args: stand_ins: name of a matrix -> name of the one that stands in its place.
        """
        if self.pinned is not None and self.pinned.matrix in stand_ins:
            matrix = stand_ins[self.pinned.matrix]
            self._set(self.hovered, replace(self.pinned, matrix=matrix))

    def discard_missing(self, layers: Iterable[LayerFrame]) -> None:
        """Drop cells whose layer is gone or has shrunk. Args: layers: of the newest frame."""
        by_name = {layer.name: layer for layer in layers}
        hovered, pinned = (
            cell if cell is not None and _exists(cell, by_name) else None
            for cell in (self.hovered, self.pinned)
        )
        self._set(hovered, pinned)

    def _set(self, hovered: CellAddress | None, pinned: CellAddress | None) -> None:
        self.hovered, self.pinned = hovered, pinned
        self.changed.emit()


def _exists(cell: CellAddress, layers: dict[str, LayerFrame]) -> bool:
    layer = layers.get(cell.layer)
    rows, columns = (0, 0) if layer is None else matrix_shape(layer, cell.matrix)
    return cell.row < rows and cell.column < columns
