"""Activations of every layer for a sample, before and after fine-tuning."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.arrays import matrix_of
from engine.model.layer import Layer
from engine.model.network import Adapter, MlpHead, Network
from engine.protocol.messages import LayerActivations, NetworkActivations

NamedOutputs = Iterator[tuple[str, Tensor]]
"""Name, as in `LayerActivations`, and output there, (n, width); at last "outputs", (n, classes)."""
OUTPUTS = "outputs"


class InitialNetwork:
    """The network as it was before the first step: with W, and with nothing added.

    Every layer keeps W; only the BatchNorms of the start have to be copied. The parts that a
    strategy adds change nothing at the start.

    Args: network: before its first step.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._norms = {
            name: copy.deepcopy(layer.norm)
            for name, layer in network.named_body.items()
            if layer.norm is not None
        }

    @torch.no_grad()
    def outputs(self, inputs: Tensor) -> NamedOutputs:
        """Yield every layer's output before the first step. Args: inputs: (n, 30)."""
        hidden = inputs
        for name, layer in self._network.named_body.items():
            hidden = _with_original(layer, hidden)
            if name in self._norms:
                hidden = self._norms[name](hidden)
            hidden = torch.relu(hidden)
            yield name, hidden
        head = self._network.head
        if isinstance(head, MlpHead):
            hidden = torch.relu(_with_original(head.hidden, hidden))
            yield "head.hidden", hidden
            head = head.output
        yield OUTPUTS, _with_original(head, hidden)

    def probabilities(self, inputs: Tensor) -> Tensor:
        """Return the class probabilities, (n, classes). Args: inputs: (n, 30)."""
        return torch.softmax(dict(self.outputs(inputs))[OUTPUTS], 1)


def _with_original(layer: Layer, inputs: Tensor) -> Tensor:
    return functional.linear(inputs, layer.original, layer.original_bias)


@torch.no_grad()
def current_outputs(network: Network, inputs: Tensor) -> NamedOutputs:
    """Yield every layer's output with W′ and the parts that a strategy added.

    Args: network: as it is now.  inputs: (n, 30).
    """
    before, hidden = inputs, inputs
    for name in network.blocks()[:-1]:
        module = network.get_submodule(name)
        if isinstance(module, Adapter):
            given = before if module.parallel else hidden
            yield f"{name}.down", torch.relu(module.down(given))
            hidden = module(hidden, before)
        else:
            assert isinstance(module, Layer)
            for matrix in () if module.update is None else module.update.factors():
                if matrix.info.role == "input shift":
                    yield f"{name}.{matrix.name}", hidden + matrix.values
            before = hidden
            hidden = module(hidden)
            if module.norm is not None:
                hidden = module.norm(hidden)
            hidden = torch.relu(hidden)
        yield name, hidden
    if isinstance(network.head, MlpHead):
        yield "head.hidden", torch.relu(network.head.hidden(hidden))
    yield OUTPUTS, network.head(hidden)


def trace_activations(
    network: Network, initial: InitialNetwork, inputs: Tensor
) -> NetworkActivations:
    """Return one sample's activations before and after.

    Args: network: as it is now.  initial: the same before the first step.  inputs: (1, 30).
    """
    then = dict(initial.outputs(inputs))
    layers = tuple(
        LayerActivations(
            name, matrix_of(then[name][0]) if name in then else None, matrix_of(now[0])
        )
        for name, now in current_outputs(network, inputs)
        if name != OUTPUTS
    )
    return NetworkActivations(matrix_of(inputs[0]), layers)
