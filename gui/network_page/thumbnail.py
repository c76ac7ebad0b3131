"""A matrix as small as it fits between the two networks."""

from __future__ import annotations

import numpy as np

from engine.protocol.messages import Matrix
from gui.matrices.matrix_view import MatrixView

LARGEST_CELL = 6
THICK = 5
"""Least height of a single row."""


def reduced(matrix: Matrix, side: int) -> Matrix:
    """The same with at most `side` rows and columns: of each block the number farthest from 0."""
    stride = -(-max(matrix.shape) // max(side, 1))
    if stride <= 1:
        return matrix
    rows, columns = matrix.shape
    # What repeats the last row or column changes no block's largest number.
    padded = np.pad(matrix, ((0, -rows % stride), (0, -columns % stride)), "edge")
    down, across = padded.shape[0] // stride, padded.shape[1] // stride
    blocks = padded.reshape(down, stride, across, stride)
    high, low = blocks.max((1, 3)), blocks.min((1, 3))
    return np.asarray(np.where(high >= -low, high, low))


class Thumbnail(MatrixView):
    """Draws a matrix of any size in a square; what does not fit cell by cell is reduced."""

    def __init__(self, subject: str) -> None:
        super().__init__(subject)
        self._whole = self._small = np.zeros((0, 0), np.float32)
        self._side = 1

    def show_matrix(self, matrix: Matrix, scale: float) -> None:
        """Draw this. Args: scale: as `MatrixView.draw` has it."""
        if matrix is not self._whole:
            self._whole, self._small = matrix, reduced(matrix, self._side)
        self.draw(self._small, scale)

    def fit(self, side: int) -> None:
        """Stand in a square of so many logical pixels."""
        if side != self._side:
            self._side, self._small = side, reduced(self._whole, side)
        cell = min(side // max(*self._small.shape, 1), LARGEST_CELL)
        self.set_cell_size(max(cell, 1), THICK)
        self.draw(self._small, self._scale)
