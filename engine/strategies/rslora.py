"""rsLoRA: LoRA with ΔW = (α / √r) · B · A, so that a higher rank is weakened less."""

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
    summary="LoRA with the scaling α/√r: ΔW shrinks less as the rank grows.",
    note=(
        "With α/r, a higher rank makes each direction weaker: at the same α, ΔW is smaller. "
        "Divided by √r, it shrinks less: from rank 1 to 30 at α = 4, ‖ΔW‖ falls by about a third "
        "here, and by about half with LoRA. The paper's claim is that activations and gradients "
        "stay stable at every rank. With α = r, LoRA's default here, ΔW does not shrink."
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
