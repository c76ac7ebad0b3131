"""Bytes that a trained parameter takes with its gradient and Adam's states, by convention."""

from __future__ import annotations

import dataclasses

FLOAT32_BYTES = 16
"""Bytes of a parameter whose weight, gradient and two moments are float32."""

FLOAT32_SOURCE = "PyTorch's default, and PEFT's for adapters"


@dataclasses.dataclass(frozen=True, slots=True)
class TrainingState:
    """Bytes of one trained parameter, part by part."""

    weight: int
    gradient: int
    second_copy: int
    """The weight once more: in float32 beside 16 bits, or the other way round."""
    moments: int
    """Adam's two."""
    label: str = ""
    """The parts in words."""
    source: str = ""


STATES = {
    8: TrainingState(
        2, 2, 0, 4, "weight, gradient and both moments in bfloat16",
        "torch.optim.AdamW, whose moments have the weight's own type",
    ),
    12: TrainingState(
        2, 2, 0, 8, "weight and gradient in 16 bits, both moments in float32",
        "arXiv:2305.14314 §1: over 780 GB for 65 billion parameters",
    ),
    16: TrainingState(
        2, 2, 4, 8, "weight and gradient in 16 bits, a float32 copy, both moments in float32",
        "ZeRO, arXiv:1910.02054 §3.1",
    ),
    18: TrainingState(
        2, 4, 4, 8, "weight in float32 and in 16 bits, gradient and both moments in float32",
        "huggingface.co/docs/transformers/model_memory_anatomy",
    ),
}  # fmt: skip
"""Bytes of a trained parameter in all -> what they are, of a weight stored in 16 bits."""


def training_state(total: int, weight: int) -> TrainingState:
    """Return the parts of a trained parameter's bytes.

    Args: total: one of `STATES`.  weight: bytes of the weight as it is stored, 2, or 4 where the
    total has room for that.
    """
    if weight == 2:
        return STATES[total]
    copy = total - FLOAT32_BYTES
    label = "weight, gradient and both moments in float32" + (", a 16-bit copy" if copy else "")
    return TrainingState(4, 4, copy, 8, label, STATES[total].source if copy else FLOAT32_SOURCE)
