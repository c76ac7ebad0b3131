"""Brush strokes on a grid of pixels; without Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import Array

Point = tuple[float, float]
"""(row, column) in cells; the middle of the first cell is (0.5, 0.5)."""

BRUSH_RADIUS = 1.25
"""Cells from a stroke's middle to its edge. With it, digits look about like those of the
data, whose pixels count how much of a pen's stroke, a cell and a half wide, lies in them."""
ERASER_RADIUS = 0.25
"""Cells from the eraser's middle that are cleared; beyond them it clears less and less."""


def stroke(picture: Array, start: Point, end: Point, *, erase: bool = False) -> Array:
    """Return the picture after a stroke from one point to another.

    Args: picture: (rows, columns) in 0…1.  start, end: in cells.  erase: clear instead of drawing.
    Returns: a new (rows, columns) float32 in 0…1.
    """
    distances = _distances(picture.shape, start, end)
    if erase:
        drawn = np.minimum(picture, np.clip(distances - ERASER_RADIUS, 0, 1))
    else:
        drawn = np.maximum(picture, np.clip(BRUSH_RADIUS - distances, 0, 1))
    return np.clip(drawn, 0, 1).astype(np.float32)


def _distances(shape: tuple[int, ...], start: Point, end: Point) -> NDArray[np.float64]:
    """Return each cell's distance from the stroke's line, (rows, columns) in cells."""
    y, x = np.indices(shape) + 0.5
    down, right = end[0] - start[0], end[1] - start[1]
    length = max(down**2 + right**2, 1e-12)
    along = np.clip(((y - start[0]) * down + (x - start[1]) * right) / length, 0, 1)
    distances = np.hypot(y - start[0] - along * down, x - start[1] - along * right)
    return np.asarray(distances, np.float64)
