"""A pull back to the weights that pretraining left: ½ Σ importance · (θ − θ*)²."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parameters_to_vector

from engine.network import Network

Forward = Callable[[Tensor], Tensor]
"""(n, 30) -> (n, classes)"""

PIECE = 8
"""Samples taken together: each label of each goes back through them all."""


class Anchor(nn.Module):
    """Remembers where parameters started and how much it matters that each stays there.

    Args: importance: parameter name -> tensor of the parameter's shape.
    """

    start: Tensor
    """(all numbers of these parameters, one after the other)"""
    importance: Tensor

    def __init__(self, network: Network, importance: Mapping[str, Tensor]) -> None:
        super().__init__()
        self._names = tuple(importance)
        self.register_buffer("start", self._values(network).detach())
        self.register_buffer("importance", parameters_to_vector(importance.values()))

    def _values(self, network: Network) -> Tensor:
        # One long vector: a handful of operations a step instead of a handful for each matrix.
        return parameters_to_vector(network.get_parameter(name) for name in self._names)

    def pull(self, network: Network) -> Tensor:
        """(): ½ Σ importance · (θ − θ*)²."""
        away = self._values(network) - self.start
        return (self.importance * away).dot(away) / 2


def fisher(
    outputs: Forward, parameters: Mapping[str, nn.Parameter], inputs: Tensor
) -> dict[str, Tensor]:
    """Diagonal of the Fisher information: mean over x of Σ p(y | x) (∂ log p(y | x) / ∂θ)².

    The sum over all labels, of which drawing labels is an estimate: a network this sure of
    itself hardly ever draws any but the likeliest, and what matters hangs on those few draws.

    Args: parameters: name -> parameter.  inputs: (n, 30).
    Returns: name -> tensor of the parameter's shape.
    Source: arXiv:1612.00796; the model's labels, not those of the data: arXiv:1905.12558 §3.
    """
    squares = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    for piece in torch.split(inputs, PIECE):
        with torch.enable_grad():
            log_p = functional.log_softmax(outputs(piece), dim=1)  # (n, classes)
            weighted = log_p * (log_p.detach() / 2).exp()  # √p · log p, so that squares have p
            one_each = torch.eye(log_p.numel()).view(-1, *log_p.shape)
            gradients = torch.autograd.grad(
                weighted, tuple(parameters.values()), one_each, is_grads_batched=True
            )  # of each parameter: (n · classes, *its shape)
        for name, gradient in zip(parameters, gradients, strict=True):
            squares[name] += gradient.square().sum(0)
    return {name: total / len(inputs) for name, total in squares.items()}
