"""A pull back to the weights that pretraining left: ½ Σ importance · (θ − θ*)²."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parameters_to_vector

from engine.model.network import Network

Forward = Callable[[Tensor], Tensor]
"""(n, 30) -> (n, classes)"""

PIECE = 256
"""Samples taken together."""


class QuadraticPenalty(nn.Module):
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

    def pull_by_hand(self, network: Network, name: str, place: int) -> tuple[float, float, float]:
        """importance, θ and θ* of one number; zeros where nothing pulls at it."""
        first = 0
        for each in self._names:
            values = network.get_parameter(each).detach().flatten()
            if each == name:
                at = first + place
                return float(self.importance[at]), float(values[place]), float(self.start[at])
            first += len(values)
        return 0.0, 0.0, 0.0


def fisher(
    outputs: Forward, network: Network, names: Sequence[str], inputs: Tensor
) -> dict[str, Tensor]:
    """Diagonal of the Fisher information: mean over x of Σ p(y | x) (∂ log p(y | x) / ∂θ)².

    The sum over all labels, of which drawing labels is an estimate: a network this sure of
    itself hardly ever draws any but the likeliest, and what matters hangs on those few draws.

    Of a matrix, one sample's gradient is δ xᵀ, so that the squares add up to (δ²)ᵀ x²: no
    sample's own gradient is ever made.

    Args: outputs: reads classes off the network, (n, 30) -> (n, classes).  names: of parameters
    of its layers and BatchNorms.  inputs: (n, 30).
    Returns: name -> tensor of the parameter's shape.
    Source: arXiv:1612.00796; the model's labels, not those of the data: arXiv:1905.12558 §3.
    """
    owners = {name: network.get_submodule(name.rpartition(".")[0]) for name in names}
    seen: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def note(module: nn.Module, given: tuple[Tensor, ...], said: Tensor) -> None:
        seen[module] = given[0].detach(), said

    hooks = [module.register_forward_hook(note) for module in set(owners.values())]
    squares = {name: torch.zeros_like(network.get_parameter(name)) for name in names}
    try:
        for piece in torch.split(inputs, PIECE):
            with torch.enable_grad():
                log_p = functional.log_softmax(outputs(piece), dim=1)  # (n, classes)
                weighted = log_p * (log_p.detach() / 2).exp()  # √p · log p, so that squares have p
                modules = list(seen)
                for label in weighted.sum(0):
                    deltas = torch.autograd.grad(
                        label, [seen[module][1] for module in modules], retain_graph=True
                    )  # of each module: (n, its outputs)
                    found = dict(zip(modules, deltas, strict=True))
                    for name, owner in owners.items():
                        squares[name] += _squares(name, owner, seen[owner][0], found[owner])
    finally:
        for hook in hooks:
            hook.remove()
    return {name: total / len(inputs) for name, total in squares.items()}


def _squares(name: str, module: nn.Module, inputs: Tensor, delta: Tensor) -> Tensor:
    """A parameter's squared gradients, added up over samples. Args: delta: (n, out)."""
    if name.endswith(".bias"):
        return delta.square().sum(0)
    if isinstance(module, nn.BatchNorm1d):
        assert module.running_mean is not None and module.running_var is not None
        spread = (module.running_var + module.eps).sqrt()
        return (delta * ((inputs - module.running_mean) / spread)).square().sum(0)
    return delta.square().T @ inputs.square()
