"""A network's matrices at one step boundary, worked out once for all who look at them."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from engine.analysis.chunked import compute_merged_outputs
from engine.model.layer import Layer
from engine.model.network import Network


class NetworkSnapshot:
    """W′, ΔW and, once they are asked for, b′ of every layer, by its name.

    Of a large layer they are not made: it computes as it is, and is read strip by strip.
    """

    @torch.no_grad()
    def __init__(self, network: Network) -> None:
        self.layers: dict[str, Layer] = dict(network.layers())
        self.names: dict[int, str] = {id(layer): name for name, layer in self.layers.items()}
        """id of a layer -> its name"""
        small = {name: layer for name, layer in self.layers.items() if not layer.is_large}
        self.updated: dict[str, Tensor] = {n: layer.updated() for n, layer in small.items()}
        """W′, (out, in)"""
        self.delta: dict[str, Tensor] = {n: layer.delta() for n, layer in small.items()}
        """ΔW, (out, in)"""

    @cached_property
    @torch.no_grad()
    def _biases(self) -> dict[str, Tensor | None]:
        """b′ of small layers; a frame that finds nothing out anew does without."""
        return {name: self.layers[name].updated_bias() for name in self.updated}

    def compute(self, layer: Layer, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out): the layer's forward pass."""
        if layer.is_large:
            return layer(inputs)  # type: ignore[no-any-return]
        name = self.names[id(layer)]
        return functional.linear(inputs, self.updated[name], self._biases[name])

    def merged(self, layer: Layer, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out): the same with W′ made, also where the layer computes beside it."""
        return (
            compute_merged_outputs(layer, inputs) if layer.is_large else self.compute(layer, inputs)
        )
