"""Training mode, and undoing what a pass in it does to dropout and BatchNorm's statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from engine.model.network import Network
from engine.protocol.settings import Settings


def remember_pass(network: Network) -> Callable[[], None]:
    """Return what undoes a pass in training mode. Args: network: before the pass."""
    generator, statistics = network.dropout_generator.get_state(), batchnorm_statistics(network)

    @torch.no_grad()
    def undo() -> None:
        network.dropout_generator.set_state(generator)
        for name, value in statistics.items():
            network.get_buffer(name).copy_(value)

    return undo


def batchnorm_statistics(network: Network) -> dict[str, Tensor]:
    """Return a copy of each of BatchNorm's buffers, by name. Args: network: to copy from."""
    return {name: buffer.clone() for name, buffer in network.named_buffers() if ".norm." in name}


@contextmanager
def train_mode(network: Network, settings: Settings) -> Iterator[None]:
    """Switch training mode on in a `with` block. Args: network: to switch.  settings: of a run."""
    kept = frozen_batchnorm_layers(network, settings)
    norms = (layer.norm for name, layer in network.named_body.items() if name not in kept)
    modules = [network, *(norm for norm in norms if norm is not None)]
    for module in modules:
        module.training = True
    try:
        yield
    finally:
        for module in modules:
            module.training = False


def frozen_batchnorm_layers(network: Network, settings: Settings) -> tuple[str, ...]:
    """Return the layers whose BatchNorm keeps its statistics: frozen ones, where settings say so.

    Args: network: of the run.  settings: with `freeze_statistics`.
    """
    if not settings.freeze_statistics:
        return ()
    return tuple(
        name
        for name, layer in network.layers()
        if not any(parameter.requires_grad for parameter in layer.parameters())
    )
