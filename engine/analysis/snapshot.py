"""A network's matrices at one step boundary, worked out once for all who look at them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.analysis.spectrum import singular_values
from engine.analysis.streamed import merged_outputs, spectrum
from engine.network import Layer, Network


class Snapshot:
    """W′, b′, ΔW and the singular values of ΔW of every layer, by its name.

    Of a large layer W′ and ΔW are not made: it computes as it is, and is read strip by strip.
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
        self.spectra: dict[str, NDArray[np.float32]] = {
            name: singular_values(self.delta[name]).numpy() if name in small else spectrum(layer)
            for name, layer in self.layers.items()
        }
        """Falling: (min(out, in),), or the leading ones of a large layer."""
        self._biases = {name: layer.updated_bias() for name, layer in small.items()}

    def compute(self, layer: Layer, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out): the layer's forward pass."""
        if layer.is_large:
            return layer(inputs)  # type: ignore[no-any-return]
        name = self.names[id(layer)]
        return functional.linear(inputs, self.updated[name], self._biases[name])

    def merged(self, layer: Layer, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out): the same with W′ made, also where the layer computes beside it."""
        return merged_outputs(layer, inputs) if layer.is_large else self.compute(layer, inputs)
