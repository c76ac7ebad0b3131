"""A pull back to the weights that pretraining left: ½ Σ importance · (θ − θ*)²."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.network import Network

Forward = Callable[[Tensor], Tensor]
"""(n, 30) -> (n, classes)"""

PIECE = 32
"""Samples taken together: the time grows with its square, as each goes back through them all."""


class Anchor(nn.Module):
    """Remembers where parameters started and how much it matters that each stays there.

    Args: importance: parameter name -> tensor of the parameter's shape, or one number for all.
    """

    def __init__(self, network: Network, importance: Mapping[str, Tensor]) -> None:
        super().__init__()
        self._buffer_of = {name: name.replace(".", "_") for name in importance}
        for name, weight in importance.items():
            start = network.get_parameter(name).detach().clone()
            self.register_buffer(f"{self._buffer_of[name]}_start", start)
            self.register_buffer(f"{self._buffer_of[name]}_importance", weight)

    def pull(self, network: Network) -> Tensor:
        """(): ½ Σ importance · (θ − θ*)²."""
        terms = [
            (self.get_buffer(f"{key}_importance")
             * (network.get_parameter(name) - self.get_buffer(f"{key}_start")) ** 2).sum()
            for name, key in self._buffer_of.items()
        ]  # fmt: skip
        return torch.stack(terms).sum() / 2


def fisher(
    outputs: Forward,
    parameters: Mapping[str, nn.Parameter],
    inputs: Tensor,
    generator: torch.Generator,
) -> dict[str, Tensor]:
    """Diagonal of the Fisher information: mean of (∂ log p(y | x) / ∂θ)², y drawn from the model.

    Args: parameters: name -> parameter.  inputs: (n, 30).
    Returns: name -> tensor of the parameter's shape.
    Source: arXiv:1612.00796; labels sampled, not taken from the data: arXiv:1905.12558 §3.
    """
    squares = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    for piece in torch.split(inputs, PIECE):
        with torch.enable_grad():
            log_p = functional.log_softmax(outputs(piece), dim=1)  # (n, classes)
            labels = torch.multinomial(log_p.exp().detach(), 1, generator=generator)  # (n, 1)
            chosen = log_p.gather(1, labels)[:, 0]  # (n,)
            each = torch.autograd.grad(
                chosen, tuple(parameters.values()), torch.eye(len(piece)), is_grads_batched=True
            )  # of each parameter: (n, *its shape)
        for name, gradient in zip(parameters, each, strict=True):
            squares[name] += gradient.square().sum(0)
    return {name: total / len(inputs) for name, total in squares.items()}
