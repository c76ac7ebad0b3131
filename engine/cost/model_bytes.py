"""Bytes of a whole model whose weights are stored in few bits."""

from __future__ import annotations

from engine.cost.model_shapes import ModelShape
from engine.model.bits import int8_bits, nf4_bits


def model_bytes(model: ModelShape, precision: int) -> int:
    """Bytes of a model whose weights have so many bits, one of `PRECISIONS`.

    Embeddings, norms, biases and head stay in 16 bits where the blocks' matrices have fewer.
    Source: arXiv:2208.07339 for 8 bits.
    """
    if precision >= 16:
        return model.parameters * precision // 8
    rest = 2 * (model.parameters - model.block_weights)
    if precision == 8:
        return rest + model.blocks * sum(int8_bits(p.out, p.inputs) // 8 for p in model.projections)
    return rest + model.blocks * sum(nf4_bits(p.weights) // 8 for p in model.projections)
