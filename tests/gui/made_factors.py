"""What each method adds beside ΔW, with made numbers of the right shape."""

from __future__ import annotations

import dataclasses

import numpy as np

from engine.protocol.messages import Array, Frame, LayerFrame, Matrix
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


def bias_of_prompt(name: str, values: Array) -> Matrix[Array]:
    """Δb where it follows from a prompt: its caption says so."""
    return Matrix(dataclasses.replace(INFOS[name], caption="Δb = W p"), values)


def product(factors: tuple[Matrix[Array], ...]) -> Array:
    """What the factors of a product make, (out, in)."""
    letters = {"out": "i", "in": "j", "rank": "k", "one": ""}
    terms = ["".join(letters[side] for side in factor.info.sides) for factor in factors]
    values = [factor.values.squeeze() for factor in factors]
    return np.einsum(f"{','.join(terms)}->ij", *values).astype(np.float32)


def added(name: str, one: LayerFrame, rank: int) -> Array:
    """A factor of that name, of the shape it has for this layer."""
    out, inputs = one.weight.shape
    shapes = {
        "lora_B": (out, rank),
        "lora_E": (rank, 1),
        "lora_A": (rank, inputs),
        "vera_b": (out, 1),
        "vera_B": (out, rank),
        "vera_d": (rank, 1),
        "vera_A": (rank, inputs),
        "prompt": (1, inputs),
        "codes": (out, inputs),
        "rounding_error": (out, inputs),
        "truncated": (out, inputs),
    }
    generator = np.random.default_rng([7, *f"{one.name} {name}".encode()])
    shape = shapes.get(name, (out, 1))
    match name:
        case "codes":
            drawn = np.clip(generator.normal(0.0, 0.4, shape), -1.0, 1.0)
        case "ia3_l":
            drawn = generator.normal(1.0, 0.2, shape)
        case "magnitude" | "running_var":
            drawn = generator.uniform(0.6, 1.2, shape)
        case "truncated":
            drawn = one.delta * 0.8
        case "rounding_error":
            drawn = generator.normal(0.0, 0.02, shape)
        case _:
            drawn = generator.normal(0.0, 0.1, shape)
    return drawn.astype(np.float32)
