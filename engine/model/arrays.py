"""Conversion of tensors to the arrays of messages."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from engine.protocol.matrices import Array


def matrix_of(tensor: Tensor) -> Array:
    """Return a copy that no later step changes.

    Args: tensor: of any shape.
    Returns: float32, C-contiguous, of the same shape.
    """
    return np.array(tensor.detach().numpy(), np.float32, order="C")
