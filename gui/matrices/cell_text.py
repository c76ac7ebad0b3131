"""Text for a cell that is read: its matrix, its position and its numbers."""

from __future__ import annotations

from gui.matrices.cell_reading import CellReading
from gui.matrices.factor_kinds import ADAPTER_SYMBOLS, matrix_symbol
from gui.text.layers import cell_position, layer_title
from gui.text.numbers import MINUS


def cell_matrix_text(reading: CellReading) -> str:
    """Return layer and matrix: Layer 2 · ΔW. A block has three matrices, so the layer alone."""
    unit, _, part = reading.layer.partition(".")
    name = layer_title(unit)
    where = f"{name} {part}" if part and part not in ADAPTER_SYMBOLS else name
    if reading.cell_block is not None and reading.value is None:
        return where
    return f"{where} · {matrix_symbol(reading.layer, reading.matrix, reading.info)}"


def cell_position_text(reading: CellReading) -> str:
    """Return row and column, counted from 1, or the size of a block of cells."""
    if reading.cell_block is None:
        return cell_position(reading.row, reading.column)
    top, bottom, left, right = reading.cell_block
    return f"{bottom - top + 1} × {right - left + 1} cells"


def cell_values(reading: CellReading) -> dict[str, float]:
    """Return symbol -> number of a cell; W, ΔW and W′ where it has all three."""
    if reading.value is not None:
        return {matrix_symbol(reading.layer, reading.matrix, reading.info): reading.value}
    other = _other_updated(reading)
    if other is not None:
        difference = reading.updated - other
        return {"W′": reading.updated, "other W′": other, "difference": difference}
    return {"W": reading.weight, "ΔW": reading.delta, "W′": reading.updated}


def joining_sign(values: dict[str, float]) -> str:
    """Return the sign between the first two of `cell_values`: W + ΔW, W′ − the other W′."""
    return "+" if "ΔW" in values else MINUS


def _other_updated(reading: CellReading) -> float | None:
    """Return W′ of the other branch, where the cell is one of the difference from it."""
    if reading.info is None or reading.info.role != "difference":
        return None
    found = (factor.values[0] for factor in reading.factors if factor.name == reading.matrix)
    apart = next(found, None)
    return None if apart is None else reading.updated - apart
