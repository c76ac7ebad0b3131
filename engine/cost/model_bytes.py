"""Size of a whole model whose weights are stored in few bits."""

from __future__ import annotations

from engine.cost.model_shapes import ModelShape
from engine.model.bits import int8_bits, nf4_bits


def model_bytes(model: ModelShape, precision: int) -> int:
    """Return the bytes of a model.

    Embeddings, norms, biases and head stay in 16 bits where the blocks' matrices have fewer.

    Args: model: its shape.  precision: bits per weight, one of `PRECISIONS`.
    Source: arXiv:2208.07339 for 8 bits; arXiv:2305.14314 for 4 bits.
    """
    if precision >= 16:
        return model.parameters * precision // 8
    rest = 2 * (model.parameters - model.block_weights)
    if precision == 8:
        return rest + model.blocks * sum(int8_bits(p.out, p.inputs) // 8 for p in model.projections)
    return rest + model.blocks * sum(nf4_bits(p.weights) // 8 for p in model.projections)
