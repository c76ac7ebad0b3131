"""LoftQ: as QLoRA, but B and A start by making good what the rounding took."""

import torch

from engine.model.derivation_lines import formula_line
from engine.model.layer import Layer
from engine.model.low_rank import OffsetLowRank, attach, trains
from engine.model.nf4 import dequantize
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy
from engine.strategies.qlora import derive_weight, keep_rounding, rounded_factors, stored


def _make(
    layer: Layer, settings: Settings, scaling: float, generator: torch.Generator
) -> OffsetLowRank:
    """Q = q(W), s · B₀ A₀ = SVDᵣ(W − Q): one round; W is then Q + s · B₀ A₀."""
    pretrained, code = layer.original.clone(), stored(layer.original)
    rounded = dequantize(code)
    update = OffsetLowRank(pretrained - rounded, settings.rank, scaling, generator)
    layer.start_from(rounded + update.start)
    keep_rounding(update, code, layer.original, pretrained)
    return update


def _weight_by_hand(layer: Layer, row: int, column: int) -> tuple[DerivationLine, ...]:
    """What the 4 bits say, and the repair that B and A started as."""
    assert isinstance(layer.update, OffsetLowRank)
    lines, repair = derive_weight(layer, row, column), float(layer.update.start[row, column])
    rounded = lines[-1].value
    return *lines, formula_line(
        "Wᵢⱼ", "Q(W) + s B₀A₀", rounded + repair, "{} + {}", rounded, repair
    )


STRATEGY = Strategy(
    name="loftq",
    label="LoftQ",
    summary="W is rounded to 4 bits; B and A start as the best repair of the rounding error.",
    note=(
        "As QLoRA, but B and A do not start at zero: they start as the best rank-r repair of "
        "the rounding error. The W drawn is the rounded matrix with that repair, and ΔW is "
        "what training adds to it; its rank can be as high as 2r."
    ),
    equation="= α/r · (B A − B₀ A₀)",
    group="Low rank",
    source="arXiv:2310.08659",
    controls=("rank", "alpha"),
    restarts=("rank", "alpha"),
    trains=trains,
    quantises=True,
    apply=attach(_make),
    factors=rounded_factors,
    derive_weight=_weight_by_hand,
)
