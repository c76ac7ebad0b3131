"""The numbers behind one cell of a layer, and their text, as the inspector shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from engine.protocol.messages import Array, CellAddress, LayerFrame, Matrix, MatrixInfo
from gui.matrices.factor_kinds import ADAPTER_SYMBOLS, matrix_shape, matrix_symbol
from gui.matrices.viewport import blocks_of
from gui.text.layers import cell_position, layer_title
from gui.text.numbers import MINUS

ROUNDING_TOLERANCE = 1e-5
"""Error that float32 may add to a sum of products, relative to its largest term."""
Numbers = tuple[float, ...]
NAN = float("nan")
"""Stands for a number that the frame does not contain."""


@dataclass(frozen=True, slots=True)
class CellReading:
    """A cell of one matrix of a layer in one frame.

    Where the matrix has the layer's shape row i is the output and column j the input, and W, ΔW and
    W′ are read there as well.
    """

    layer: str
    row: int
    """Row of that matrix, counted from 0."""
    column: int
    weight: float
    """Wᵢⱼ."""
    delta: float
    """ΔWᵢⱼ."""
    updated: float
    """W′ᵢⱼ."""
    pinned: bool
    """Whether the user pinned the cell; otherwise it is only under the pointer."""
    factors: tuple[Matrix[Numbers], ...] = ()
    """The numbers of other matrices that enter the cell: row i of one that shares the layer's rows,
    column j of one that shares its columns, the one value (i, j) of one that shares both, all of
    one with a number for each direction.
    """
    is_product: bool = False
    """Whether ΔWᵢⱼ is the product of the layer's factors: s · Σₖ Bᵢₖ Aₖⱼ."""
    scaling: float | None = None
    """s of that product; None where it has none, or ΔW is none."""
    cell_block: tuple[int, int, int, int] | None = None
    """(first row, last row, first column, last column) of the cells of which each number is the one
    of largest magnitude, taken by itself; None: the numbers are the cell's own.
    """
    visible: bool = True
    """Whether the frame contains the cell; if not, all numbers are NaN."""
    matrix: str = "delta"
    """weight, delta or updated; otherwise the name of a factor."""
    info: MatrixInfo | None = None
    """Description of that factor."""
    value: float | None = None
    """The number of a matrix that has not the layer's shape; W, ΔW and W′ are then NaN."""


def read_cell(layer: LayerFrame, cell: CellAddress, *, pinned: bool) -> CellReading:
    """Return the numbers of a cell.

    Args: layer: as in the frame.  cell: of this layer.  pinned: whether the user pinned it.
    Raises: IndexError: the layer has no such cell.
    """
    whole, row, column = matrix_shape(layer, cell.matrix), cell.row, cell.column
    if row >= whole[0] or column >= whole[1]:
        raise IndexError(f"{layer.name} has no cell ({row}, {column}) of {cell.matrix}")
    factor = layer.factor(cell.matrix)
    info, matrix = (None, layer.weight) if factor is None else (factor.info, factor.values)
    shared = (True, True) if info is None else info.shared
    blocks = blocks_of(whole, layer.part, rows=shared[0], columns=shared[1])
    (i, j), (rows, columns) = blocks.index(row, column), matrix.shape
    visible = 0 <= i < rows and 0 <= j < columns
    full = shared == (True, True)
    reading = CellReading(
        layer.name, row, column, NAN, NAN, NAN, pinned, matrix=cell.matrix, info=info,
        visible=visible, value=None if full else NAN,
    )  # fmt: skip
    if not visible:
        return reading
    if max(blocks.down, blocks.across) > 1:
        reading = replace(reading, cell_block=blocks.cells(row, column))
    if not full:
        return replace(reading, value=float(matrix[i, j]))
    weight, delta, updated = (
        float(values[i, j]) for values in (layer.weight, layer.delta, layer.updated)
    )
    reading = replace(reading, weight=weight, delta=delta, updated=updated)
    if reading.cell_block is not None:
        return reading
    numbers = ((factor.info, _numbers(factor, i, j)) for factor in layer.factors)
    product = is_product(layer)
    return replace(
        reading,
        factors=tuple(Matrix(info, values) for info, values in numbers if values),
        is_product=product,
        scaling=layer.scaling if product else None,
    )


