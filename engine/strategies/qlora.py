"""QLoRA: W is stored in 4 bits and stays; LoRA learns on top of what the 4 bits say."""

import torch
from torch import Tensor

from engine.model.bits import CONSTANTS_BLOCK
from engine.model.derivation_lines import formula_line
from engine.model.layer import Layer
from engine.model.low_rank import LowRank, attach, follow, plain, trains
from engine.model.nf4 import TABLE, Quantized, dequantize, dynamic_map, quantize
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

BLOCK = 64
"""Weights that share one scale."""


def stored(weight: Tensor) -> Quantized:
    """W as QLoRA stores it: NF4 in blocks of 64, the scales quantised as well."""
    return quantize(weight, BLOCK, double=True)


def keep_rounding(update: LowRank, code: Quantized, start: Tensor, pretrained: Tensor) -> None:
    """Remember for drawing what the codes are and how far the start lies from W before them."""
    values = torch.tensor(TABLE)[code.codes.int()].reshape(code.shape)  # (out, in), −1…1
    update.register_buffer("codes", values)
    update.register_buffer("rounding_error", start - pretrained)
    update.constants = code.constants


def rounded_factors(layer: Layer) -> tuple[tuple[str, Tensor], ...]:
    """B, A, and for a quantised layer its codes and rounding error, each (out, in)."""
    update = layer.update
    if update is None:
        return ()
    known = dict(update.named_buffers())
    drawn = ("codes", "rounding_error")
    return (*update.factors(), *((name, known[name]) for name in drawn if name in known))


def derive_weight(layer: Layer, row: int, column: int) -> tuple[DerivationLine, ...]:
    """What the 4 bits of a cell say: one of sixteen values times the scale of its block."""
    update = layer.update
    assert isinstance(update, LowRank) and update.constants is not None
    constants, block = update.constants, (row * layer.shape[1] + column) // BLOCK
    level = float(dynamic_map()[int(constants.codes[block])])
    scale, offset = float(constants.scales[block // CONSTANTS_BLOCK]), float(constants.offset)
    absmax, code = level * scale + offset, float(update.get_buffer("codes")[row, column])
    return (
        formula_line("absmax", f"level · scale + offset (of block {block}, in 8 bits)", absmax,
                "{} · {} + {}", level, scale, offset),
        formula_line("Q(W)ᵢⱼ", "code · absmax", code * absmax, "{} · {}", code, absmax),
    )  # fmt: skip


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
    quantises=True,
    apply=attach(_make),
    change=follow(),
    factors=rounded_factors,
    derive_weight=derive_weight,
)
