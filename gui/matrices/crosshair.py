"""Which cell is being read: the one the user pinned, else the one under the pointer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.protocol.messages import LayerFrame
from gui.matrices.factor_kinds import DIRECTIONS, LAYERS_OWN, whole_shape


@dataclass(frozen=True, slots=True)
class CellPosition:
    """A place in a matrix of a layer, not yet its value."""

    layer: str
    row: int
    """Of that matrix itself, from 0."""
    column: int
    matrix: str = "delta"
    """weight, delta or updated; else a factor's name."""

    def mark(
        self, matrix: str, own: tuple[bool, bool], other: tuple[bool, bool]
    ) -> tuple[int | None, int | None]:
        """(row, column) of another matrix of the layer that meets this cell; None: all of them.

        A cell (i, j) of the layer meets row i of B and column j of A; one (i, k) of B meets row i
        of the layer and row k of A.

        Args: own, other: whether the cell's matrix, and the other, share the layer's rows and its
        columns.
        """
        if matrix == self.matrix:
            return self.row, self.column
        place, axis = (self.row, self.column), DIRECTIONS.get(self.matrix)
        shared = [at if shares else None for at, shares in zip(place, own, strict=True)]
        direction = None if axis is None else place[axis]
        along = DIRECTIONS.get(matrix)
        row, column = (
            at if shares else direction if along == side else None
            for side, (at, shares) in enumerate(zip(shared, other, strict=True))
        )
        return row, column


class Crosshair:
    """Follows pointer, clicks and keys; at most one cell is read at a time."""

    def __init__(self) -> None:
        self.hovered: CellPosition | None = None
        self.pinned: CellPosition | None = None

    @property
    def cell(self) -> CellPosition | None:
        """The cell to read."""
        return self.pinned or self.hovered

    def hover(self, cell: CellPosition) -> None:
        """The pointer came over a cell."""
        self.hovered = cell

    def leave(self) -> None:
        """The pointer went away."""
        self.hovered = None

    def move(self, cell: CellPosition) -> None:
        """An arrow key moves what is read, and keeps it pinned if it was."""
        if self.pinned is None:
            self.hovered = cell
        else:
            self.pinned = cell

    def press(self, cell: CellPosition) -> None:
        """Pin the cell; a second press lets go of it."""
        self.pinned = None if self.pinned == cell else cell
        self.hovered = cell

    def release(self) -> None:
        """Let go of whatever is pinned."""
        self.pinned = None

    def keep_to(self, layers: Iterable[LayerFrame]) -> None:
        """Drop what no longer exists: a layer that is gone or has shrunk."""
        found = {layer.name: layer for layer in layers}
        if self.hovered is not None and not _exists(self.hovered, found):
            self.hovered = None
        if self.pinned is not None and not _exists(self.pinned, found):
            self.pinned = None


def _exists(cell: CellPosition, layers: dict[str, LayerFrame]) -> bool:
    layer = layers.get(cell.layer)
    rows, columns = (0, 0) if layer is None else shape_of(layer, cell.matrix)
    return cell.row < rows and cell.column < columns


def shape_of(layer: LayerFrame, matrix: str) -> tuple[int, int]:
    """(rows, columns) of a matrix of the layer itself, however it is depicted; 0 × 0: it has none.

    Args: matrix: as in `CellPosition`.
    """
    if matrix in LAYERS_OWN:
        return layer.shape
    factor = dict(layer.factors).get(matrix)
    if factor is None:
        return 0, 0
    return whole_shape(matrix, factor.shape, layer.weight.shape, layer.shape)
