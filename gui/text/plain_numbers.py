"""Numbers as other programs read them: what is copied."""

from __future__ import annotations

import math

import numpy as np

from engine.protocol.messages import Array
from gui.text.numbers import MINUS, NO_VALUE

_FLOAT32_MAX = float(np.finfo(np.float32).max)


def plain_number(value: float) -> str:
    """Return a float32 in as few digits as say it exactly, with a point and a hyphen.

    Args: value: any float; beyond the range of float32 it is written as a double.

    >>> plain_number(-0.1), plain_number(3e-8), plain_number(0.10000000149), plain_number(920)
    ('-0.1', '3e-08', '0.1', '920')
    """
    if isinstance(value, int):
        return str(value)
    is_double = math.isfinite(value) and abs(value) > _FLOAT32_MAX
    return str(float(value) if is_double else np.float32(value))


def plain_text(text: str) -> str:
    """Return a number that was formatted for reading, with a hyphen and ordinary spaces.

    Args: text: as shown.

    >>> plain_text("−12.3\u202f%"), plain_text(NO_VALUE)
    ('-12.3 %', '')
    """
    return "" if text == NO_VALUE else text.replace(MINUS, "-").replace("\u202f", " ")


def plain_rows(matrix: Array) -> list[list[str]]:
    """Return the numbers of a matrix, as `plain_number` does. Args: matrix: (rows, columns).

    >>> plain_rows(np.array([[0.1, -2], [3e-8, np.nan]], np.float32))
    [['0.1', '-2.0'], ['3e-08', 'nan']]
    """
    rows: list[list[str]] = matrix.astype(str).tolist()
    return rows
