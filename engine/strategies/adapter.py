"""Adapters: small bottlenecks between frozen layers, the identity at the start."""

import torch
from torch import Tensor

from engine.lines import plugged, total
from engine.network import Adapter, Layer, Network
from engine.protocol.by_hand import Line
from engine.protocol.settings import Settings
from engine.strategies import Strategy


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    for number, (name, layer) in enumerate(network.named_body.items(), start=1):
        out, _ = layer.shape
        adapter = Adapter(out, out, settings.bottleneck, generator)
        network.insert_adapter(name, f"adapter{number}", adapter)


def trains(parameter: str) -> bool:
    """Adapters and the head move."""
    return parameter.startswith(("adapter", "head."))


def path_by_hand(
    adapter: Adapter, row: int, middle: int, hidden: Tensor, inputs: Tensor
) -> tuple[Line, ...]:
    """The way of one sample through down and up.

    Args: row: i, of the outputs.  middle: k, of the bottleneck.  hidden: h, (width,).  inputs: of
    down, (inputs,).
    Returns: what down makes of it at k, what ReLU leaves of that, what up makes of it all at i,
    and h′ᵢ.
    """
    down, up, one = adapter.down, adapter.up, torch.ones(1)
    a = total(
        "aₖ", "Σⱼ Dₖⱼ · xⱼ + bₖ",
        torch.cat([down.updated()[middle], _bias(down, middle)]), torch.cat([inputs, one]),
    )  # fmt: skip
    relu = plugged(
        "relu(aₖ)", "(aₖ + |aₖ|) / 2", max(0.0, a.value), "({} + |{}|) / 2", a.value, a.value
    )
    kept = torch.relu(down(inputs))
    added = total(
        "uᵢ", "Σₖ Uᵢₖ · relu(aₖ) + bᵢ",
        torch.cat([up.updated()[row], _bias(up, row)]), torch.cat([kept, one]),
    )  # fmt: skip
    h, s = float(hidden[row]), adapter.scaling
    after = plugged("h′ᵢ", "hᵢ + s · uᵢ", h + s * added.value, "{} + {} · {}", h, s, added.value)
    return a, relu, added, after


def _bias(layer: Layer, row: int) -> Tensor:
    """(1,)"""
    bias = layer.updated_bias()
    return torch.zeros(1) if bias is None else bias[row : row + 1]


STRATEGY = Strategy(
    name="adapter",
    label="Adapters",
    summary="Every layer stays as it was; small bottlenecks between them learn.",
    equation="= 0",
    lesson=7,
    source="arXiv:1902.00751",
    controls=("bottleneck",),
    trains=trains,
    locked="Adapters leave the network's own layers as they were.",
    apply=_apply,
)
