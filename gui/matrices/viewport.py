"""Which part of a large matrix is seen, and how large its cells are drawn: arithmetic alone.

A cell is one weight; a pixel is one of the screen's. From step to step either a pixel stands for
a block of whole cells or a cell is drawn as whole pixels, so that every step is sharp.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from engine.protocol.messages import ViewRequest, VisiblePart
from gui.text.layers import range_text

Level = tuple[int, int]
"""(cells to a pixel, pixels to a cell), one of them 1."""

SMALL = 64
"""Layers with no more rows and columns than this are drawn in square cells, without a lens."""
CLOSER = 3 / 2
"""From one step of the zoom to the next, about."""
CLOSEST = 8
"""Cells that still go side by side into the picture at the last step, about."""
SLIM = 5
"""A side with few cells gets about this part of the room, so that it can be seen and pointed at."""
LEAST_SLIM = 24
"""Pixels that it gets at least, where its cells allow it."""
WIDEST_SLIM_CELL = 24
"""Part of the room that a cell of such a side takes at most."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Which cells the numbers of an array stand for, one block of cells each."""

    shape: tuple[int, int]
    """(rows, columns) of the whole matrix."""
    top: int = 0
    left: int = 0
    down: int = 1
    """Rows of a block."""
    across: int = 1

    def index(self, row: int, column: int) -> tuple[int, int]:
        """The number that stands for a cell; negative above or left of the first."""
        return (row - self.top) // self.down, (column - self.left) // self.across

    def cells(self, row: int, column: int) -> tuple[int, int, int, int]:
        """(first row, last row, first column, last column) of the block with this cell."""
        i, j = self.index(row, column)
        top, left = self.top + i * self.down, self.left + j * self.across
        last_row = min(top + self.down, self.shape[0]) - 1
        last_column = min(left + self.across, self.shape[1]) - 1
        return top, last_row, left, last_column


def blocks_of(
    shape: tuple[int, int], part: VisiblePart | None, *, rows: bool = True, columns: bool = True
) -> Blocks:
    """The blocks of a matrix of a layer of which `part` is depicted.

    Args: shape: of the whole matrix.  rows, columns: which sides it shares with the layer.
    """
    if part is None:
        return Blocks(shape)
    top, down = (part.top, part.stride) if rows else (0, 1)
    left, across = (part.left, part.stride) if columns else (0, 1)
    return Blocks(shape, top, left, down, across)


@dataclass(frozen=True, slots=True)
class ViewportSide:
    """One side of a picture."""

    first: int
    """First cell that is seen, counted from 0."""
    count: int
    """Cells that are seen; the last may be cut."""
    pixels: int
    """Length of the side."""
    pitch: float
    """Pixels from cell to cell."""

    def pixel(self, cell: int) -> int:
        """Where a cell begins, in pixels from the picture's edge."""
        return round((cell - self.first) * self.pitch)

    def cell(self, pixel: float) -> int:
        """The cell that is drawn at a pixel."""
        return self.first + int((int(pixel) + 0.5) / self.pitch)

    def middle(self, cell: int) -> float:
        """Pixels from the picture's edge to the middle of a cell."""
        return (cell + 0.5 - self.first) * self.pitch

    def sees(self, cell: int) -> bool:
        """Whether the cell is seen."""
        return self.first <= cell < self.first + self.count


