"""A sample's way through the network: what each layer makes of it, before and after fine-tuning."""

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

Said = Iterator[tuple[str, Tensor]]
"""Name, as in `LayerActivations`, and what is said there, (n, width); at last "outputs", (n, classes)."""
OUTPUTS = "outputs"


class InitialNetwork:
    """The network as it computed before the first step: with W, and with nothing added.

    W stands in every layer for good; only what BatchNorm had then has to be remembered. What a
    strategy adds changes nothing at the start.

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
    def said(self, inputs: Tensor) -> Said:
        """What every layer made of the inputs, (n, 30), then."""
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
        """(n, 30) -> (n, classes)"""
        return torch.softmax(dict(self.said(inputs))[OUTPUTS], 1)


def _with_original(layer: Layer, inputs: Tensor) -> Tensor:
    return functional.linear(inputs, layer.original, layer.original_bias)


@torch.no_grad()
def said_now(network: Network, inputs: Tensor) -> Said:
    """What every layer makes of the inputs, (n, 30), with W′ and all that was added."""
    before, hidden = inputs, inputs
    for name in network.blocks()[:-1]:
        module = network.get_submodule(name)
        if isinstance(module, Adapter):
            given = before if module.parallel else hidden
            yield f"{name}.down", torch.relu(module.down(given))
            hidden = module(hidden, before)
        else:
            assert isinstance(module, Layer)
            added = {} if module.update is None else dict(module.update.factors())
            if "prompt" in added:
                yield f"{name}.prompt", hidden + added["prompt"]
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
    network: Network, beginning: InitialNetwork, inputs: Tensor
) -> NetworkActivations:
    """One sample's way through both. Args: inputs: (1, 30)."""
    then = dict(beginning.said(inputs))
    layers = tuple(
        LayerActivations(
            name, matrix_of(then[name][0]) if name in then else None, matrix_of(now[0])
        )
        for name, now in said_now(network, inputs)
        if name != OUTPUTS
    )
    return NetworkActivations(matrix_of(inputs[0]), layers)
