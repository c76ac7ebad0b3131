"""Ordinary torch networks to hold ours against."""

from __future__ import annotations

import copy
from collections import OrderedDict

import torch
from torch import Tensor, nn

from engine.model.layer import Layer
from engine.model.network import Adapter, MlpHead, Network


def plain_network(network: Network) -> nn.Sequential:
    """torch.nn modules only, with W′ and the biases of `network` in place."""
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for unit in network.blocks():
        module = network.get_submodule(unit)
        if isinstance(module, Adapter) and module.parallel:
            beside = parts.popitem()[1], parts.popitem()[1]  # the ReLU and its layer
            parts[unit] = _Beside(*reversed(beside), _mlp(module.down, module.up), module.scaling)
        elif isinstance(module, Adapter):
            parts[unit] = _Skip(_mlp(module.down, module.up))
        elif isinstance(module, MlpHead):
            parts[unit] = _mlp(module.hidden, module.output)
        else:
            assert isinstance(module, Layer)
            parts[unit] = _linear(module)
            if module.norm is not None:
                parts[f"norm_{unit}"] = copy.deepcopy(module.norm)
            if unit != "head":
                parts[f"relu_{unit}"] = nn.ReLU()
    return nn.Sequential(parts)


def _mlp(first: Layer, second: Layer) -> nn.Sequential:
    return nn.Sequential(_linear(first), nn.ReLU(), _linear(second))


class _Skip(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs + self.inner(inputs)


class _Beside(nn.Module):
    def __init__(
        self, linear: nn.Module, relu: nn.Module, inner: nn.Module, scaling: float
    ) -> None:
        super().__init__()
        self.linear, self.relu, self.inner, self.scaling = linear, relu, inner, scaling

    def forward(self, inputs: Tensor) -> Tensor:
        return self.relu(self.linear(inputs)) + self.scaling * self.inner(inputs)


def _linear(layer: Layer) -> nn.Linear:
    out, inputs = layer.shape
    bias = layer.updated_bias()
    linear = nn.Linear(inputs, out, bias=bias is not None)
    with torch.no_grad():
        linear.weight.copy_(layer.updated())
        if bias is not None:
            linear.bias.copy_(bias)
    return linear
