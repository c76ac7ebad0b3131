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
    """Cross-entropy averaged over the split, in nats."""
    return float(functional.cross_entropy(forward(inputs), labels))


@torch.no_grad()
def accuracy(forward: Forward, inputs: Tensor, labels: Tensor) -> float:
    """Share of samples whose largest output is their class, 0…1."""
    return float((forward(inputs).argmax(dim=1) == labels).float().mean())


@torch.no_grad()
def probabilities(forward: Forward, inputs: Tensor) -> Tensor:
    """(n, classes): softmax of the outputs."""
    return torch.softmax(forward(inputs), dim=1)
