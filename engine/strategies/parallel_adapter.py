"""Parallel adapters: small bottlenecks beside frozen layers, with the same inputs as the layers."""

import torch

from engine.model.network import Adapter, Network
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy
from engine.strategies.adapter import trains_adapters_and_head

SCALING = 4.0
"""s: factor of an adapter's output. Source: arXiv:2110.04366."""


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    for number, (name, layer) in enumerate(network.named_body.items(), start=1):
        (out, inputs), width = layer.shape, settings.bottleneck
        adapter = Adapter(inputs, out, width, generator, scaling=SCALING, parallel=True)
        network.insert_adapter(name, f"adapter{number}", adapter)


STRATEGY = Strategy(
    name="parallel_adapter",
    label="Parallel adapters",
    summary="All layers are frozen; a small bottleneck in parallel to each gets the same input.",
    note=(
        "The adapter gets the layer's input, not its output, and its own output, times 4, is "
        "added to the layer's. At the start it adds nothing. It cannot be merged into W, "
        "because it contains a ReLU. In a transformer it stands beside the feed-forward layers."
    ),
    equation="= 0",
    group="Few parameters",
    source="arXiv:2110.04366",
    controls=("bottleneck",),
    trains=trains_adapters_and_head,
    lock_reason="With adapters, the network's own layers stay frozen.",
    apply=_apply,
)
