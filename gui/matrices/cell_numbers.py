"""Numbers written into the cells of a matrix, where these are large enough."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, qGray

from engine.protocol.messages import Array
from gui.matrices.viewport import CellBlocks, ViewportSide
from gui.text.numbers import MINUS, NO_VALUE
from gui.theme import font

MIN_CELL = 26
"""Logical pixels of a cell's side from which on there is room for its number."""
MIN_TEXT_HEIGHT = 7
"""Device pixels of the font below which no number is written."""
MAX_FONT_FRACTION = 0.4
"""Part of a cell's height that the font takes at most."""
MARGIN = 4
"""Device pixels of a cell's width that stay free."""
MIN_LIGHT = 128
"""Grey value of a cell, 0…255, from which on its number is black."""


def paint_cell_numbers(
    painter: QPainter,
    picture: QRect,
    sides: tuple[ViewportSide, ViewportSide],
    matrix: Array,
    blocks: CellBlocks,
    image: QImage,
    scale: float,
) -> None:
    """Write each visible cell's number into it, legible on its colour.

    Args: painter: in device pixels.  picture: rectangle of the matrix.  sides: what is visible of
    it.  matrix: its numbers.  blocks: of a single cell each.  image: one pixel a number.  scale:
    decides the number of decimals.
    """
    rows, columns = sides
    decimals = min(max(1 - math.floor(math.log10(scale)), 0), 4) if scale > 0.0 else 1
    digits = _font_for(f"{MINUS}.{'0' * decimals}", columns.pitch - MARGIN, rows.pitch)
    if digits is None:
        return
    painter.save()
    painter.setFont(digits)
    painter.setClipRect(picture)
    high, wide = matrix.shape
    for row in range(rows.first, rows.first + rows.count):
        for column in range(columns.first, columns.first + columns.count):
            i, j = blocks.index(row, column)
            if 0 <= i < high and 0 <= j < wide:
                light = qGray(image.pixel(j, i)) >= MIN_LIGHT
                painter.setPen(QColor("black" if light else "white"))
                x, y = picture.x() + columns.pixel(column), picture.y() + rows.pixel(row)
                cell = QRect(x, y, round(columns.pitch), round(rows.pitch))
                text = cell_number(float(matrix[i, j]), decimals)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def cell_number(value: float, decimals: int) -> str:
    """Return a number in few characters. Args: value: of a cell.  decimals: behind the point.

    >>> cell_number(-0.1234, 2), cell_number(12.345, 1), cell_number(-0.001, 2)
    ('−.12', '12.3', '0')
    """
    if not math.isfinite(value):
        return NO_VALUE
    text = f"{abs(value):.{decimals}f}"
    if not float(text):
        return "0"
    return f"{MINUS if value < 0 else ''}{text.removeprefix('0')}"


def _font_for(widest: str, width: float, height: float) -> QFont | None:
    """Return the largest font in which a text fits into a cell; None: it would be illegible."""
    result = QFont(font())
    pixels = int(MAX_FONT_FRACTION * height)
    while pixels >= MIN_TEXT_HEIGHT:
        result.setPixelSize(pixels)
        if QFontMetricsF(result).horizontalAdvance(widest) <= width:
            return result
        pixels -= 1
    return None
