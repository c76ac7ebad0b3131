"""The arithmetic of one cell and the quantities of one step, as data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.identity import Plain
from engine.protocol.matrices import Array, Matrix


class CellAddress(Plain, frozen=True):
    """Address of a cell in any matrix that is drawn."""

    layer: str
    row: int
    """Row of that matrix itself, from 0."""
    column: int
    matrix: str = "delta"
    """weight, delta or updated; else a matrix's name, as in `LayerFrame.factors`."""


class DerivationLine(Plain, frozen=True):
    """One line of a derivation: symbol = formula = the formula with its numbers = value.

    Either `products` are summed up, value = scale · Σ products.prod(axis=1), or the `numbers` fill
    the places of `pattern`.
    """

    symbol: str
    """Symbol of the result: g, m̂, ΔWᵢⱼ."""
    formula: str
    """The formula in symbols: “1/n · Σ δᵢ · xⱼ”."""
    value: float
    pattern: str = ""
    """The formula with “{}” for each number, of + − · / √ ² | and brackets: it can be evaluated."""
    numbers: tuple[float, ...] = ()
    """Numbers for the places of `pattern`, in order."""
    scale: float = 1.0
    products: Array = np.zeros((0, 0), np.float32)
    """(terms, factors): the factors of each term of the sum."""


class CellDerivation(Plain, frozen=True):
    """Derivation of the number at a cell."""

    cell: CellAddress
    step: int
    """Number of the step that `move` derives, from `step` − 1 to `step`; 0: none was taken yet."""
    value: float
    """The number at the cell."""
    value_lines: tuple[DerivationLine, ...]
    """Derivation of the number, the last line; empty where it is a parameter, or constant."""
    moved: str
    """Name of the parameter or buffer that the cell is part of, as `layer1.weight`; empty: none."""
    move: tuple[DerivationLine, ...]
    """From the batch to the number after the step; of a cell computed from others its ∂L/∂W′."""
    path: tuple[DerivationLine, ...] = ()
    """An adapter's cell: the first sample's way through down and up before the step, the output."""
    note: str = ""
    """Why there is no move, or another explanation, as a sentence."""


class LayerTrace(Plain, frozen=True):
    """Inputs, outputs and gradients of one layer in one step."""

    name: str
    inputs: Array
    """(1, in): x of the batch's first sample."""
    outputs: Array
    """(out, 1): z = W′ x + b of that sample."""
    grad_output: Array
    """(out, 1): δ = ∂ℓ/∂z of that sample, ℓ its own loss."""
    gradient: Array
    """(out, in): ∂L/∂W′, the mean of δ xᵀ over the batch."""
    move: Array
    """(out, in): W′ after the step − W′ before it."""
    factor_gradients: tuple[Matrix[Array], ...] = ()
    """∂L/∂B and ∂L/∂A, which the optimizer uses; of other trained factors just so."""
    factor_moves: tuple[Matrix[Array], ...] = ()
    """Those factors after the step − before it."""


class StepTrace(Plain, frozen=True):
    """The coming step, traced without taking it."""

    step: int
    """Number of the step: it leads from `step` − 1 to `step`."""
    count: int
    """n: samples in the batch."""
    picture: Array
    """The batch's first sample: (8, 8) in 0…1 for digits; (3, 10) features for tumours."""
    names: tuple[str, ...]
    """Name of each cell of the picture, row-major; empty where cells are pixels."""
    label: int
    """Class of that sample, as it is learned."""
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32]
    """(classes,) of that sample."""
    sample_loss: float
    """Loss of that sample, −log p(label)."""
    loss: float
    """L: mean over the batch."""
    learning_rate: float
    """η of this step."""
    layers: tuple[LayerTrace, ...]
