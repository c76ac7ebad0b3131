"""BitFit: only biases move; W stays."""

import torch
from torch import Tensor

from engine.network import Layer, Network
from engine.protocol.settings import Settings
from engine.strategies import Strategy


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    """Biases of zero appear where there were none: they change nothing until they move."""
    for layer in network.body:
        layer.add_bias(torch.zeros(layer.shape[0]))


def _trains(parameter: str) -> bool:
    return parameter.endswith(".bias") or parameter.startswith("head.")


def bias_factors(layer: Layer) -> tuple[tuple[str, Tensor], ...]:
    """Δb (out, 1) beside what the update is made of."""
    own = () if layer.update is None else layer.update.factors()
    moved = layer.bias_delta()
    return own if moved is None else (*own, ("delta_b", moved[:, None]))


STRATEGY = Strategy(
    name="bitfit",
    label="BitFit",
    summary="Every W stays as it was; one bias per output appears at zero and learns.",
    equation="= 0",
    group="Few numbers",
    source="arXiv:2106.10199",
    defaults={"learning_rate": 3e-2},
    trains=_trains,
    apply=_apply,
    factors=bias_factors,
)
