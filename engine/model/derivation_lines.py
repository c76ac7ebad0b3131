"""Constructors of derivation lines from tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.protocol.derivation import DerivationLine


@torch.no_grad()
def sum_line(symbol: str, formula: str, *factors: Tensor, scale: float = 1.0) -> DerivationLine:
    """Return the line of scale · Σ of products.

    Args: symbol: of the result.  formula: in symbols.  factors: (terms,) each, multiplied term by
    term.  scale: of the sum.
    """
    products = torch.stack([factor.detach() for factor in factors], 1)  # (terms, factors)
    value = scale * float(products.double().prod(1).sum())
    return DerivationLine(symbol, formula, value, scale=scale, products=products.float().numpy())


def formula_line(
    symbol: str, formula: str, value: float | Tensor, pattern: str, *numbers: float | Tensor
) -> DerivationLine:
    """Return the line of a formula with its numbers.

    Args: symbol: of the result.  formula: in symbols.  value: of the result.  pattern: the formula
    with “{}” in each number's place.  numbers: for these places, in order.
    """
    return DerivationLine(symbol, formula, float(value), pattern, tuple(map(float, numbers)))
