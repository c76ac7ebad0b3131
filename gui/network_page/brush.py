"""What a stroke of the mouse leaves on a grid of pixels: arithmetic alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import Matrix

Point = tuple[float, float]
"""(row, column) in cells; the middle of the first cell is (0.5, 0.5)."""

EDGE = 1.25
"""Cells from a stroke's middle to where its ink ends. With it, digits look about as those of the
data, whose pixels count how much of a pen's stroke, a cell and a half wide, lies in them."""
RUBBER = 0.25
"""Cells round the rubber's middle that it clears wholly; beyond them it leaves more and more."""


def stroke(picture: Matrix, start: Point, end: Point, *, erase: bool = False) -> Matrix:
    """The picture after a stroke from one point to another.

    Args: picture: (rows, columns) in 0…1.  erase: take ink away.
    Returns: a new one, in 0…1.
    """
    away = _distances(picture.shape, start, end)
    if erase:
        drawn = np.minimum(picture, np.clip(away - RUBBER, 0, 1))
    else:
        drawn = np.maximum(picture, np.clip(EDGE - away, 0, 1))
    return np.clip(drawn, 0, 1).astype(np.float32)


def _distances(shape: tuple[int, ...], start: Point, end: Point) -> NDArray[np.float64]:
    """(rows, columns): from each cell's middle to the nearest point of the way."""
    y, x = np.indices(shape) + 0.5
    down, right = end[0] - start[0], end[1] - start[1]
    length = max(down**2 + right**2, 1e-12)
    along = np.clip(((y - start[0]) * down + (x - start[1]) * right) / length, 0, 1)
    away = np.hypot(y - start[0] - along * down, x - start[1] - along * right)
    return np.asarray(away, np.float64)
