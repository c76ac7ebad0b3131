"""A large layer's part of the written-out passes: x Wᵀ and the branch beside it, W′ never made.

W′ and ∂L/∂W′ would each take as much memory, and as long to fill, as W itself.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.layer import Layer, Update


class LargeLayerPass:
    """One layer of the chain whose W is frozen and whose update computes beside it.

    Args: layer: with an update.
    """

    def __init__(self, layer: Layer, update: Update) -> None:
        self._weight, self._bias, self._update = layer.weight.detach(), layer.bias, update
        self._bias_moves = layer.bias is not None and layer.bias.requires_grad
        self._free = [each for each in update.parameters() if each.requires_grad]
        self.moves = self._bias_moves or bool(self._free)
        self.inputs = self._leaf = self._branch = self._weight

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out)."""
        self.inputs = inputs
        self._leaf = inputs.detach().requires_grad_()
        bias = None if self._bias is None else self._bias.detach()
        with torch.enable_grad():
            self._branch = self._update.branch(self._leaf, self._weight, self._bias)
        return functional.linear(inputs, self._weight, bias) + self._branch.detach()

    def backward(self, delta: Tensor) -> None:
        """Leave in every parameter that moves what the batch gives it.

        Args: delta: (n, out), ∂L/∂outputs.
        """
        free = [*self._free, *([self._bias] if self._bias_moves and self._bias is not None else [])]
        found = torch.autograd.grad(self._branch, free, delta, retain_graph=True, allow_unused=True)
        for parameter, gradient in zip(free, found, strict=True):
            parameter.grad = gradient
        if self._bias_moves and self._bias is not None:
            through = self._bias.grad
            self._bias.grad = delta.sum(0) if through is None else through + delta.sum(0)

    def grad_input(self, delta: Tensor) -> Tensor:
        """(n, out) -> (n, in): ∂L/∂inputs."""
        (through,) = torch.autograd.grad(self._branch, self._leaf, delta)
        return delta @ self._weight + through
