"""Singular values of ΔW, and what is left of it at a lower rank."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SHARE = 0.9
EXACT_SIDE = 256
"""A matrix whose shorter side is no longer than this is decomposed in full."""
LEADING = 16
"""Singular values worked out of a larger one."""
OVERSAMPLING, PASSES = 8, 4
"""Of the random subspace that they are found in."""


def singular_values(matrix: Tensor) -> Tensor:
    """(min(out, in),) falling; NaN where the matrix holds a number that is not finite."""
    if not matrix.isfinite().all():
        return torch.full((min(matrix.shape),), torch.nan)
    values: Tensor = torch.linalg.svdvals(matrix)
    return values


def k90(values: NDArray[np.float32], norm: float | None = None) -> int | None:
    """Directions that hold 90 % of the energy Σσ²; 0 for a matrix of zeros.

    Args: values: singular values, falling.  norm: √Σσ² where `values` are only the leading ones.
    Returns: None where the leading ones do not hold it.
    """
    energy = np.square(values, dtype=np.float64).cumsum()
    whole = energy[-1] if norm is None else norm * norm
    if not whole > 0:
        return 0
    short = int((energy < SHARE * whole).sum())
    return short + 1 if short < len(values) else None


def leading_directions(matrix: Tensor, rank: int) -> tuple[Tensor, Tensor, Tensor]:
    """The best rank-r part of a matrix: (out, r), (r,) falling, (r, in); their product is it.

    Beyond `EXACT_SIDE` it is found by randomised subspace iteration, alike for the same matrix.
    """
    if min(matrix.shape) <= EXACT_SIDE:
        left, values, right = torch.linalg.svd(matrix, full_matrices=False)
        return left[:, :rank], values[:rank], right[:rank]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        left, values, right = torch.svd_lowrank(matrix, rank + OVERSAMPLING, niter=PASSES)
    return left[:, :rank], values[:rank], right.T[:rank]


def truncated(matrix: Tensor, rank: int) -> tuple[Tensor, float]:
    """The best rank-r picture of a matrix, and the share of its energy that it keeps.

    Returns: (out, in) and 0…1; the matrix itself and 1 where it is zero or not finite.
    Source: Eckart and Young, 1936.
    """
    if not (matrix.any() and matrix.isfinite().all()):
        return matrix, 1.0
    if min(matrix.shape) > EXACT_SIDE:
        left, values, right = leading_directions(matrix, rank)
        kept = float(values.double().square().sum() / matrix.double().square().sum())
        return (left * values) @ right, kept
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    energy = values.double().square()
    kept = float(energy[:rank].sum() / energy.sum())
    return (left[:, :rank] * values[:rank]) @ right[:rank], kept