def is_product(layer: LayerFrame) -> bool:
    """Return whether ΔW is the product of the layer's factors, up to its scaling.

    Judged by the numbers, since where factors do not start at zero (PiSSA, LoftQ) ΔW is only the
    change since the start. Not where it is made of anything else as well (DoRA).
    Args: layer: of a frame.
    """
    made_of = [factor for factor in layer.factors if factor.info.makes_delta]
    if not made_of or any(factor.info.role != "factor" for factor in made_of):
        return False
    ranks = [factor.values.shape[axis] for factor in made_of
             if (axis := factor.info.rank_axis) is not None]  # fmt: skip
    rank = max(ranks, default=1)
    if layer.part is not None and layer.part.stride > 1:
        # Of blocks there are only the largest numbers, and these do not multiply.
        checks = layer.measured.checks
        return any(check.name == "rank" and check.expected == rank for check in checks)
    values = [factor.values for factor in made_of]
    if not all(np.isfinite(matrix).all() for matrix in values):
        return True  # the run has diverged, and ΔW with it
    scaling = 1.0 if layer.scaling is None else layer.scaling
    largest = abs(scaling) * rank * math.prod(float(np.abs(matrix).max()) for matrix in values)
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.abs(scaling * _product(made_of) - layer.delta).max()  # of (out, in)
    return bool(error <= ROUNDING_TOLERANCE * max(largest, 0.1))


def _product(factors: Sequence[Matrix[Array]]) -> Array:
    """Return (out, in): for each direction, all factors multiplied; their sum."""
    left = [factor.values for factor in factors if factor.info.sides[0] == "out"]
    right = [factor.values for factor in factors if factor.info.sides[0] != "out"]
    product: Array = reduce(np.multiply, left)  # (out, r)
    return product @ reduce(np.multiply, right) if right else product


def _numbers(factor: Matrix[Array], row: int, column: int) -> Numbers:
    match factor.info.shared:
        case (True, True):
            return (float(factor.values[row, column]),)
        case (True, False):
            return tuple(factor.values[row].tolist())
        case (False, True):
            return tuple(factor.values[:, column].tolist())
    return tuple(factor.values[:, 0].tolist()) if factor.info.is_vector else ()


def cell_matrix_text(reading: CellReading) -> str:
    """Return Layer 2 · ΔW; of a block of cells the layer alone. Args: reading: of the cell."""
    unit, _, part = reading.layer.partition(".")
    name = layer_title(unit)
    where = f"{name} {part}" if part and part not in ADAPTER_SYMBOLS else name
    if reading.cell_block is not None and reading.value is None:
        return where
    return f"{where} · {matrix_symbol(reading.layer, reading.matrix, reading.info)}"


def cell_position_text(reading: CellReading) -> str:
    """Return row and column from 1, or the size of a block. Args: reading: of the cell."""
    if reading.cell_block is None:
        return cell_position(reading.row, reading.column)
    top, bottom, left, right = reading.cell_block
    return f"{bottom - top + 1} × {right - left + 1} cells"


def cell_values(reading: CellReading) -> dict[str, float]:
    """Return symbol -> number, of W, ΔW and W′ if it has them. Args: reading: of the cell."""
    if reading.value is not None:
        return {matrix_symbol(reading.layer, reading.matrix, reading.info): reading.value}
    other = _other_updated(reading)
    if other is not None:
        difference = reading.updated - other
        return {"W′": reading.updated, "other W′": other, "difference": difference}
    return {"W": reading.weight, "ΔW": reading.delta, "W′": reading.updated}


def exact_value(reading: CellReading) -> float | None:
    """Return the number of the cell itself; None: the frame has none. Args: reading: of it."""
    if reading.value is not None or not reading.visible:
        return reading.value if reading.visible else None
    own = {"weight": reading.weight, "delta": reading.delta, "updated": reading.updated}
    factors = {factor.name: factor.values[0] for factor in reading.factors if factor.values}
    return (factors | own).get(reading.matrix)


def joining_sign(values: dict[str, float]) -> str:
    """Return the sign of W + ΔW, or of W′ − the other W′. Args: values: of `cell_values`."""
    return "+" if "ΔW" in values else MINUS


def _other_updated(reading: CellReading) -> float | None:
    """Return W′ of the other branch, where the cell is one of the difference from it."""
    if reading.info is None or reading.info.role != "difference":
        return None
    found = (factor.values[0] for factor in reading.factors if factor.name == reading.matrix)
    apart = next(found, None)
    return None if apart is None else reading.updated - apart
