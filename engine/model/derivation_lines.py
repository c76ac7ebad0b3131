"""Constructors of derivation lines from tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.protocol.derivation import DerivationLine

Number = float | Tensor
_PYTHON = str.maketrans({"·": "*", "−": "-", "²": "**2"})


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
    symbol: str, formula: str, pattern: str, *numbers: float | Tensor, value: float | None = None
) -> DerivationLine:
    """Return the line of a formula with its numbers.

    Args: symbol: of the result.  formula: in symbols.  pattern: the formula with “{}” in each
    number's place.  numbers: for these places, in order.  value: as it was computed in fewer
    digits; None: what the pattern comes to.
    """
    exact = tuple(map(float, numbers))
    result = float(evaluate(pattern, exact)) if value is None else value
    return DerivationLine(symbol, formula, result, pattern, exact)


def evaluate(pattern: str, numbers: Sequence[Number]) -> Number:
    """Return what a formula comes to.

    Args: pattern: with “{}” in each number's place.  numbers: for these places, in order.
    """
    names = [f"n{i}" for i in range(len(numbers))]
    code = pattern.replace("√{}", "{}**0.5").replace("|{}|", "abs({})").translate(_PYTHON)
    result: Number = eval(code.format(*names), {}, dict(zip(names, numbers, strict=True)))
    return result
