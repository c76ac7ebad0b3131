"""LoRA: W stays; ΔW = (α / r) · B · A, with B and A thin."""

from engine.model.low_rank import attach_updates, resize_updates, trains_updates_and_head
from engine.strategies._strategy import Strategy

STRATEGY = Strategy(
    name="lora",
    label="LoRA",
    summary="W is frozen; two thin matrices per layer are trained, and their product is ΔW.",
    equation="= α/r · B A",
    lesson=8,
    source="arXiv:2106.09685",
    controls=("rank", "alpha"),
    trains=trains_updates_and_head,
    apply=attach_updates(),
    change=resize_updates(),
)
