"""A network's matrices at one step boundary, worked out once for all who look at them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.network import Layer, Network


class Snapshot:
    """W′, b′ and ΔW of every layer, by its name."""

    @torch.no_grad()
    def __init__(self, network: Network) -> None:
        self.layers: dict[str, Layer] = dict(network.layers())
        self.names: dict[int, str] = {id(layer): name for name, layer in self.layers.items()}
        """id of a layer -> its name"""
        self.updated: dict[str, Tensor] = {n: layer.updated() for n, layer in self.layers.items()}
        """W′, (out, in)"""
        self.delta: dict[str, Tensor] = {n: layer.delta() for n, layer in self.layers.items()}
        """ΔW, (out, in)"""
        self._biases = {name: layer.updated_bias() for name, layer in self.layers.items()}

    def compute(self, layer: Layer, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out): the layer's forward pass."""
        name = self.names[id(layer)]
        return functional.linear(inputs, self.updated[name], self._biases[name])
