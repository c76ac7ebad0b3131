"""LoftQ: as QLoRA, but B and A start by compensating the rounding error."""

import torch

from engine.model.derivation_lines import formula_line
from engine.model.layer import Layer
from engine.model.low_rank import OffsetLowRank, attach_updates, trains_updates_and_head
from engine.model.nf4 import dequantize, quantize
from engine.protocol.derivation import DerivationLine
from engine.strategies._strategy import Strategy
from engine.strategies.qlora import (
    BLOCK_SIZE,
    derive_rounding_error,
    derive_weight,
    quantized_factors,
    register_rounding,
)


def _make(layer: Layer, rank: int, scaling: float, generator: torch.Generator) -> OffsetLowRank:
    """Quantise W, Q = q(W), and start from s · B₀ A₀ = SVDᵣ(W − Q); W is then Q + s · B₀ A₀."""
    pretrained = layer.original.clone()
    quantized = quantize(pretrained, BLOCK_SIZE, double=True)
    rounded = dequantize(quantized)
    update = OffsetLowRank(pretrained - rounded, rank, scaling, generator)
    layer.replace_original(rounded + update.start)
    register_rounding(update, quantized, layer.original, pretrained)
    return update


def _derive_weight(layer: Layer, row: int, column: int) -> tuple[DerivationLine, ...]:
    """Derive W from its 4 bits and from the product that B and A started as."""
    assert isinstance(layer.update, OffsetLowRank)
    lines, start = derive_weight(layer, row, column), float(layer.update.start[row, column])
    return *lines, formula_line("Wᵢⱼ", "Q(W) + s B₀A₀", "{} + {}", lines[-1].value, start)


STRATEGY = Strategy(
    name="loftq",
    label="LoftQ",
    summary="W is rounded to 4 bits; B and A start as the best correction of the rounding error.",
    note=(
        "Like QLoRA, but BA does not start at zero: B and A start as the best rank-r "
        "approximation of the rounding error. The W shown is the rounded matrix with this "
        "correction, and ΔW is what training adds to it; its rank can be up to 2r."
    ),
    equation="= α/r · (B A − B₀ A₀)",
    group="Low rank",
    source="arXiv:2310.08659",
    controls=("rank", "alpha"),
    restarts=("rank", "alpha"),
    trains=trains_updates_and_head,
    stored_as="nf4",
    apply=attach_updates(_make),
    factors=quantized_factors,
    derivations={"weight": _derive_weight, "rounding_error": derive_rounding_error},
)
