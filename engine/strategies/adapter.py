"""Adapters: small bottlenecks between frozen layers, the identity at the start."""

import torch

from engine.model.network import Adapter, Network
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    for number, (name, layer) in enumerate(network.named_body.items(), start=1):
        out, _ = layer.shape
        adapter = Adapter(out, out, settings.bottleneck, generator)
        network.insert_adapter(name, f"adapter{number}", adapter)


def trains_adapters_and_head(parameter: str) -> bool:
    """Return whether a parameter is an adapter's or the head's. Args: parameter: its name."""
    return parameter.startswith(("adapter", "head."))


STRATEGY = Strategy(
    name="adapter",
    label="Adapters",
    summary="All layers are frozen; small bottleneck layers between them are trained.",
    equation="= 0",
    lesson=7,
    source="arXiv:1902.00751",
    controls=("bottleneck",),
    trains=trains_adapters_and_head,
    lock_reason="With adapters, the network's own layers stay frozen.",
    apply=_apply,
)
