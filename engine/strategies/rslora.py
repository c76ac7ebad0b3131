"""rsLoRA: LoRA with ΔW = (α / √r) · B · A, so that a higher rank does not learn more slowly."""

from engine.model.low_rank import (
    attach_updates,
    resize_updates,
    scale_by_root_of_rank,
    trains_updates_and_head,
)
from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="rslora",
    label="rsLoRA",
    summary="LoRA with the scaling α/√r: ΔW does not shrink as the rank grows.",
    note=(
        "With α/r, a higher rank makes each direction weaker: at the same α, ΔW is smaller. "
        "Dividing by √r keeps its size about the same at every rank. Compare ‖ΔW‖ of LoRA and"
        " rsLoRA at rank 30, both with α = 4."
    ),
    equation="= α/√r · B A",
    group="Low rank",
    source="arXiv:2312.03732",
    controls=("rank", "alpha"),
    scaling_rule="α/√r",
    defaults={"alpha": 4.0},
    trains=trains_updates_and_head,
    apply=attach_updates(scaling=scale_by_root_of_rank),
    change=resize_updates(scale_by_root_of_rank),
)
