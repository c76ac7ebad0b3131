"""Activations of every layer for a sample, before and after fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.model.layer import Layer, matrix_of
from engine.model.network import Adapter, MlpHead, Network
from engine.protocol.messages import LayerActivations, NetworkActivations


@torch.no_grad()
def probabilities(network: Network, inputs: Tensor) -> Tensor:
    """Return the softmax of the outputs, (n, classes). Args: network, inputs: (n, 30)."""
    return torch.softmax(network(inputs), dim=1)


@torch.no_grad()
def _activations(network: Network, inputs: Tensor) -> Iterator[tuple[str, Tensor, bool]]:
    """Yield every activation for some samples, in the order in which they are computed.

    Returns: name, as in `LayerActivations`; (n, width); whether a strategy added what computes it.
    """
    before, hidden = inputs, inputs
    for name in network.blocks()[:-1]:
        module = network.get_submodule(name)
        if isinstance(module, Adapter):
            given = before if module.parallel else hidden
            yield f"{name}.down", torch.relu(module.down(given)), True
            hidden = module(hidden, before)
            yield name, hidden, True
            continue
        assert isinstance(module, Layer)
        for matrix in () if module.update is None else module.update.factors():
            if matrix.info.role == "input shift":
                yield f"{name}.{matrix.name}", hidden + matrix.values, True
        before = hidden
        hidden = module(hidden)
        hidden = torch.relu(hidden if module.norm is None else module.norm(hidden))
        yield name, hidden, False
    if isinstance(network.head, MlpHead):
        yield "head.hidden", torch.relu(network.head.hidden(hidden)), False


def trace_activations(network: Network, initial: Network, inputs: Tensor) -> NetworkActivations:
    """Return a sample's activations. Args: network, initial: now and before.  inputs: (1, 30)."""
    pairs = zip(_activations(initial, inputs), _activations(network, inputs), strict=True)
    layers = tuple(
        LayerActivations(name, None if is_added else matrix_of(then[0]), matrix_of(now[0]))
        for (name, then, is_added), (_, now, _) in pairs
    )
    return NetworkActivations(matrix_of(inputs[0]), layers)
