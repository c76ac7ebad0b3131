"""Which cell is being read: the one the user pinned, else the one under the pointer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.protocol.messages import LayerFrame


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in a layer, not yet its values."""

    layer: str
    row: int
    column: int


class Crosshair:
    """Follows pointer, clicks and keys; at most one cell is read at a time."""

    def __init__(self) -> None:
        self.hovered: Cell | None = None
        self.pinned: Cell | None = None

    @property
    def cell(self) -> Cell | None:
        """The cell to read."""
        return self.pinned or self.hovered

    def hover(self, cell: Cell) -> None:
        """The pointer came over a cell."""
        self.hovered = cell

    def leave(self) -> None:
        """The pointer went away."""
        self.hovered = None

    def move(self, cell: Cell) -> None:
        """An arrow key moves what is read, and keeps it pinned if it was."""
        if self.pinned is None:
            self.hovered = cell
        else:
            self.pinned = cell

    def press(self, cell: Cell) -> None:
        """Pin the cell; a second press lets go of it."""
        self.pinned = None if self.pinned == cell else cell
        self.hovered = cell

    def release(self) -> None:
        """Let go of whatever is pinned."""
        self.pinned = None

    def keep_to(self, layers: Iterable[LayerFrame]) -> None:
        """Drop what no longer exists: a layer that is gone or has shrunk."""
        sizes = {layer.name: layer.shape for layer in layers}
        if self.hovered is not None and not _exists(self.hovered, sizes):
            self.hovered = None
        if self.pinned is not None and not _exists(self.pinned, sizes):
            self.pinned = None


def _exists(cell: Cell, sizes: dict[str, tuple[int, int]]) -> bool:
    rows, columns = sizes.get(cell.layer, (0, 0))
    return cell.row < rows and cell.column < columns
