"""Sizes on the stage: the side of a cell, found by bisection. Positions are the grid's business."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QSize

from engine.protocol.matrices import MatrixInfo, Side
from gui.theme import SPACE

MIN_CELL, MAX_CELL = 2, 32
"""Limits of a cell's side, in logical pixels."""
LEAST_BESIDE_LARGE_TEXT = 3
"""In larger text rows scroll before cells get smaller than this; logical pixels."""
SCROLLED_CELL = 4
"""Cell's side where rows scroll, if the width allows it; logical pixels."""
LARGE_RANK_CELL = 4
"""Side of a cell along the rank where layers are large; logical pixels."""
RANK_COLUMNS = 6
"""Columns of B that are as wide as other cells; with a higher rank they get thinner."""
MIN_RANK_ROOM = 32
"""Logical pixels in which there is at least one for each direction."""
MIN_VECTOR_THICKNESS = SPACE
"""Least width of a single column, and least height of a single row, in logical pixels."""
MIN_PICTURE_SIDE, MAX_PICTURE_SIDE = 96, 256
"""Limits of the longer side of a large layer's heatmap, in logical pixels."""
MAX_FOCUSED_SIDE = 640
"""Limit of that side while the layer is alone, in logical pixels."""
MIN_UNSCROLLED_SIDE = 128
"""Rows of large layers scroll before heatmaps get smaller than this, in logical pixels."""
MIN_VISIBLE_ROWS = 2
"""Rows that are visible at once at least, where they scroll."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Sides of the cells, in logical pixels."""

    matrix: int = MIN_CELL
    """Cells of the layer's matrices, and of all that stands beside them."""
    adapter: int = 1
    brief: bool = False
    """Whether all name blocks are short, also beside a matrix that is high enough."""
    above: bool = False
    """Whether name blocks stand above the matrices, each in one line, not left of them."""
    halves: bool = False
    """Whether cells of W and W′ are half as large, so that those of ΔW can be larger."""
    side: int = 0
    """Longer side of the heatmaps of large layers, which fill it; 0: layers are small."""

    @property
    def rank_room(self) -> int:
        """Width kept free for the directions of a factor, so that the rank moves nothing else."""
        return max(RANK_COLUMNS * self.matrix, MIN_RANK_ROOM)

    @property
    def outer(self) -> Cells:
        """These as W and W′ have them, and what stands beside those."""
        return replace(self, matrix=max(self.matrix // 2, 1)) if self.halves else self

    def of(self, info: MatrixInfo, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return height and width of the cells of a matrix beside those of the layer."""

        def along(side: Side, count: int, room: int) -> int:
            if side == "rank" and room:
                return max(min(self.matrix, room // max(count, 1)), 1)
            return max(self.matrix, MIN_VECTOR_THICKNESS) if side == "one" else self.matrix

        # Downward there is as much room as ΔW is high, and no rank is higher.
        height = along(info.sides[0], shape[0], self.side)
        return height, along(info.sides[1], shape[1], self.rank_room)


def largest_fitting(fits: Callable[[int], bool], low: int, high: int) -> int:
    """Return the largest number that fits, by bisection; `low` where none does.

    Args: fits: whether a number does; all smaller ones do as well.  low, high: limits.
    """
    numbers = range(low + 1, high + 1)
    return low + bisect_left(numbers, True, key=lambda number: not fits(number))


Needs = Callable[[Cells], QSize]
"""Size that a page with these cells needs, in logical pixels."""


def focused_cells(needs: Needs, available: QSize) -> Cells:
    """Return the largest cells with which a layer alone fits: of its adapter, then its own."""

    def fits(cells: Cells) -> bool:
        size = needs(cells)
        return size.width() <= available.width() and size.height() <= available.height()

    def cells(matrix: int, adapter: int) -> Cells:
        return Cells(matrix, adapter, halves=True)

    adapter = largest_fitting(lambda n: fits(cells(max(n // 2, MIN_CELL), n)), 1, MAX_CELL)
    return cells(largest_fitting(lambda n: fits(cells(n, adapter)), MIN_CELL, MAX_CELL), adapter)


def largest_cells(needs: Needs, available: QSize, least: int = MIN_CELL) -> Cells:
    """Return the largest cells with which a page of small layers fits; else it scrolls downward.

    Names are short, or above, only where that gives larger cells.

    Args: least: cell's side below which rows scroll, if the width allows a larger one.
    """
    kinds = Cells(), Cells(brief=True), Cells(above=True)
    found = (_largest_cells(needs, available, kind) for kind in kinds)
    fitting = [cells for cells in found if cells is not None]
    best = max(fitting, key=lambda cells: (cells.matrix, cells.adapter), default=None)
    if best is not None and best.matrix >= least:
        return best
    scrolled = _largest_scrolled_cells(needs, available)
    return scrolled if best is None or scrolled.matrix > best.matrix else best


def _largest_scrolled_cells(needs: Needs, available: QSize) -> Cells:
    def widest(above: bool) -> int:
        def fits(cell: int) -> bool:
            return needs(Cells(cell, MIN_CELL, above=above)).width() <= available.width()

        return largest_fitting(fits, MIN_CELL - 1, SCROLLED_CELL)

    beside, below = widest(above=False), max(widest(above=True), MIN_CELL)
    return Cells(max(beside, below), MIN_CELL, above=below > beside)


def _largest_cells(needs: Needs, available: QSize, kind: Cells) -> Cells | None:
    def fits(matrix: int, adapter: int) -> bool:
        size = needs(replace(kind, matrix=matrix, adapter=adapter))
        return size.width() <= available.width() and size.height() <= available.height()

    if not fits(MIN_CELL, MIN_CELL):
        return None
    adapter = largest_fitting(lambda n: fits(n, n), MIN_CELL, MAX_CELL)
    cell = largest_fitting(lambda n: fits(n, adapter), adapter, MAX_CELL)
    return replace(kind, matrix=cell, adapter=adapter)


def largest_pictures(needs: Needs, available: QSize, rows: int) -> Cells:
    """Return the cells with which heatmaps of large layers are largest, unscrolled if possible."""
    full = _largest_pictures(needs, available, rows, brief=False)
    if full.side >= MIN_UNSCROLLED_SIDE:
        return full
    brief = _largest_pictures(needs, available, rows, brief=True)
    return max(full, brief, key=lambda cells: cells.side)


def _largest_pictures(needs: Needs, available: QSize, rows: int, *, brief: bool) -> Cells:
    largest = MAX_PICTURE_SIDE if rows > 1 else MAX_FOCUSED_SIDE

    def cells(side: int) -> Cells:
        return Cells(LARGE_RANK_CELL, LARGE_RANK_CELL, brief, side=side)

    def fits(side: int, visible: float = 1.0) -> bool:
        size = needs(cells(side))
        high = visible * size.height() <= available.height()
        return size.width() <= available.width() and high

    if fits(MIN_UNSCROLLED_SIDE):
        return cells(largest_fitting(fits, MIN_UNSCROLLED_SIDE, largest))
    scrolling = partial(fits, visible=min(MIN_VISIBLE_ROWS / rows, 1.0))
    return cells(largest_fitting(scrolling, MIN_PICTURE_SIDE, largest))
