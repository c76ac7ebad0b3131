"""Makes the lines of a calculation by hand out of tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.protocol.derivation import DerivationLine


@torch.no_grad()
def sum_line(symbol: str, formula: str, *factors: Tensor, scale: float = 1.0) -> DerivationLine:
    """scale · Σ of products. Args: factors: (terms,) each, multiplied term by term."""
    products = torch.stack([factor.detach() for factor in factors], 1)  # (terms, factors)
    value = scale * float(products.double().prod(1).sum())
    return DerivationLine(symbol, formula, value, scale=scale, products=products.float().numpy())


def formula_line(
    symbol: str, formula: str, value: float | Tensor, pattern: str, *numbers: float | Tensor
) -> DerivationLine:
    """A formula with its numbers in the pattern's places."""
    return DerivationLine(symbol, formula, float(value), pattern, tuple(map(float, numbers)))
