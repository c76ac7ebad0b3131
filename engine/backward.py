"""The network's forward and backward pass written out: ∂L/∂W′ of every layer, without autograd.

Matrices as small as these take less time than autograd's bookkeeping of them. What ∂L/∂W′ gives
to a strategy's own parameters is theirs to work out: `Update.pull_back`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.network import Adapter, Network


def fits(network: Network) -> bool:
    """Whether the network is a chain of layers with a ReLU between each two, and no more."""
    plain = not any(isinstance(network.get_submodule(unit), Adapter) for unit in network.units())
    return plain and network.dropout == 0.0 and all(layer.norm is None for layer in network.body)


class WrittenOut:
    """A network that `fits`, for as long as the same parameters of it are free to move."""

    def __init__(self, network: Network) -> None:
        self._layers = tuple(layer for _, layer in network.layers())
        self._free = [any(p.requires_grad for p in layer.parameters()) for layer in self._layers]
        self._lowest = self._free.index(True) if any(self._free) else len(self._free)
        self._weights: list[Tensor] = []
        self._inputs: list[Tensor] = []

    @torch.no_grad()
    def forward(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """(): mean cross-entropy over a batch. Args: inputs: (n, 30).  labels: (n,)."""
        self._weights, self._inputs = [], []
        hidden = inputs
        for layer in self._layers:
            if self._inputs:
                hidden = hidden.relu_()
            self._inputs.append(hidden)
            self._weights.append(layer.updated())
            hidden = functional.linear(hidden, self._weights[-1], layer.updated_bias())
        self._log_p, self._labels = torch.log_softmax(hidden, 1), labels
        return functional.nll_loss(self._log_p, labels)

    @torch.no_grad()
    def backward(self) -> None:
        """Leave in every free parameter's `grad` what the loss of that batch gives it.

        What lies below the lowest layer that moves is not worked out.
        """
        labels = self._labels[:, None]
        delta = self._log_p.exp_()  # (n, classes): softmax, soon ∂L/∂outputs
        delta.scatter_add_(1, labels, delta.new_full((1, 1), -1.0).expand(labels.shape))
        delta /= len(labels)
        for index in range(len(self._layers) - 1, self._lowest - 1, -1):
            inputs = self._inputs[index]
            if self._free[index]:
                self._layers[index].pull_back(delta, inputs)
            if index > self._lowest:
                delta = delta @ self._weights[index]
                delta *= inputs > 0  # what ReLU held back has no part in the loss
