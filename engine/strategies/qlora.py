"""QLoRA: W is stored in 4 bits and stays; LoRA is trained on top of the dequantised W."""

import torch
from torch import Tensor

from engine.model.bits import CONSTANTS_BLOCK
from engine.model.derivation_lines import formula_line
from engine.model.layer import Layer
from engine.model.low_rank import LowRank, attach_updates, resize_updates, trains_updates_and_head
from engine.model.nf4 import NF4_VALUES, Quantized, dequantize, dynamic_map, quantize
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.strategies._strategy import Strategy

BLOCK_SIZE = 64
"""Weights that share one scale. Source: arXiv:2305.14314 §3."""
CODES = MatrixInfo(
    name="codes", title="codes", role="code", sides=("out", "in"), constant=True, full_colour=1.0,
    symbol="code", in_place_of="weight",
    description="The 4-bit code of each weight: one of 16 values from −1 to 1.",
    no_step="The value of this cell's 4 bits, one of sixteen; it is not trained.",
)  # fmt: skip
ROUNDING_ERROR = MatrixInfo(
    name="rounding_error", title="rounding error", role="rounding error", sides=("out", "in"),
    constant=True, scale="delta", short="rounding", in_place_of="delta",
    description="W − the weight before rounding, on the colour scale of ΔW.",
    no_step="The change of this cell of W by rounding to 4 bits; it is not trained.",
)  # fmt: skip


def register_rounding(
    update: LowRank, quantized: Quantized, start: Tensor, pretrained: Tensor
) -> None:
    """Store codes and rounding error in an update, for drawing.

    Args: update: of the layer.  quantized: the pretrained weight in 4 bits.  start: (out, in), W.
    pretrained: (out, in), the weight before quantisation.
    """
    values = torch.tensor(NF4_VALUES)[quantized.codes.int()].reshape(
        quantized.shape
    )  # (out, in), −1…1
    update.register_buffer("codes", values)
    update.register_buffer("rounding_error", start - pretrained)
    update.constants = quantized.constants


def quantized_factors(layer: Layer) -> tuple[Matrix[Tensor], ...]:
    """Return B, A, and of a quantised layer codes and rounding error. Args: layer: to draw."""
    update = layer.update
    if update is None:
        return ()
    buffers = dict(update.named_buffers())
    stored = (info for info in (CODES, ROUNDING_ERROR) if info.name in buffers)
    return (*update.factors(), *(Matrix(info, buffers[info.name]) for info in stored))


def derive_weight(layer: Layer, row: int, column: int) -> tuple[DerivationLine, ...]:
    """Derive a cell of W from its 4 bits: one of sixteen values times the scale of its block.

    Args: layer: with a quantised W.  row, column: of the cell.
    """
    update = layer.update
    assert isinstance(update, LowRank) and update.constants is not None
    constants, block = update.constants, (row * layer.shape[1] + column) // BLOCK_SIZE
    level = dynamic_map()[int(constants.codes[block])]
    scale, offset = constants.scales[block // CONSTANTS_BLOCK], constants.offset
    text = f"level · scale + offset (of block {block}, in 8 bits)"
    absmax = formula_line("absmax", text, "{} · {} + {}", level, scale, offset)
    code = update.get_buffer("codes")[row, column]
    return absmax, formula_line("Q(W)ᵢⱼ", "code · absmax", "{} · {}", code, absmax.value)


def derive_rounding_error(layer: Layer, row: int, column: int) -> tuple[DerivationLine, ...]:
    """Derive a cell of W − the pretrained weight. Args: layer: quantised.  row, column: its own."""
    assert layer.update is not None
    error = float(layer.update.get_buffer("rounding_error")[row, column])
    start = float(layer.original[row, column])
    text, before = "W − W before rounding", start - error
    return (formula_line("Wᵢⱼ − W₀ᵢⱼ", text, "{} − {}", start, before, value=error),)


def _make(layer: Layer, rank: int, scaling: float, generator: torch.Generator) -> LowRank:
    pretrained = layer.original.clone()
    quantized = quantize(pretrained, BLOCK_SIZE, double=True)
    update = LowRank(layer.shape, rank, scaling, generator)
    layer.replace_original(dequantize(quantized))
    register_rounding(update, quantized, layer.original, pretrained)
    return update


STRATEGY = Strategy(
    name="qlora",
    label="QLoRA",
    summary="W is rounded to 4 bits and frozen; B and A are trained in 16 or 32 bits.",
    note=(
        "Every weight is stored as one of 16 values times the scale of its block of 64 "
        "weights; the scales are stored in 8 bits. The W shown is this rounded matrix, and "
        "the network computes with it. The rounding error stays; B and A are trained in 16 or "
        "32 bits, here in 32."
    ),
    equation="= α/r · B A",
    group="Low rank",
    source="arXiv:2305.14314",
    controls=("rank", "alpha"),
    trains=trains_updates_and_head,
    stored_as="nf4",
    apply=attach_updates(_make),
    change=resize_updates(),
    factors=quantized_factors,
    derivations={"weight": derive_weight, "rounding_error": derive_rounding_error},
)
