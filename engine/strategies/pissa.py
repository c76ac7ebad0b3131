"""PiSSA: B and A start as the strongest directions of W itself."""

from engine.model.low_rank import OffsetLowRank, attach_updates, trains_updates_and_head
from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="pissa",
    label="PiSSA",
    summary="LoRA in which B and A start as the strongest directions of W.",
    note=(
        "B and A start as the r strongest directions of W. The network computes the same as "
        "before, so ΔW starts at zero: it is the present BA minus the initial one. Its rank "
        "can be up to 2r."
    ),
    equation="= α/r · (B A − B₀ A₀)",
    group="Low rank",
    source="arXiv:2404.02948",
    controls=("rank", "alpha"),
    restarts=("rank", "alpha"),
    trains=trains_updates_and_head,
    apply=attach_updates(lambda layer, *how: OffsetLowRank(layer.original, *how)),
)
