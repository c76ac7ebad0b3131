"""Singular values of ΔW, and what is left of it at a lower rank."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SHARE = 0.9


def singular_values(matrix: Tensor) -> Tensor:
    """(min(out, in),) falling; NaN where the matrix holds a number that is not finite."""
    if not matrix.isfinite().all():
        return torch.full((min(matrix.shape),), torch.nan)
    values: Tensor = torch.linalg.svdvals(matrix)
    return values


def k90(values: NDArray[np.float32]) -> int:
    """Directions that hold 90 % of the energy Σσ²; 0 for a matrix of zeros.

    Args: values: singular values, falling.
    """
    energy = np.square(values, dtype=np.float64).cumsum()
    return int((energy < SHARE * energy[-1]).sum()) + 1 if energy[-1] > 0 else 0


def truncated(matrix: Tensor, rank: int) -> tuple[Tensor, float]:
    """The best rank-r picture of a matrix, and the share of its energy that it keeps.

    Returns: (out, in) and 0…1; the matrix itself and 1 where it is zero or not finite.
    Source: Eckart and Young, 1936.
    """
    if not (matrix.any() and matrix.isfinite().all()):
        return matrix, 1.0
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    energy = values.double().square()
    kept = float(energy[:rank].sum() / energy.sum())
    return (left[:, :rank] * values[:rank]) @ right[:rank], kept
