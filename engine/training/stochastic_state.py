"""What a pass changes while the network learns, and how to undo it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.network import Network
from engine.protocol.settings import Settings

STATISTICS = ("running_mean", "running_var")
"""What a BatchNorm remembers of its batches."""


@dataclass(frozen=True, slots=True)
class StochasticState:
    """Where dropout's generator stands, and BatchNorm's statistics."""

    generator: Tensor
    statistics: dict[str, Tensor]
    """Buffer name -> what it holds."""

    @classmethod
    def of(cls, network: Network) -> StochasticState:
        """As it is now."""
        return cls(network.noise.get_state(), statistics(network))

    @torch.no_grad()
    def put_back(self, network: Network) -> None:
        """As it was then."""
        network.noise.set_state(self.generator)
        for name, value in self.statistics.items():
            network.get_buffer(name).copy_(value)


def statistics(network: Network) -> dict[str, Tensor]:
    """Name of each of BatchNorm's buffers -> a copy of it."""
    return {name: buffer.clone() for name, buffer in network.named_buffers() if ".norm." in name}


@contextmanager
def train_mode(network: Network, settings: Settings) -> Iterator[None]:
    """Let the network compute as while training."""
    network.set_learning(True, frozen_batchnorm_layers(network, settings))
    try:
        yield
    finally:
        network.set_learning(False)


def frozen_batchnorm_layers(network: Network, settings: Settings) -> tuple[str, ...]:
    """Layers whose BatchNorm keeps its statistics: the frozen ones, where that is asked for."""
    if not settings.freeze_statistics:
        return ()
    return tuple(
        name
        for name, layer in network.layers()
        if not any(parameter.requires_grad for parameter in layer.parameters())
    )
