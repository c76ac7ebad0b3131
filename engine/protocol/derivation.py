"""One cell's arithmetic and one step's inside, as data: numbers plugged into formulas."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def _no_products() -> Matrix:
    return np.zeros((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class CellAddress:
    """A cell of any matrix that is drawn."""

    layer: str
    matrix: str
    """weight, delta or updated; else a factor's name, as in `LayerFrame.factors`."""
    row: int
    """Of that matrix itself, from 0."""
    column: int


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """symbol = formula = the formula with its numbers = value.

    Either `products` are summed up, value = scale · Σ products.prod(axis=1), or the `numbers` stand
    in the `pattern`.
    """

    symbol: str
    """What is worked out: g, m̂, ΔWᵢⱼ."""
    formula: str
    """How, in symbols: “1/n · Σ δᵢ · xⱼ”."""
    value: float
    pattern: str = ""
    """The formula with “{}” in each number's place: “{} · {} + {} · {}”; of the signs + − · / √ ²|
    and brackets, so that it can be worked out as it stands."""
    numbers: tuple[float, ...] = ()
    """In the order of the pattern's places."""
    scale: float = 1.0
    products: Matrix = field(default_factory=_no_products)
    """(terms, factors): what is multiplied in each term of the sum."""


@dataclass(frozen=True, slots=True)
class CellDerivation:
    """How the number at a cell comes about."""

    cell: CellAddress
    step: int
    """The step whose move is worked out, from `step` − 1 to `step`; 0: none was taken yet."""
    value: float
    """The number at the cell."""
    value_lines: tuple[DerivationLine, ...]
    """What the number is made of as it stands, last line: the number itself. Empty where it is a
    number that a step moves, or a fixed one."""
    moved: str
    """The number that a step moves, as `layer1.weight`; empty: the cell is none itself."""
    move: tuple[DerivationLine, ...]
    """From the batch to the number after the step, which is the last line's value; of a cell that
    is made of others what the loss asks of it, ∂L/∂W′."""
    path: tuple[DerivationLine, ...] = ()
    """Of an adapter's cell: the way of the batch's first sample through down and up, before the
    step; last line: what comes out of it."""
    note: str = ""
    """Why there is no move, or what else one should know, as a sentence."""


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """What one step does in one layer."""

    name: str
    inputs: Matrix
    """(1, in): x of the batch's first sample."""
    outputs: Matrix
    """(out, 1): z = W′ x + b of it."""
    delta: Matrix
    """(out, 1): δ = ∂ℓ/∂z of it, ℓ its own loss."""
    gradient: Matrix
    """(out, in): ∂L/∂W′, the mean of δ xᵀ over the batch."""
    move: Matrix
    """(out, in): W′ after the step − W′ before it."""


@dataclass(frozen=True, slots=True)
class StepTrace:
    """The coming step, looked into without taking it."""

    step: int
    """Its number: it leads from `step` − 1 to `step`."""
    count: int
    """n: samples in the batch."""
    picture: Matrix
    """(1, 30): the batch's first sample as the network is given it."""
    label: int
    """Its class, as it is learned."""
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32]
    """(classes,) of that sample."""
    sample_loss: float
    """Its own loss, −log p(label)."""
    loss: float
    """L: mean over the batch."""
    learning_rate: float
    """η of this step."""
    layers: tuple[LayerTrace, ...]
