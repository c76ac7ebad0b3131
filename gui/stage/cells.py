"""Sizes on the stage: the side of a cell, found by bisection. Positions are the grid's business."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QSize

from engine.protocol.matrices import MatrixInfo, Side
from engine.protocol.network_shape import MAX_RANK
from gui.matrices.factor_kinds import FactorPlacement, placement
from gui.theme import SPACE

MIN_CELL, MAX_CELL = 2, 32
"""Limits of a cell's side, in logical pixels."""
MIN_ALIGNED_CELL = 4
"""Cells of factors get smaller than those of ΔW, whose rows they then leave, before those get
smaller than this; logical pixels.
"""
LEGIBLE_CELL = 2
"""Smaller cells of factors and pictures are avoided before all else; logical pixels."""
RANK_COLUMNS = 12
"""Directions drawn at full size where width is short; a higher rank gets thinner cells."""
MIN_RANK_ROOM = 32
"""Logical pixels in which there is at least one for each direction."""
MIN_VECTOR_THICKNESS = SPACE
"""Least width of a single column, and least height of a single row, in logical pixels."""
MIN_PICTURE_SIDE, MAX_PICTURE_SIDE = 96, 256
"""Limits of the longer side of a large layer's heatmap, in logical pixels."""
MIN_UNSCROLLED_SIDE = 128
"""Rows of large layers scroll before heatmaps get smaller than this, in logical pixels."""
MIN_VISIBLE_ROWS = 2
"""Rows that are visible at once at least, where they scroll."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Sides of the cells, in logical pixels."""

    matrix: int = MIN_CELL
    """Cells of W, ΔW and W′, and of single columns and rows beside them."""
    factor: int = 1
    """Cells of the factors of a product, and of adapters."""
    picture: int = 1
    """Cells of further matrices of the layer's shape."""
    brief: bool = False
    """Whether all name blocks are short, also beside a matrix that is high enough."""
    side: int = 0
    """Longer side of the heatmaps of large layers, which fill it; 0: layers are small."""

    spare_room: int = 0
    """Width that nothing else needs, for directions beyond `RANK_COLUMNS`."""

    @property
    def rank_room(self) -> int:
        """Pixels kept free for the directions of a factor, so that the rank moves nothing else."""
        return max(RANK_COLUMNS * self.factor, MIN_RANK_ROOM) + self.spare_room

    def filling(self, spare: int) -> Cells:
        """Return these with as much of a spare width as any rank can use."""
        most = max(MAX_RANK * self.factor - self.rank_room, 0)
        return replace(self, spare_room=min(max(spare, 0), most))

    def of(self, info: MatrixInfo, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return height and width of the cells of a factor."""
        places = {FactorPlacement.PRODUCT: self.factor, FactorPlacement.PICTURE: self.picture}
        cell = places.get(placement(info), self.matrix)

        def along(side: Side, count: int) -> int:
            if side == "rank":
                return max(min(cell, self.rank_room // max(count, 1)), 1)
            return max(cell, MIN_VECTOR_THICKNESS) if side == "one" else cell

        return along(info.sides[0], shape[0]), along(info.sides[1], shape[1])


def largest_fitting(fits: Callable[[int], bool], low: int, high: int) -> int:
    """Return the largest number that fits, by bisection; `low` where none does.

    Args: fits: whether a number does; all smaller ones do as well.  low, high: limits.
    """
    numbers = range(low + 1, high + 1)
    return low + bisect_left(numbers, True, key=lambda number: not fits(number))


Needs = Callable[[Cells], QSize]
"""Size that a page with these cells needs, in logical pixels."""


def largest_cells(needs: Needs, available: QSize) -> Cells:
    """Return the largest cells with which a page of small layers fits; the smallest if none do.

    Names are short only where that gives larger cells.
    """
    brief, full = (_largest_cells(needs, available, Cells(brief=brief)) for brief in (True, False))
    return max(full, brief, key=_score)


def _largest_cells(needs: Needs, available: QSize, least: Cells) -> Cells:
    def fits(matrix: int, factor: int, picture: int) -> bool:
        size = needs(replace(least, matrix=matrix, factor=factor, picture=picture))
        return size.width() <= available.width() and size.height() <= available.height()

    def legible(cell: int) -> int:
        return min(cell, LEGIBLE_CELL)

    cell = largest_fitting(lambda n: fits(n, n, legible(n)), MIN_CELL, MAX_CELL)
    if cell < MIN_ALIGNED_CELL:
        cell = largest_fitting(lambda n: fits(n, legible(n), legible(n)), cell, MIN_ALIGNED_CELL)
    factor = largest_fitting(lambda n: fits(cell, n, legible(cell)), 1, cell)
    picture = largest_fitting(lambda n: fits(cell, factor, n), 1, cell)
    # Where not even a legible picture has fitted, the factors may still have room.
    factor = largest_fitting(lambda n: fits(cell, n, picture), factor, cell)
    return replace(least, matrix=cell, factor=factor, picture=picture)


def _score(cells: Cells) -> tuple[int, int]:
    legible = min(cells.factor, LEGIBLE_CELL) + min(cells.picture, LEGIBLE_CELL)
    return legible, cells.matrix + cells.factor + cells.picture


def largest_pictures(needs: Needs, available: QSize, rows: int) -> Cells:
    """Return the cells with which heatmaps of large layers are largest, unscrolled if possible."""
    full = _largest_pictures(needs, available, rows, brief=False)
    if full.side >= MIN_UNSCROLLED_SIDE:
        return full
    brief = _largest_pictures(needs, available, rows, brief=True)
    return max(full, brief, key=lambda cells: cells.side)


def _largest_pictures(needs: Needs, available: QSize, rows: int, *, brief: bool) -> Cells:
    def cells(side: int) -> Cells:
        return Cells(1, MIN_ALIGNED_CELL, 1, brief, side)

    def fits(side: int, visible: float = 1.0) -> bool:
        size = needs(cells(side))
        high = visible * size.height() <= available.height()
        return size.width() <= available.width() and high

    if fits(MIN_UNSCROLLED_SIDE):
        return cells(largest_fitting(fits, MIN_UNSCROLLED_SIDE, MAX_PICTURE_SIDE))
    scrolling = partial(fits, visible=min(MIN_VISIBLE_ROWS / rows, 1.0))
    return cells(largest_fitting(scrolling, MIN_PICTURE_SIDE, MAX_PICTURE_SIDE))
