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
    summary="Every layer stays as it was; a small bottleneck beside each reads the same input.",
    note=(
        "The adapter reads what the layer reads, not what it says, and its answer, times 4, "
        "is added to the layer's. At the start it adds nothing. It cannot be merged into W: "
        "there is a ReLU inside."
    ),
    equation="= 0",
    group="Few numbers",
    source="arXiv:2110.04366",
    controls=("bottleneck",),
    trains=trains_adapters_and_head,
    lock_reason="Adapters leave the network's own layers as they were.",
    apply=_apply,
)
