"""The cell that is being read: the pinned one, otherwise the one under the pointer."""

from __future__ import annotations

from collections.abc import Iterable

from engine.protocol.matrices import Side
from engine.protocol.messages import CellAddress, LayerFrame
from gui.matrices.factor_kinds import matrix_shape

Sides = tuple[Side, Side]
"""What runs along the rows of a matrix, top to bottom, and along its columns."""


def matching_cell(cell: CellAddress, own: Sides, other: Sides) -> tuple[int | None, int | None]:
    """Return the (row, column) of another matrix that matches a cell; None: all of them.

    A cell (i, j) of the layer matches row i of B and column j of A; one (i, k) of B row i of
    the layer and row k of A.
    Args: cell: to match.  own, other: what runs along the sides of the cell's matrix, and of the
    other.

    >>> matching_cell(CellAddress("layer1", 5, 2, "lora_B"), ("out", "rank"), ("rank", "in"))
    (2, None)
    """
    at: dict[Side, int | None] = dict(zip(own, (cell.row, cell.column), strict=True))
    at["one"] = None
    return at.get(other[0]), at.get(other[1])


class Crosshair:
    """Tracks pointer, clicks and keys; at most one cell is read at a time."""

    def __init__(self) -> None:
        self.hovered: CellAddress | None = None
        self.pinned: CellAddress | None = None

    @property
    def cell(self) -> CellAddress | None:
        """The cell to read."""
        return self.pinned or self.hovered

    def hover(self, cell: CellAddress) -> None:
        """Set the cell under the pointer.

        Args: cell: now under it.
        """
        self.hovered = cell

    def leave(self) -> None:
        """Forget the cell under the pointer."""
        self.hovered = None

    def move(self, cell: CellAddress) -> None:
        """Move what is read, as an arrow key does, and keep it pinned if it was.

        Args: cell: to be read.
        """
        if self.pinned is None:
            self.hovered = cell
        else:
            self.pinned = cell

    def pin(self, cell: CellAddress) -> None:
        """Pin a cell; unpin it if it is pinned already.

        Args: cell: that was clicked.
        """
        self.pinned = None if self.pinned == cell else cell
        self.hovered = cell

    def unpin(self) -> None:
        """Unpin the pinned cell."""
        self.pinned = None

    def discard_missing(self, layers: Iterable[LayerFrame]) -> None:
        """Drop cells that no longer exist, as their layer is gone or has shrunk.

        Args: layers: of the newest frame.
        """
        by_name = {layer.name: layer for layer in layers}
        if self.hovered is not None and not _exists(self.hovered, by_name):
            self.hovered = None
        if self.pinned is not None and not _exists(self.pinned, by_name):
            self.pinned = None


def _exists(cell: CellAddress, layers: dict[str, LayerFrame]) -> bool:
    layer = layers.get(cell.layer)
    rows, columns = (0, 0) if layer is None else matrix_shape(layer, cell.matrix)
    return cell.row < rows and cell.column < columns
