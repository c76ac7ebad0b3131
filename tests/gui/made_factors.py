"""Matrices beside ΔW with numbers of a test's own, described as the engine describes them."""

from __future__ import annotations

from engine.protocol.messages import Array, Frame, Matrix
from tests import recordings

RECORDED = (
    "_timeline", "adalora", "batch_norm", "dora", "ia3", "lora", "prompt", "qlora_xray", "vera",
    "weight_update", "bitfit",
)  # fmt: skip
"""Recordings that hold every kind of matrix between them; a later one's Δb has another caption."""
INFOS = {
    factor.info.name: factor.info
    for name in RECORDED
    for message in recordings.read(name)
    if isinstance(message, Frame)
    for layer in message.layers
    for factor in layer.factors
}
"""Name -> description, as the engine has it."""


def named(name: str, values: Array) -> Matrix[Array]:
    """The matrix of that name with these numbers."""
    return Matrix(INFOS[name], values)
