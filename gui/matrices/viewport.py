"""The visible part of a large matrix and the size of its cells: arithmetic alone.

A cell is one weight; a pixel is a device pixel. At every zoom step either a pixel stands for a
block of whole cells or a cell is drawn as whole pixels, so that every step is sharp.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from engine.protocol.messages import PartRequest, VisiblePart
from gui.text.layers import range_text

ZoomLevel = tuple[int, int]
"""(cells to a pixel, pixels to a cell), one of them 1."""

MAX_SMALL_SIDE = 64
"""Rows and columns up to which a layer is drawn in square cells, without a viewport."""
ZOOM_FACTOR = 3 / 2
"""Magnification from one zoom step to the next, about."""
MIN_VISIBLE_CELLS = 8
"""Cells that are visible along a side at the last zoom step, about."""
NARROW_SIDE_DIVISOR = 5
"""A side with few cells gets about this part of the size, so that it can be seen and pointed at."""
MIN_NARROW_SIDE = 24
"""Device pixels that it gets at least, where its cells allow it."""
NARROW_CELL_DIVISOR = 24
"""Part of the size that a cell of such a side takes at most."""


@dataclass(frozen=True, slots=True)
class CellBlocks:
    """The blocks of cells that the numbers of an array stand for."""

    shape: tuple[int, int]
    """(rows, columns) of the whole matrix."""
    top: int = 0
    left: int = 0
    down: int = 1
    """Rows of a block."""
    across: int = 1

    def index(self, row: int, column: int) -> tuple[int, int]:
        """Return (i, j) of a cell's number, negative before the first. Args: row, column: of it."""
        return (row - self.top) // self.down, (column - self.left) // self.across

    def cells(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Return first and last row, first and last column of a block. Args: row, column: in it."""
        i, j = self.index(row, column)
        top, left = self.top + i * self.down, self.left + j * self.across
        last_row = min(top + self.down, self.shape[0]) - 1
        last_column = min(left + self.across, self.shape[1]) - 1
        return top, last_row, left, last_column


def blocks_of(
    shape: tuple[int, int], part: VisiblePart | None, *, rows: bool = True, columns: bool = True
) -> CellBlocks:
    """Return the blocks of a matrix of a layer of which the frame contains a part.

    Args: shape: (rows, columns) of the whole matrix.  part: of the layer; None: all of it.  rows,
    columns: whether the matrix shares these sides with the layer.
    """
    if part is None:
        return CellBlocks(shape)
    top, down = (part.top, part.stride) if rows else (0, 1)
    left, across = (part.left, part.stride) if columns else (0, 1)
    return CellBlocks(shape, top, left, down, across)


@dataclass(frozen=True, slots=True)
class ViewportSide:
    """The visible part along one side of a picture; pixels are counted from the picture's edge."""

    first: int
    """First visible cell, counted from 0."""
    count: int
    """Visible cells; the last may be cut."""
    pixels: int
    """Length of the side in device pixels."""
    pitch: float
    """Device pixels from cell to cell."""

    def pixel(self, cell: int) -> int:
        """Return the start of a cell. Args: cell: from 0."""
        return round((cell - self.first) * self.pitch)

    def cell(self, pixel: float) -> int:
        """Return the cell that is drawn at a pixel. Args: pixel: from 0."""
        return self.first + int((int(pixel) + 0.5) / self.pitch)

    def middle(self, cell: int) -> float:
        """Return the middle of a cell. Args: cell: from 0."""
        return (cell + 0.5 - self.first) * self.pitch

    def sees(self, cell: int) -> bool:
        """Return whether a cell is visible. Args: cell: from 0."""
        return self.first <= cell < self.first + self.count


@dataclass(frozen=True, slots=True)
class Viewport:
    """The visible part of a matrix in a picture of a given size.

    Immutable: zooming and panning return another.
    """

    shape: tuple[int, int]
    """(rows, columns) of the whole matrix."""
    size: int
    """Device pixels of the longer side."""
    zoom_step: int = 0
    """0: the whole matrix; each further step is closer."""
    top: int = 0
    left: int = 0

    @property
    def level(self) -> ZoomLevel:
        """Size of the cells."""
        return _levels(max(self.shape), self.size)[self.zoom_step]

    @property
    def stride(self) -> int:
        """Cells along each side of the block that one number stands for."""
        return self.level[0]

    @property
    def rows(self) -> ViewportSide:
        """The vertical side."""
        return _make_side(
            self.shape[0], picture_extent(self.shape, self.size)[0], self.level, self.top
        )

    @property
    def columns(self) -> ViewportSide:
        """The horizontal side."""
        return _make_side(
            self.shape[1], picture_extent(self.shape, self.size)[1], self.level, self.left
        )

    @property
    def whole(self) -> bool:
        """Whether the whole matrix is visible."""
        return self.zoom_step == 0

    def view(self, layer: str) -> PartRequest:
        """Return the request to the engine for the visible part. Args: layer: its name."""
        rows, columns = self.rows, self.columns
        pixels = -(-max(rows.count, columns.count) // self.stride)
        return PartRequest(layer, rows.first, columns.first, rows.count, columns.count, pixels)

    def description(self) -> str:
        """Return a line on what is visible: rows 121–160, columns 1–40 · 1 pixel = 2 × 2 cells."""
        rows, columns = self.rows, self.columns
        where = "" if self.whole else self.range_text()
        block = f"{self.stride} × {self.stride} cells"
        square = rows.pitch == columns.pitch
        scale = f"1 pixel = {block}" if square else f"in blocks of {block}"
        return " · ".join(filter(None, (where, scale if self.stride > 1 else "")))

    def range_text(self) -> str:
        """Return the visible rows and columns: rows 121–160, columns 1–40."""
        down, across = self._spans()
        return f"rows {down}, columns {across}"

    def short_range_text(self) -> str:
        """Return the visible rows and columns in fewer letters: 121–160 × 1–40."""
        return " × ".join(self._spans())

    # ------------------------------------------------------------ what a hand does

    def zoomed(self, steps: int, y: float, x: float) -> Viewport:
        """Return a closer viewport, in which the cell at a point stays at that point.

        Args: steps: of the zoom, negative: farther.  y, x: device pixels from the picture's corner.
        """
        last = len(_levels(max(self.shape), self.size)) - 1
        closer = replace(self, zoom_step=min(max(self.zoom_step + steps, 0), last))
        rows, columns = self.rows, self.columns
        row, column = rows.first + y / rows.pitch, columns.first + x / columns.pitch
        down, across = y / closer.rows.pitch, x / closer.columns.pitch
        return closer.moved_to(round(row - down), round(column - across))

    def zoomed_to_cell(self, row: int, column: int, pixels: int) -> Viewport:
        """Return the first zoom step with cells of some pixels, or the last, around a cell.

        Args: row, column: of the cell in the middle.  pixels: least side of a cell, device pixels.
        """
        levels = _levels(max(self.shape), self.size)
        step = next((k for k, (_, cell) in enumerate(levels) if cell >= pixels), len(levels) - 1)
        closer = replace(self, zoom_step=step)
        half_down, half_across = closer.rows.count // 2, closer.columns.count // 2
        return closer.moved_to(row - half_down, column - half_across)

    def panned(self, down: float, right: float) -> Viewport:
        """Return the viewport moved over the matrix. Args: down, right: device pixels."""
        rows, columns = self.rows, self.columns
        return self.moved_to(
            rows.first + round(down / rows.pitch), columns.first + round(right / columns.pitch)
        )

    def scrolled_to(self, row: int, column: int) -> Viewport:
        """Return the viewport moved until a cell is visible in full. Args: row, column: of it."""
        return self.moved_to(_scrolled_first(self.rows, row), _scrolled_first(self.columns, column))

    def overview(self) -> Viewport:
        """Return the viewport of the whole matrix."""
        return Viewport(self.shape, self.size)

    def resized(self, shape: tuple[int, int], size: int) -> Viewport:
        """Return about the same part in another size; the whole of a matrix of another shape.

        Args: shape: (rows, columns) of the matrix.  size: device pixels of the longer side.
        """
        if shape != self.shape or self.whole:
            return Viewport(shape, size)
        stride, cell = self.level
        levels = _levels(max(shape), size)
        nearest = min(
            range(len(levels)), key=lambda k: abs(levels[k][1] / levels[k][0] - cell / stride)
        )
        return replace(self, size=size, zoom_step=nearest).moved_to(self.top, self.left)

    def moved_to(self, top: int, left: int) -> Viewport:
        """Return the viewport clamped to the matrix and to whole blocks. Args: top, left: cells."""
        moved = replace(self, top=top, left=left)
        return replace(moved, top=moved.rows.first, left=moved.columns.first)

    def _spans(self) -> tuple[str, str]:
        rows, columns = self.rows, self.columns
        return (
            range_text(rows.first, rows.first + rows.count - 1),
            range_text(columns.first, columns.first + columns.count - 1),
        )


def _scrolled_first(side: ViewportSide, cell: int) -> int:
    """Return the first visible cell that shows a cell in full."""
    if cell < side.first:
        return cell
    whole = max(int(side.pixels / side.pitch), 1)
    return max(side.first, cell - whole + 1)


def _make_side(cells: int, pixels: int, level: ZoomLevel, first: int) -> ViewportSide:
    stride, cell = level
    natural = -(-cells // stride) * cell
    if natural <= pixels:
        # A short side is stretched over its size.
        pitch = cell / stride if natural == pixels else pixels / cells
        return ViewportSide(0, cells, pixels, pitch)
    last = cells - pixels * stride // cell
    last = -(-last // stride) * stride
    first = min(max(first // stride * stride, 0), last)
    visible = -(-pixels * stride // cell)
    return ViewportSide(first, min(visible, cells - first), pixels, cell / stride)


def _overview_level(cells: int, size: int) -> ZoomLevel:
    return (-(-cells // size), 1) if cells > size else (1, size // cells)


@lru_cache(maxsize=64)
def _levels(cells: int, size: int) -> tuple[ZoomLevel, ...]:
    """Return the zoom levels from all of a side's cells to a few of them."""
    stride, cell = _overview_level(cells, size)
    levels = [(stride, cell)]
    while stride > 1:
        stride = max(int(stride / ZOOM_FACTOR), 1)
        levels.append((stride, 1))
    while (cell := max(int(cell * ZOOM_FACTOR), cell + 1)) <= size // MIN_VISIBLE_CELLS:
        levels.append((1, cell))
    return tuple(levels)


@lru_cache(maxsize=256)
def picture_extent(shape: tuple[int, int], size: int) -> tuple[int, int]:
    """Return (height, width) of the picture of a whole matrix, in device pixels.

    Args: shape: (rows, columns) of the matrix.  size: limit of the longer side, filled as far as
    whole cells or blocks can.
    """
    stride, cell = _overview_level(max(shape), size)
    rows, columns = (min(max(-(-n // stride) * cell, _narrow_side(n, size)), size) for n in shape)
    return rows, columns


def _narrow_side(cells: int, size: int) -> int:
    """Return the least pixels that a side of few cells should have."""
    least = max(size // NARROW_SIDE_DIVISOR, MIN_NARROW_SIDE)
    if cells >= least:
        return cells // (cells // least)
    return cells * max(min(least // cells, size // NARROW_CELL_DIVISOR), 1)
