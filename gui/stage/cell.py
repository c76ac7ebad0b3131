"""What one cell of a layer holds: the numbers that the side panel writes out."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol.messages import LayerFrame, Matrix


@dataclass(frozen=True, slots=True)
class FactorReading:
    """What one factor contributes to the cell."""

    name: str
    """As in the frame: lora_B, lora_A, gradient …"""
    values: tuple[float, ...]
    """Row i of a factor with a row for each output, column j of one with a column for each
    input, the one value (i, j) of one that has the layer's own shape."""


@dataclass(frozen=True, slots=True)
class CellReading:
    """Cell (row, column) of one layer in one frame; row is the output, column the input."""

    layer: str
    row: int
    """i, counted from 0."""
    column: int
    """j, counted from 0."""
    weight: float
    """Wᵢⱼ."""
    delta: float
    """ΔWᵢⱼ."""
    updated: float
    """W′ᵢⱼ."""
    pinned: bool
    """Whether the user holds the cell; else it is only under the pointer."""
    factors: tuple[FactorReading, ...] = ()
    """For LoRA row i of B and column j of A, so that ΔWᵢⱼ = s · Σₖ Bᵢₖ Aₖⱼ."""


def read(layer: LayerFrame, row: int, column: int, *, pinned: bool) -> CellReading:
    """The cell's numbers. Raises: IndexError: the layer has no such cell."""
    lines = (
        (name, _line(name, factor, layer.weight.shape, row, column))
        for name, factor in layer.factors
    )
    return CellReading(
        layer=layer.name,
        row=row,
        column=column,
        weight=float(layer.weight[row, column]),
        delta=float(layer.delta[row, column]),
        updated=float(layer.updated[row, column]),
        pinned=pinned,
        factors=tuple(FactorReading(name, values) for name, values in lines if values),
    )


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
    return ()


def band(name: str, factor: tuple[int, ...], layer: tuple[int, ...]) -> tuple[bool, bool]:
    """Whether a factor has the layer's rows, and whether it has its columns.

    Shapes alone cannot tell B from A where the rank equals a side, so these two go by name.
    """
    if name == "lora_B":
        return True, False
    if name == "lora_A":
        return False, True
    if factor == layer:
        return True, True
    return (True, False) if factor[0] == layer[0] else (False, factor[1:] == layer[1:])
