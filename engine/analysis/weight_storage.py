"""How many bits weights take when they are stored in few."""

from __future__ import annotations

from engine.analysis.model_shapes import ModelShape

PRECISIONS = (32, 16, 8, 4)
"""Bits per frozen weight; 8 is LLM.int8(), 4 is NF4 with double quantisation."""
CONSTANTS_BLOCK = 256
"""Scales of NF4 blocks that share one scale of their own."""


def nf4_bits(count: int, block: int = 64, *, double: bool = True) -> int:
    """Bits that bitsandbytes stores for a matrix of `count` weights in NF4.

    Two codes to a byte, one float32 scale per block. Double: one byte per scale instead, one
    float32 per 256 of them and one float32 per matrix. Last blocks and bytes may be part empty.
    Source: arXiv:2305.14314 §3; 4 + 8/64 + 32/(64·256) = 4.127 bits per weight for large matrices.
    """
    codes = 8 * -(-count // 2)
    scales = -(-count // block)
    if not double:
        return codes + 32 * scales
    return codes + 8 * scales + 32 * -(-scales // CONSTANTS_BLOCK) + 32


def int8_bits(out: int, inputs: int) -> int:
    """Bits of a matrix in LLM.int8(): one byte per weight and one float32 scale per row."""
    return 8 * out * inputs + 32 * out


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
