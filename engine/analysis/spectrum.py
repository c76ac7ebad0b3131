"""Energy of ΔW's singular directions, and ΔW truncated to a lower rank."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.svd import MAX_EXACT_SIDE, truncated_svd

ENERGY_SHARE = 0.9
"""Share of the energy that `k90` counts directions for."""
LEADING_COUNT = 16
"""Number of singular values computed for a large matrix."""


def k90(values: NDArray[np.float32], norm: float | None = None) -> int | None:
    """Return how many directions hold 90 % of the energy Σσ²; 0 for a matrix of zeros.

    Args: values: singular values, descending.  norm: √Σσ² where `values` are only the leading ones.
    Returns: None where the leading ones do not hold it.
    """
    energy = np.square(values, dtype=np.float64).cumsum()
    total = energy[-1] if norm is None else norm * norm
    if not total > 0:
        return 0
    too_few = int((energy < ENERGY_SHARE * total).sum())
    return too_few + 1 if too_few < len(values) else None


def truncate_rank(matrix: Tensor, rank: int) -> tuple[Tensor, float]:
    """Return the best rank-r approximation of a matrix, and the share of its energy.

    Args: matrix: (out, in).  rank: r, ≥ 1.
    Returns: (out, in) and 0…1; the matrix itself and 1 where it is zero or not finite.
    Source: Eckart and Young, 1936.
    """
    if not (matrix.any() and matrix.isfinite().all()):
        return matrix, 1.0
    if min(matrix.shape) > MAX_EXACT_SIDE:
        left, values, right = truncated_svd(matrix, rank)
        share = float(values.double().square().sum() / matrix.double().square().sum())
        return (left * values) @ right, share
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    energy = values.double().square()
    share = float(energy[:rank].sum() / energy.sum())
    return (left[:, :rank] * values[:rank]) @ right[:rank], share
