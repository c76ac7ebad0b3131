"""Quadratic penalty towards the pretrained weights θ*: ½ Σ importance · (θ − θ*)²."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parameters_to_vector

from engine.model.network import Network
from engine.protocol.settings import Settings

Forward = Callable[[Tensor], Tensor]
"""(n, 30) -> (n, classes)"""

FISHER_BATCH_SIZE = 256
"""Samples of one pass."""


class QuadraticPenalty(nn.Module):
    """Penalty on moving parameters away from where they started, weighted by importance.

    Args: network: with the parameters θ* as they are now.  importance: parameter name -> tensor of
    the parameter's shape.
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

    def compute(self, network: Network) -> Tensor:
        """Return ½ Σ importance · (θ − θ*)², (). Args: network: with θ as it is now."""
        distance = self._values(network) - self.start
        return (self.importance * distance).dot(distance) / 2

    def get_terms(self, network: Network, name: str, index: int) -> tuple[float, float, float]:
        """Return importance, θ and θ* of one number; zeros where it has no part in the penalty.

        Args: network: with the parameters θ as they are now.  name: of the parameter.  index: of
        the number in the flattened parameter.
        """
        first = 0
        for each in self._names:
            values = network.get_parameter(each).detach().flatten()
            if each == name:
                importance, start = self.importance[first + index], self.start[first + index]
                return float(importance), float(values[index]), float(start)
            first += len(values)
        return 0.0, 0.0, 0.0


def penalty_of(network: Network) -> QuadraticPenalty:
    """Return the network's penalty. Args: network: of a strategy that gives it one."""
    assert isinstance(network.penalty_reference, QuadraticPenalty)
    return network.penalty_reference


def weighted_penalty(network: Network, settings: Settings) -> Tensor:
    """Return λ/2 Σ importance · (θ − θ*)², (). Args: network: of the run.  settings: with λ."""
    return settings.penalty * penalty_of(network).compute(network)


def compute_fisher(
    outputs: Forward, network: Network, names: Sequence[str], inputs: Tensor
) -> dict[str, Tensor]:
    """Return the Fisher information's diagonal: mean over x of Σ p(y | x) (∂ log p(y | x) / ∂θ)².

    The sum over all labels, of which drawing labels is an estimate: a network this sure of
    itself hardly ever draws any but the likeliest, and what matters hangs on those few draws.

    Of a matrix, one sample's gradient is δ xᵀ, so that the squares add up to (δ²)ᵀ x²: no
    sample's own gradient is ever made.

    Args: outputs: the source task's network, (n, 30) -> (n, classes).  network: that owns the
    parameters.  names: of parameters of its layers and BatchNorms.  inputs: (n, 30).
    Returns: name -> tensor of the parameter's shape.
    Source: arXiv:1612.00796; the model's labels, not those of the data: arXiv:1905.12558 §3.
    """
    owners = {name: network.get_submodule(name.rpartition(".")[0]) for name in names}
    squares = {name: torch.zeros_like(network.get_parameter(name)) for name in names}
    activations: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        activations[module] = inputs[0].detach(), output

    with ExitStack() as hooks, torch.enable_grad():
        for module in set(owners.values()):
            hooks.enter_context(module.register_forward_hook(record))
        for batch in torch.split(inputs, FISHER_BATCH_SIZE):
            log_p = functional.log_softmax(outputs(batch), dim=1)  # (n, classes)
            weighted = log_p * (log_p.detach() / 2).exp()  # √p · log p, so that squares have p
            modules = list(activations)
            for label in weighted.sum(0):
                gradients = torch.autograd.grad(
                    label, [activations[module][1] for module in modules], retain_graph=True
                )  # of each module: (n, its outputs)
                deltas = dict(zip(modules, gradients, strict=True))
                for name, owner in owners.items():
                    module_inputs = activations[owner][0]
                    squares[name] += _sum_squares(name, owner, module_inputs, deltas[owner])
    return {name: total / len(inputs) for name, total in squares.items()}


def _sum_squares(name: str, module: nn.Module, inputs: Tensor, delta: Tensor) -> Tensor:
    """Return squared gradients, summed over samples. Args: inputs: (n, in).  delta: (n, out)."""
    if name.endswith(".bias"):
        return delta.square().sum(0)
    if isinstance(module, nn.BatchNorm1d):
        assert module.running_mean is not None and module.running_var is not None
        deviation = (module.running_var + module.eps).sqrt()
        return (delta * ((inputs - module.running_mean) / deviation)).square().sum(0)
    return delta.square().T @ inputs.square()
