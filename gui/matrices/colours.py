"""Conversion of a matrix into an image, through the theme's colour table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from engine.protocol.messages import Array
from gui.palette import NAN_INDEX

ZERO_INDEX = 127
"""Colour index of zero, and number of indices on either side of it."""

_MIN_SCALE = 1e-30


class MatrixImage:
    """A matrix as an image of one pixel a number; its memory is reused while the shape stays.

    Four bytes a number: values → 0…254, not finite → 255 → a colour of the table.
    """

    def __init__(self) -> None:
        self._colours: NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self.image = QImage()
        """Empty while there are no numbers."""

    def render(self, matrix: Array, scale: float, centre: float, table: NDArray[np.uint32]) -> None:
        """Convert a matrix.

        Args: matrix: (rows, columns) float32.  scale: magnitude drawn in full colour, ≥ 0.  centre:
        value drawn in the colour of zero.  table: (256,) RGB32 colours.
        """
        steps = np.float32(ZERO_INDEX / max(scale, _MIN_SCALE))
        with np.errstate(over="ignore", invalid="ignore"):
            level = (matrix - np.float32(centre) if centre else matrix) * steps  # (rows, columns)
        np.rint(level, out=level)
        np.clip(level, -ZERO_INDEX, ZERO_INDEX, out=level)
        level += ZERO_INDEX
        finite = np.isfinite(matrix)
        if not finite.all():
            level[~finite] = NAN_INDEX
        if self._colours.shape != matrix.shape:
            self._allocate(matrix.shape)
        np.take(table, level.astype(np.uint8), out=self._colours, mode="clip")

    def _allocate(self, shape: tuple[int, ...]) -> None:
        rows, columns = shape
        self._colours = np.zeros((rows, columns), np.uint32)
        self.image = QImage()
        if self._colours.size:
            # The image reads this memory whenever it is painted; nothing is copied.
            self.image = QImage(
                self._colours.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32
            )
