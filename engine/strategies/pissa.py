"""PiSSA: B and A start as the strongest directions of W itself."""

from engine.model.low_rank import OffsetLowRank, attach_updates, trains_updates_and_head
from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="pissa",
    label="PiSSA",
    summary="B and A start as the strongest directions of W and learn from there.",
    note=(
        "B and A hold the r strongest directions of W from the start; W itself is not changed "
        "by that, so ΔW begins at zero: it is what B A has become, less what it was. Its rank "
        "can be as high as 2r."
    ),
    equation="= α/r · (B A − B₀ A₀)",
    group="Low rank",
    source="arXiv:2404.02948",
    controls=("rank", "alpha"),
    restarts=("rank", "alpha"),
    trains=trains_updates_and_head,
    apply=attach_updates(lambda layer, *how: OffsetLowRank(layer.original, *how)),
)
