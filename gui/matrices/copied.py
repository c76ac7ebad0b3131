"""Copied matrix: a value, all numbers, or a picture without marks."""

from __future__ import annotations

from functools import partial

from engine.protocol.messages import Array
from gui.matrices.viewport import CellBlocks
from gui.text.plain_numbers import plain_number, plain_rows
from gui.widgets.copying import Copy, table_text

MIN_PICTURE_PIXELS = 800
"""Pixels of the longer side of a picture of a whole matrix, at least: for a slide."""


def copy_value(value: float, blocks: CellBlocks) -> Copy:
    """Return how a number is copied. Args: value: it.  blocks: of cells that it may stand for."""
    text = "Copy the value" if _is_exact(blocks) else "Copy the largest value of the block"
    return Copy(text, partial(plain_number, value))


def copy_matrix(matrix: Array, blocks: CellBlocks, *, is_part: bool) -> Copy:
    """Return how all numbers are copied: without a heading, which would become a row of them.

    Args: matrix: (rows, columns).  blocks: of cells that its numbers stand for.  is_part: whether
    they are not all that the matrix has.
    """
    text = "Copy the matrix as text"
    if not _is_exact(blocks):
        text = "Copy the blocks’ values as text"
    elif is_part:
        text = "Copy the visible part as text"
    elif matrix.shape[1] == 1:
        text = "Copy the values as text"
    return Copy(text, partial(_text, matrix))


def picture_factor(pixels: int) -> int:
    """Return by how much a picture's cells grow. Args: pixels: of its longer side."""
    return max(-(-MIN_PICTURE_PIXELS // max(pixels, 1)), 1)


def _is_exact(blocks: CellBlocks) -> bool:
    return blocks.down == blocks.across == 1


def _text(matrix: Array) -> str:
    return table_text(plain_rows(matrix))
