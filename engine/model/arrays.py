"""Tensors as the arrays that cross the seam."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from engine.protocol.messages import Matrix


def matrix_of(tensor: Tensor) -> Matrix:
    """A copy that no later step changes."""
    return np.array(tensor.detach().numpy(), np.float32, order="C")
