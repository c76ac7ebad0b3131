"""The numbers behind one cell of a layer, as the inspector shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.protocol.messages import CellAddress, LayerFrame, Matrix
from gui.matrices.crosshair import matrix_shape
from gui.matrices.factor_kinds import product_factors, shared_sides
from gui.matrices.viewport import blocks_of

ROUNDING_TOLERANCE = 1e-5
"""Error that float32 may add to a sum of products, relative to its largest term."""
LOW_RANK_FACTORS = ("lora_B", "lora_A")
DIAGONAL_FACTORS = ("lora_E", "vera_d")
"""Factors with one number for each direction, all of which enter every cell."""
EXTRA_FACTORS = ("lora_E", "magnitude")
"""Factors without which B and A alone do not make ΔW."""

NAN = float("nan")
"""Stands for a number that the frame does not contain."""


@dataclass(frozen=True, slots=True)
class FactorReading:
    """The numbers of one factor that enter a cell."""

    name: str
    """Name in the frame: lora_B, lora_A, gradient …"""
    values: tuple[float, ...]
    """Row i of a factor that shares the layer's rows, column j of one that shares its columns, the
    one value (i, j) of one that shares both, all numbers of a diagonal.
    """


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
    factors: tuple[FactorReading, ...] = ()
    """For LoRA: row i of B and column j of A."""
    scaling: float | None = None
    """s where ΔWᵢⱼ = s · Σₖ Bᵢₖ Aₖⱼ; None where ΔW is not that product."""
    cell_block: tuple[int, int, int, int] | None = None
    """(first row, last row, first column, last column) of the cells of which each number is the one
    of largest magnitude, taken by itself; None: the numbers are the cell's own.
    """
    visible: bool = True
    """Whether the frame contains the cell; if not, all numbers are NaN."""
    matrix: str = "delta"
    """weight, delta or updated; otherwise the name of a factor."""
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
    matrix = dict(layer.factors).get(cell.matrix, layer.weight)
    sides = shared_sides(cell.matrix, matrix.shape, layer.weight.shape)
    blocks = blocks_of(whole, layer.part, rows=sides[0], columns=sides[1])
    (i, j), (rows, columns) = blocks.index(row, column), matrix.shape
    visible = 0 <= i < rows and 0 <= j < columns
    reading = CellReading(
        layer.name, row, column, NAN, NAN, NAN, pinned, matrix=cell.matrix, visible=visible
    )
    if sides != (True, True):
        single = max(blocks.down, blocks.across) == 1
        cell_block = None if single or not visible else blocks.cells(row, column)
        value = float(matrix[i, j]) if visible else NAN
        return replace(reading, value=value, cell_block=cell_block)
    if not visible:
        return reading
    reading = _with_weights(reading, layer, i, j)
    if blocks.down > 1:
        return replace(reading, cell_block=blocks.cells(row, column))
    return _with_factors(reading, layer, i, j)


def _with_weights(reading: CellReading, layer: LayerFrame, i: int, j: int) -> CellReading:
    return replace(
        reading,
        weight=float(layer.weight[i, j]),
        delta=float(layer.delta[i, j]),
        updated=float(layer.updated[i, j]),
    )


def _with_factors(reading: CellReading, layer: LayerFrame, i: int, j: int) -> CellReading:
    values_of = (
        (name, _factor_values(name, factor, layer.weight.shape, i, j))
        for name, factor in layer.factors
    )
    return replace(
        reading,
        factors=tuple(FactorReading(name, values) for name, values in values_of if values),
        scaling=layer.scaling if _is_scaled_product(layer) else None,
    )


def is_product(layer: LayerFrame) -> bool:
    """Return whether ΔW is the product of the layer's factors, up to its scaling.

    Args: layer: as in the frame.
    """
    names = product_factors(tuple(name for name, _ in layer.factors))
    return _is_scaled_product(layer) if names == LOW_RANK_FACTORS else bool(names)


def _is_scaled_product(layer: LayerFrame) -> bool:
    """Return whether ΔW = s · B A, judged by the numbers.

    DoRA has B and A as well, and where they do not start at zero (PiSSA, LoftQ) ΔW is only the
    change since the start.
    """
    factors = dict(layer.factors)
    relevant = set(factors) & {*EXTRA_FACTORS, *LOW_RANK_FACTORS}
    if layer.scaling is None or relevant != set(LOW_RANK_FACTORS):
        return False
    b, a = factors["lora_B"], factors["lora_A"]
    if layer.part is not None and layer.part.stride > 1:
        # Of blocks there are only the largest numbers, and these do not multiply.
        return any(check.name == "rank" and check.expected == len(a) for check in layer.checks)
    if not (np.isfinite(b).all() and np.isfinite(a).all()):
        return True  # the run has diverged, and ΔW with it
    largest = abs(layer.scaling) * b.shape[1] * float(np.abs(b).max()) * float(np.abs(a).max())
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.abs(layer.scaling * (b @ a) - layer.delta).max()  # of (out, in)
    return bool(error <= ROUNDING_TOLERANCE * max(largest, 0.1))


def _factor_values(
    name: str, factor: Matrix, shape: tuple[int, ...], row: int, column: int
) -> tuple[float, ...]:
    match shared_sides(name, factor.shape, shape):
        case (True, True):
            return (float(factor[row, column]),)
        case (True, False):
            return tuple(factor[row].tolist())
        case (False, True):
            return tuple(factor[:, column].tolist())
    return tuple(factor[:, 0].tolist()) if name in DIAGONAL_FACTORS else ()
