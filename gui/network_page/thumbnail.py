"""Small heatmap of a matrix of any size."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Array
from gui.matrices.matrix_view import MatrixView

MAX_CELL_PIXELS = 6
MIN_ROW_HEIGHT = 5
"""Smallest height of a matrix with one row, in pixels."""


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

    def fit(self, side: int) -> None:
        """Fit into a square. Args: side: in logical pixels."""
        if side != self._side:
            self._side, self._downsampled = side, downsampled(self._whole, side)
        rows, columns = self._downsampled.shape
        cell = max(min(side // max(rows, columns, 1), MAX_CELL_PIXELS), 1)
        thick = max(cell, MIN_ROW_HEIGHT)
        self.set_cell_size(thick if rows == 1 else cell, thick if columns == 1 else cell)
        self.draw(self._downsampled, self._scale)
