"""Loss and accuracy of a network on a split."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Forward = Callable[[Tensor], Tensor]
"""(n, 30) -> (n, classes)"""


@torch.no_grad()
def mean_loss(forward: Forward, inputs: Tensor, labels: Tensor) -> float:
    """Return the cross-entropy averaged over a split, in nats.

    Args: forward: the network.  inputs: (n, 30).  labels: (n,).
    """
    return float(functional.cross_entropy(forward(inputs), labels))


@torch.no_grad()
def accuracy(forward: Forward, inputs: Tensor, labels: Tensor) -> float:
    """Return the share of samples whose largest output is their class, 0…1.

    Args: forward: the network.  inputs: (n, 30).  labels: (n,).
    """
    return float((forward(inputs).argmax(dim=1) == labels).float().mean())


@torch.no_grad()
def probabilities(forward: Forward, inputs: Tensor) -> Tensor:
    """Return the softmax of the outputs, (n, classes).

    Args: forward: the network.  inputs: (n, 30).
    """
    return torch.softmax(forward(inputs), dim=1)
