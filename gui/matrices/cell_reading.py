"""What one cell of a layer holds: the numbers that the side panel writes out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.protocol.messages import LayerFrame, Matrix
from gui.matrices.crosshair import CellPosition, shape_of
from gui.matrices.factor_kinds import band, product
from gui.matrices.viewport import blocks_of

ROUNDING = 1e-5
"""Of the largest term: what float32 may add to a sum of products."""
LOW_RANK = ("lora_B", "lora_A")
DIAGONALS = ("lora_E", "vera_d")
"""One number for each direction: all of them enter every cell."""
APART = ("lora_E", "magnitude")
"""With one of these B and A alone do not make ΔW."""


NOTHING = float("nan")


@dataclass(frozen=True, slots=True)
class FactorReading:
    """What one factor contributes to the cell."""

    name: str
    """As in the frame: lora_B, lora_A, gradient …"""
    values: tuple[float, ...]
    """Row i of a factor with a row for each output, column j of one with a column for each
    input, the one value (i, j) of one that has the layer's own shape, all of a diagonal."""


@dataclass(frozen=True, slots=True)
class CellReading:
    """A cell of one matrix of a layer in one frame.

    Where the matrix has the layer's shape row i is the output and column j the input, and W, ΔW and
    W′ are read there as well.
    """

    layer: str
    row: int
    """Of that matrix, counted from 0."""
    column: int
    weight: float
    """Wᵢⱼ."""
    delta: float
    """ΔWᵢⱼ."""
    updated: float
    """W′ᵢⱼ."""
    pinned: bool
    """Whether the user holds the cell; else it is only under the pointer."""
    factors: tuple[FactorReading, ...] = ()
    """For LoRA row i of B and column j of A."""
    scaling: float | None = None
    """s where ΔWᵢⱼ = s · Σₖ Bᵢₖ Aₖⱼ; None where ΔW is not that product."""
    block: tuple[int, int, int, int] | None = None
    """(first row, last row, first column, last column) where the three numbers are, each for
    itself, the ones of largest magnitude among these cells; None: they are the cell's own."""
    seen: bool = True
    """Whether the frame depicts the cell; else there are no numbers: all of them are NaN."""
    matrix: str = "delta"
    """weight, delta or updated; else a factor's name."""
    alone: float | None = None
    """The number of a matrix that has not the layer's shape; then W, ΔW and W′ are NaN."""


def read(layer: LayerFrame, cell: CellPosition, *, pinned: bool) -> CellReading:
    """The cell's numbers.

    Args: cell: of this layer.
    Raises: IndexError: there is no such cell.
    """
    whole, row, column = shape_of(layer, cell.matrix), cell.row, cell.column
    if row >= whole[0] or column >= whole[1]:
        raise IndexError(f"{layer.name} has no cell ({row}, {column}) of {cell.matrix}")
    matrix = dict(layer.factors).get(cell.matrix, layer.weight)
    sides = band(cell.matrix, matrix.shape, layer.weight.shape)
    blocks = blocks_of(whole, layer.part, rows=sides[0], columns=sides[1])
    (i, j), (rows, columns) = blocks.index(row, column), matrix.shape
    seen = 0 <= i < rows and 0 <= j < columns
    reading = CellReading(
        layer.name, row, column, NOTHING, NOTHING, NOTHING, pinned, matrix=cell.matrix, seen=seen
    )
    if sides != (True, True):
        block = blocks.cells(row, column) if max(blocks.down, blocks.across) > 1 and seen else None
        return replace(reading, alone=float(matrix[i, j]) if seen else NOTHING, block=block)
    if not seen:
        return reading
    reading = replace(
        reading,
        weight=float(layer.weight[i, j]),
        delta=float(layer.delta[i, j]),
        updated=float(layer.updated[i, j]),
    )
    if blocks.down > 1:
        return replace(reading, block=blocks.cells(row, column))
    lines = (
        (name, _line(name, factor, layer.weight.shape, i, j)) for name, factor in layer.factors
    )
    return replace(
        reading,
        factors=tuple(FactorReading(name, values) for name, values in lines if values),
        scaling=layer.scaling if _is_scaled_product(layer) else None,
    )


def is_product(layer: LayerFrame) -> bool:
    """Whether ΔW is the product of the layer's factors, up to its scaling."""
    names = product(tuple(name for name, _ in layer.factors))
    return _is_scaled_product(layer) if names == LOW_RANK else bool(names)


def _is_scaled_product(layer: LayerFrame) -> bool:
    """Whether ΔW = s · B A: the numbers decide.

    DoRA has B and A as well, and where they do not start at zero (PiSSA, LoftQ) ΔW is only what
    they have changed since.
    """
    factors = dict(layer.factors)
    if layer.scaling is None or set(factors) & {*APART, *LOW_RANK} != set(LOW_RANK):
        return False
    b, a = factors["lora_B"], factors["lora_A"]
    if layer.part is not None and layer.part.stride > 1:
        # Of blocks there are only the largest numbers, and these do not multiply.
        return any(check.name == "rank" and check.expected == len(a) for check in layer.checks)
    if not (np.isfinite(b).all() and np.isfinite(a).all()):
        return True  # the run has diverged, and ΔW with it
    largest = abs(layer.scaling) * b.shape[1] * float(np.abs(b).max()) * float(np.abs(a).max())
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(layer.scaling * (b @ a) - layer.delta).max()  # of (out, in)
    return bool(off <= ROUNDING * max(largest, 0.1))


def _line(
    name: str, factor: Matrix, shape: tuple[int, ...], row: int, column: int
) -> tuple[float, ...]:
    match band(name, factor.shape, shape):
        case (True, True):
            return (float(factor[row, column]),)
        case (True, False):
            return tuple(factor[row].tolist())
        case (False, True):
            return tuple(factor[:, column].tolist())
    return tuple(factor[:, 0].tolist()) if name in DIAGONALS else ()