@dataclass(frozen=True, slots=True)
class Viewport:
    """What is seen of a matrix in a room of so many pixels, and what a user's hand makes of it."""

    shape: tuple[int, int]
    """(rows, columns) of the whole matrix."""
    room: int
    """Pixels for the longer side."""
    step: int = 0
    """0: the whole matrix; each further step is closer."""
    top: int = 0
    left: int = 0

    @property
    def level(self) -> Level:
        """How large the cells are."""
        return _levels(max(self.shape), self.room)[self.step]

    @property
    def stride(self) -> int:
        """Cells along each side of the block that one number of the picture stands for."""
        return self.level[0]

    @property
    def rows(self) -> ViewportSide:
        """The side that runs down."""
        return _side(self.shape[0], extent(self.shape, self.room)[0], self.level, self.top)

    @property
    def columns(self) -> ViewportSide:
        """The side that runs across."""
        return _side(self.shape[1], extent(self.shape, self.room)[1], self.level, self.left)

    @property
    def whole(self) -> bool:
        """Whether all of the matrix is seen."""
        return self.step == 0

    def view(self, layer: str) -> ViewRequest:
        """What to ask the engine for."""
        rows, columns = self.rows, self.columns
        pixels = -(-max(rows.count, columns.count) // self.stride)
        return ViewRequest(layer, rows.first, columns.first, rows.count, columns.count, pixels)

    def words(self) -> str:
        """What is seen, in a line: rows 121–160, columns 1–40 · 1 pixel = 2 × 2 cells."""
        rows, columns = self.rows, self.columns
        where = "" if self.whole else self.place()
        block = f"{self.stride} × {self.stride} cells"
        square = rows.pitch == columns.pitch
        scale = f"1 pixel = {block}" if square else f"in blocks of {block}"
        return " · ".join(filter(None, (where, scale if self.stride > 1 else "")))

    def place(self) -> str:
        """Which rows and columns are seen: rows 121–160, columns 1–40."""
        down, across = self._spans()
        return f"rows {down}, columns {across}"

    def short_place(self) -> str:
        """The same in fewer letters: 121–160 × 1–40."""
        return " × ".join(self._spans())

    # ------------------------------------------------------------ what a hand does

    def zoomed(self, steps: int, y: float, x: float) -> Viewport:
        """Closer, or farther where `steps` < 0; what is at (y, x) pixels stays there."""
        last = len(_levels(max(self.shape), self.room)) - 1
        closer = replace(self, step=min(max(self.step + steps, 0), last))
        row, column = self._cells(y, x)
        down, across = y / closer.rows.pitch, x / closer.columns.pitch
        return closer.at(round(row - down), round(column - across))

    def close_to(self, row: int, column: int, pixels: int) -> Viewport:
        """The first step with cells of so many pixels, the cell in the middle; else the last."""
        levels = _levels(max(self.shape), self.room)
        step = next((k for k, (_, cell) in enumerate(levels) if cell >= pixels), len(levels) - 1)
        closer = replace(self, step=step)
        half_down, half_across = closer.rows.count // 2, closer.columns.count // 2
        return closer.at(row - half_down, column - half_across)

    def panned(self, down: float, right: float) -> Viewport:
        """The part that lies so many pixels farther down and to the right."""
        rows, columns = self.rows, self.columns
        return self.at(
            rows.first + round(down / rows.pitch), columns.first + round(right / columns.pitch)
        )

    def showing(self, row: int, column: int) -> Viewport:
        """Moved no farther than it takes to see this cell in full."""
        return self.at(_reaching(self.rows, row), _reaching(self.columns, column))

    def overview(self) -> Viewport:
        """The whole matrix."""
        return Viewport(self.shape, self.room)

    def fitted(self, shape: tuple[int, int], room: int) -> Viewport:
        """The same place in another room; the whole matrix where that is another."""
        if shape != self.shape or self.whole:
            return Viewport(shape, room)
        stride, cell = self.level
        levels = _levels(max(shape), room)
        near = min(
            range(len(levels)), key=lambda k: abs(levels[k][1] / levels[k][0] - cell / stride)
        )
        return replace(self, room=room, step=near).at(self.top, self.left)

    def at(self, top: int, left: int) -> Viewport:
        """There, as far as the matrix reaches; blocks begin at multiples of their side."""
        moved = replace(self, top=top, left=left)
        return replace(moved, top=moved.rows.first, left=moved.columns.first)

    def _spans(self) -> tuple[str, str]:
        rows, columns = self.rows, self.columns
        return (
            range_text(rows.first, rows.first + rows.count - 1),
            range_text(columns.first, columns.first + columns.count - 1),
        )

    def _cells(self, y: float, x: float) -> tuple[float, float]:
        rows, columns = self.rows, self.columns
        return rows.first + y / rows.pitch, columns.first + x / columns.pitch


def _reaching(side: ViewportSide, cell: int) -> int:
    if cell < side.first:
        return cell
    whole = max(int(side.pixels / side.pitch), 1)
    return max(side.first, cell - whole + 1)


def _side(cells: int, pixels: int, level: Level, first: int) -> ViewportSide:
    stride, cell = level
    needed = -(-cells // stride) * cell
    if needed <= pixels:
        # A short side is stretched over its room.
        pitch = cell / stride if needed == pixels else pixels / cells
        return ViewportSide(0, cells, pixels, pitch)
    last = cells - pixels * stride // cell
    last = -(-last // stride) * stride
    first = min(max(first // stride * stride, 0), last)
    seen = -(-pixels * stride // cell)
    return ViewportSide(first, min(seen, cells - first), pixels, cell / stride)


def _overview(cells: int, room: int) -> Level:
    return (-(-cells // room), 1) if cells > room else (1, room // cells)


@lru_cache(maxsize=64)
def _levels(cells: int, room: int) -> tuple[Level, ...]:
    """From all of a side of so many cells to a few of them."""
    stride, cell = _overview(cells, room)
    levels = [(stride, cell)]
    while stride > 1:
        stride = max(int(stride / CLOSER), 1)
        levels.append((stride, 1))
    while (cell := max(int(cell * CLOSER), cell + 1)) <= room // CLOSEST:
        levels.append((1, cell))
    return tuple(levels)


@lru_cache(maxsize=256)
def extent(shape: tuple[int, int], room: int) -> tuple[int, int]:
    """(height, width) in pixels of the picture of a whole matrix.

    Args: room: pixels for its longer side, of which whole cells or blocks fill as much as they
    can.
    """
    stride, cell = _overview(max(shape), room)
    rows, columns = (min(max(-(-n // stride) * cell, _slim(n, room)), room) for n in shape)
    return rows, columns


def _slim(cells: int, room: int) -> int:
    """Pixels that a side of few cells should have."""
    least = max(room // SLIM, LEAST_SLIM)
    if cells >= least:
        return cells // (cells // least)
    return cells * max(min(least // cells, room // WIDEST_SLIM_CELL), 1)
