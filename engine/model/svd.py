"""Singular value decomposition: exact for small matrices, randomised for large ones."""

from __future__ import annotations

import torch
from torch import Tensor

MAX_EXACT_SIDE = 256
"""Shorter side of the largest matrix that is decomposed exactly."""
OVERSAMPLING, POWER_ITERATIONS = 8, 4
"""Extra dimensions of the random subspace, and power iterations, of the randomised method."""


def singular_values(matrix: Tensor) -> Tensor:
    """Return the singular values, descending; NaN: one is not finite. Args: matrix: (out, in)."""
    if not matrix.isfinite().all():
        return torch.full((min(matrix.shape),), torch.nan)
    values: Tensor = torch.linalg.svdvals(matrix)
    return values


def truncated_svd(matrix: Tensor, rank: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the best rank-r approximation of a matrix as three factors.

    Beyond `MAX_EXACT_SIDE` it is found by randomised subspace iteration, the same for the same
    matrix.

    Args: matrix: (out, in).  rank: r, 1…min(out, in).
    Returns: (out, r), (r,) descending and (r, in): U, S and Vᵀ.
    Source: arXiv:0909.4061, as torch.svd_lowrank has it.
    """
    if min(matrix.shape) <= MAX_EXACT_SIDE:
        left, values, right = torch.linalg.svd(matrix, full_matrices=False)
        return left[:, :rank], values[:rank], right[:rank]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        left, values, right = torch.svd_lowrank(matrix, rank + OVERSAMPLING, niter=POWER_ITERATIONS)
    return left[:, :rank], values[:rank], right.T[:rank]
