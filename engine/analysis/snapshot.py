"""Snapshot of a network's matrices at a step boundary, computed once for all who read them."""

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

    They are not made for a large layer: it computes as it is, and is read strip by strip.

    Args: network: of which it is taken.
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
        """b′ of small layers; a frame that measures nothing anew does without."""
        return {name: self.layers[name].updated_bias() for name in self.updated}

    def compute(self, layer: Layer, inputs: Tensor) -> Tensor:
        """Return the layer's outputs, (n, out). Args: layer: of the network.  inputs: (n, in)."""
        if layer.is_large:
            return layer(inputs)  # type: ignore[no-any-return]
        name = self.names[id(layer)]
        return functional.linear(inputs, self.updated[name], self._biases[name])

    def merged(self, layer: Layer, inputs: Tensor) -> Tensor:
        """Return its outputs with W′ merged, (n, out), also where it computes W and ΔW apart.

        Args: layer: of the network.  inputs: (n, in).
        """
        return (
            compute_merged_outputs(layer, inputs) if layer.is_large else self.compute(layer, inputs)
        )
