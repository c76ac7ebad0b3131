"""Heatmaps of the network page: of a layer's activations, and small ones of any matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Array
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.matrix_view import MatrixView
from gui.text.numbers import number_text
from gui.theme import appearance

MAX_CELL_PIXELS = 22
MIN_CELL_SHARE = 0.7
"""Smallest factor by which cells may shrink so that all rows are full."""
MAX_THUMBNAIL_CELL_PIXELS = 6
MIN_ROW_HEIGHT = 5
"""Smallest height of a small matrix with one row, in pixels."""

Grid = tuple[int, int, int]
"""(rows, columns, pixels of a cell)."""


def make_grid(count: int, width: int, height: int) -> Grid:
    """Return the grid of the largest cells that hold `count` numbers in row-major order.

    Args: count: ≥ 1.  width, height: available pixels; exceeded if cells of one pixel do not fit.
    """
    for cell in range(MAX_CELL_PIXELS, 0, -1):
        rows = -(-count // max(width // cell, 1))
        if rows * cell <= height or cell == 1:
            break
    ragged_grid = rows, -(-count // rows), cell
    full_grids = [
        (divisor, count // divisor, size)
        for divisor in range(1, max(height, 1) + 1)
        if count % divisor == 0
        and (size := min(height // divisor, width // (count // divisor), MAX_CELL_PIXELS))
        and size >= MIN_CELL_SHARE * cell
    ]
    return max(full_grids, key=lambda grid: (grid[2], -grid[0]), default=ragged_grid)


class Activations(Heatmap):
    """Heatmap of (n,) numbers in row-major order; the one at index k is unit k + 1."""

    pointed = Signal(str, int)
    """Emitted with (name, unit from 0) for a number under the pointer or moved to by a key."""

    def __init__(self, name: str, subject: str, parent: QWidget) -> None:
        """Create it. Args: name: of the station, for signals.  subject: as in `MatrixView`."""
        super().__init__(subject, parent)
        self.name = name
        self._values: NDArray[np.float32] = np.zeros(0, np.float32)
        self._grid: Grid = (1, 1, 1)
        self.hovered.connect(self._on_cell_pointed)
        self.moved.connect(self._on_cell_pointed)
        self.activated.connect(self._on_cell_pointed)

    @property
    def count(self) -> int:
        """Number of units, n."""
        return len(self._values)

    def value(self, unit: int) -> float:
        """Return a unit's activation. Args: unit: from 0."""
        return float(self._values[unit])

    def show_values(self, values: NDArray[np.float32], scale: float) -> None:
        """Show activations. Args: values: (n,).  scale: as in `MatrixView.draw`."""
        self._values = values
        rows, columns, _ = self._grid
        if rows * columns < len(values) or rows * columns - len(values) >= columns:
            rows, columns = 1, len(values)  # until `fit` is called
        padded = np.zeros(rows * columns, np.float32)
        padded[: len(values)] = values
        self.draw(padded.reshape(rows, columns), scale)

    def fit(self, width: int, height: int) -> None:
        """Choose the grid for a size. Args: width, height: of the picture, in logical pixels."""
        self._grid = make_grid(max(self.count, 1), width, height)
        self.set_cell_size(self._grid[2])
        self.show_values(self._values, self._scale)

    def unit(self, row: int, column: int) -> int | None:
        """Return the unit of a cell, from 0; None: beyond the end of the last row."""
        unit = row * self._matrix.shape[1] + column
        return unit if unit < self.count else None

    def mark_unit(self, unit: int | None) -> None:
        """Mark a unit. Args: unit: from 0; None: none."""
        if unit is None or unit >= self.count:
            self.set_cross(None, None)
        else:
            self.set_cross(*divmod(unit, self._matrix.shape[1]))

    @Slot(int, int)
    def _on_cell_pointed(self, row: int, column: int) -> None:
        unit = self.unit(row, column)
        if unit is not None:
            self.pointed.emit(self.name, unit)

    def numbers(self) -> Array:
        """Return the activations below each other, without what fills the last row up."""
        return self._values[:, None]

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return the cell as `MatrixView` does; None also beyond the end of the last row."""
        cell = super().cell_at(position)
        return None if cell is None or self.unit(*cell) is None else cell

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the heatmap, and clear the cells beyond the end of the last row."""
        super().paintEvent(event)
        rows, columns = self._matrix.shape
        missing = rows * columns - self.count
        if missing > 0:
            size = self.picture_size()
            cell = size.width() / columns
            painter = QPainter(self)
            left, top = INSET + round((columns - missing) * cell), INSET + round((rows - 1) * cell)
            painter.fillRect(
                left, top, INSET + size.width() - left + 1, INSET + size.height() - top + 1,
                QColor(appearance.theme.page),
            )  # fmt: skip

    def _cell_text(self, row: int, column: int) -> str:
        unit = self.unit(row, column)
        return "" if unit is None else f"unit {unit + 1:,}: {number_text(self.value(unit), 3)}"


def downsampled(matrix: Array, side: int) -> Array:
    """Return the value farthest from 0 of each block, so that no side exceeds `side`.

    Args: matrix: (rows, columns).  side: ≥ 1; a matrix that is small enough is returned as it is.
    """
    stride = -(-max(matrix.shape) // max(side, 1))
    if stride <= 1:
        return matrix
    rows, columns = matrix.shape
    # Repeating the last row or column changes no block's extreme value.
    padded = np.pad(matrix, ((0, -rows % stride), (0, -columns % stride)), "edge")
    down, across = padded.shape[0] // stride, padded.shape[1] // stride
    blocks = padded.reshape(down, stride, across, stride)
    high, low = blocks.max((1, 3)), blocks.min((1, 3))
    return np.asarray(np.where(high >= -low, high, low))


class Thumbnail(MatrixView):
    """Heatmap in a square; a matrix that does not fit cell by cell is downsampled."""

    def __init__(self, subject: str, parent: QWidget) -> None:
        super().__init__(subject, parent)
        self.setToolTip(subject)
        self._whole = self._downsampled = np.zeros((0, 0), np.float32)
        self._side = 1

    def show_matrix(self, matrix: Array, scale: float) -> None:
        """Show a matrix. Args: scale: as in `MatrixView.draw`."""
        if matrix is not self._whole:
            self._whole, self._downsampled = matrix, downsampled(matrix, self._side)
        self.draw(self._downsampled, scale)

    def numbers(self) -> Array:
        """Return the matrix before it was made smaller."""
        return self._whole

    def fit(self, side: int) -> None:
        """Fit into a square. Args: side: in logical pixels."""
        if side != self._side:
            self._side, self._downsampled = side, downsampled(self._whole, side)
        rows, columns = self._downsampled.shape
        cell = max(min(side // max(rows, columns, 1), MAX_THUMBNAIL_CELL_PIXELS), 1)
        thick = max(cell, MIN_ROW_HEIGHT)
        self.set_cell_size(thick if rows == 1 else cell, thick if columns == 1 else cell)
        self.draw(self._downsampled, self._scale)
