"""QLoRA: W is stored in 4 bits and stays; LoRA learns on top of what the 4 bits say."""

import torch
from torch import Tensor

from engine.low_rank import LowRank, attach, follow, plain, trains
from engine.network import Layer
from engine.nf4 import TABLE, Quantized, dequantize, quantize
from engine.protocol.settings import Settings
from engine.strategies import Strategy


def stored(weight: Tensor) -> Quantized:
    """W as QLoRA stores it: NF4 in blocks of 64, the scales quantised as well."""
    return quantize(weight, double=True)


def keep_rounding(update: LowRank, code: Quantized, start: Tensor, pretrained: Tensor) -> None:
    """Remember for drawing what the codes are and how far the start lies from W before them."""
    values = torch.tensor(TABLE)[code.codes.int()].reshape(code.shape)  # (out, in), −1…1
    update.register_buffer("codes", values)
    update.register_buffer("rounding_error", start - pretrained)


def rounded_factors(layer: Layer) -> tuple[tuple[str, Tensor], ...]:
    """B, A, and for a quantised layer its codes and rounding error, each (out, in)."""
    update = layer.update
    if update is None:
        return ()
    known = dict(update.named_buffers())
    drawn = ("codes", "rounding_error")
    return (*update.factors(), *((name, known[name]) for name in drawn if name in known))


def _make(layer: Layer, settings: Settings, scaling: float, generator: torch.Generator) -> LowRank:
    pretrained, code = layer.original.clone(), stored(layer.original)
    update = plain(layer, settings, scaling, generator)
    layer.start_from(dequantize(code))
    keep_rounding(update, code, layer.original, pretrained)
    return update


STRATEGY = Strategy(
    name="qlora",
    label="QLoRA",
    summary="W is rounded to 16 values per block and stays so; B and A learn in full precision.",
    note=(
        "Every weight is stored as one of 16 values times the scale of its block of 64; the "
        "scales are stored in 8 bits. The W drawn is what these 4 bits say, and the network "
        "computes with it. The rounding error stays; B and A learn in full precision beside "
        "it."
    ),
    equation="= α/r · B A",
    group="Low rank",
    source="arXiv:2305.14314",
    controls=("rank", "alpha"),
    trains=trains,
    rounds=True,
    apply=attach(_make),
    change=follow(),
    factors=rounded_factors,
)
