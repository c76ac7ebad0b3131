"""How many bits weights take when they are stored in few."""

from __future__ import annotations

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
