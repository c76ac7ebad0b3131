"""Images of digits: the data file, and what tasks do to its pixels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.resources import read_table

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

PICTURE_SIDE = 8
"""Rows and columns of a digit's picture, in pixels."""
MAX_PIXEL = 16
"""Value of a pixel that is all ink."""


@lru_cache(maxsize=1)
def load_digits() -> tuple[Floats, Indices]:
    """Return UCI digits: (1797, 64) pixels in 0…16, (1797,) digits."""
    table = read_table("digits.csv.gz", (1797, PICTURE_SIDE * PICTURE_SIDE + 1))
    return table[:, :-1], table[:, -1].astype(np.intp)


@lru_cache(maxsize=181)
def rotation_matrix(degrees: int) -> Floats:
    """Return (64, 64): turns a flattened 8×8 picture anticlockwise, bilinear, zero outside.

    Args: degrees: anticlockwise.
    """
    angle = np.deg2rad(degrees)
    centre = (PICTURE_SIDE - 1) / 2
    row, column = np.divmod(np.arange(PICTURE_SIDE * PICTURE_SIDE), PICTURE_SIDE)
    y, x = row - centre, column - centre
    from_row = np.cos(angle) * y + np.sin(angle) * x + centre
    from_column = -np.sin(angle) * y + np.cos(angle) * x + centre
    result = np.zeros((PICTURE_SIDE * PICTURE_SIDE, PICTURE_SIDE * PICTURE_SIDE))
    for corner_row in (np.floor(from_row), np.floor(from_row) + 1):
        for corner_column in (np.floor(from_column), np.floor(from_column) + 1):
            share = (1 - abs(from_row - corner_row)) * (1 - abs(from_column - corner_column))
            inside = (
                (corner_row >= 0) & (corner_row < PICTURE_SIDE)
                & (corner_column >= 0) & (corner_column < PICTURE_SIDE)
            )  # fmt: skip
            from_pixel = (corner_row * PICTURE_SIDE + corner_column)[inside].astype(np.intp)
            result[np.flatnonzero(inside), from_pixel] += share[inside]
    return result


def rotate(pixels: Floats, degrees: Indices) -> Floats:
    """Return each image rotated by its own whole number of degrees, (n, 64).

    Args: pixels: (n, 64).  degrees: (n,), anticlockwise.
    """
    result = np.empty_like(pixels)
    for angle in sorted(set(degrees.tolist())):
        result[degrees == angle] = pixels[degrees == angle] @ rotation_matrix(int(angle)).T
    return result


def rotate_clockwise(pixels: Floats, degrees: int) -> Floats:
    """Return pictures rotated by an angle. Args: pixels: (n, 64).  degrees: clockwise."""
    return pixels @ rotation_matrix(-degrees).T


def invert(pixels: Floats, percent: int) -> Floats:
    """Return pictures between themselves and their negative.

    Args: pixels: (n, 64) in 0…16.  percent: 100 swaps ink and paper.
    """
    return pixels + percent / 100 * (MAX_PIXEL - 2 * pixels)
