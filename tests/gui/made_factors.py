"""What each method adds beside ΔW, with made numbers of the right shape."""

from __future__ import annotations

import numpy as np

from engine.protocol.messages import LayerFrame, Matrix


def added(name: str, one: LayerFrame, rank: int) -> Matrix:
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
