"""The numbers that a layer hands on, as a small heatmap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.matrices.heatmap import INSET, Heatmap
from gui.text.layers import number
from gui.theme import appearance

LARGEST_CELL = 22
SMALLER = 0.7
"""Cells may be smaller by this where all rows are then full."""

Grid = tuple[int, int, int]
"""(rows, columns, pixels of a cell)."""


def grid(count: int, width: int, height: int) -> Grid:
    """How so many numbers stand, in reading order, in cells as large as fit.

    Where not even cells of one pixel do, there are more rows.
    """
    for cell in range(LARGEST_CELL, 0, -1):
        rows = -(-count // max(width // cell, 1))
        if rows * cell <= height or cell == 1:
            break
    ragged = rows, -(-count // rows), cell
    full = [
        (divisor, count // divisor, size)
        for divisor in range(1, max(height, 1) + 1)
        if count % divisor == 0
        and (size := min(height // divisor, width // (count // divisor), LARGEST_CELL))
        and size >= SMALLER * cell
    ]
    return max(full, key=lambda found: (found[2], -found[0]), default=ragged)


class Activations(Heatmap):
    """Draws (n,) numbers row by row; number k is called unit k + 1."""

    pointed = Signal(str, int)
    """(name, unit from 0): a number under the pointer, or the one that an arrow key asks for."""

    def __init__(self, name: str, subject: str, parent: QWidget) -> None:
        """Args: name: of what is shown, for whoever listens.  subject: as `MatrixView` has it."""
        super().__init__(subject, parent)
        self.name = name
        self._values: NDArray[np.float32] = np.zeros(0, np.float32)
        self._grid: Grid = (1, 1, 1)
        self.hovered.connect(self._on_cell_pointed)
        self.moved.connect(self._on_cell_pointed)
        self.pressed.connect(self._on_cell_pointed)

    @property
    def count(self) -> int:
        """n"""
        return len(self._values)

    def value(self, unit: int) -> float:
        """Args: unit: from 0."""
        return float(self._values[unit])

    def show_values(self, values: NDArray[np.float32], scale: float) -> None:
        """Draw these. Args: values: (n,).  scale: as `MatrixView.draw` has it."""
        self._values = values
        rows, columns, _ = self._grid
        if rows * columns < len(values) or rows * columns - len(values) >= columns:
            rows, columns = 1, len(values)  # until it is told its room
        padded = np.zeros(rows * columns, np.float32)
        padded[: len(values)] = values
        self.draw(padded.reshape(rows, columns), scale)

    def fit(self, width: int, height: int) -> None:
        """Stand in this room. Args: in logical pixels, of the picture alone."""
        self._grid = grid(max(self.count, 1), width, height)
        self.set_cell(self._grid[2])
        self.show_values(self._values, self._scale)

    def unit(self, row: int, column: int) -> int | None:
        """Which number stands there, from 0; None: the last row is not full, and there is none."""
        place = row * self._matrix.shape[1] + column
        return place if place < self.count else None

    def mark_unit(self, unit: int | None) -> None:
        """Put a ring round a number, or round none."""
        if unit is None or unit >= self.count:
            self.set_cross(None, None)
        else:
            self.set_cross(*divmod(unit, self._matrix.shape[1]))

    @Slot(int, int)
    def _on_cell_pointed(self, row: int, column: int) -> None:
        unit = self.unit(row, column)
        if unit is not None:
            self.pointed.emit(self.name, unit)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """As `MatrixView` has it; None also where the last row is not full."""
        cell = super().cell_at(position)
        return None if cell is None or self.unit(*cell) is None else cell

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: what is left of the last row is no number."""
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

    def _words(self, row: int, column: int) -> str:
        unit = self.unit(row, column)
        return "" if unit is None else f"unit {unit + 1:,}: {number(self.value(unit), 3)}"
