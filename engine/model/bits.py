"""Sizes of quantised weights in bits."""

from __future__ import annotations

PRECISIONS = (32, 16, 8, 4)
"""Bits per frozen weight; 8 is LLM.int8(), 4 is NF4 with double quantisation."""
CONSTANTS_BLOCK = 256
"""Number of NF4 scales that share one scale of their own."""


def nf4_bits(count: int, block: int = 64, *, double: bool = True) -> int:
    """Return the bits that bitsandbytes stores for a matrix in NF4.

    Two codes to a byte, one float32 scale per block. Double: one byte per scale instead, one
    float32 per 256 of them and one float32 per matrix. Last blocks and bytes may be part empty.

    Args: count: number of weights.  block: weights per scale.  double: whether the scales are
    quantised as well.
    Source: arXiv:2305.14314 §3; 4 + 8/64 + 32/(64·256) = 4.127 bits per weight for large matrices.
    """
    codes = 8 * -(-count // 2)
    scales = -(-count // block)
    if not double:
        return codes + 32 * scales
    return codes + 8 * scales + 32 * -(-scales // CONSTANTS_BLOCK) + 32


def int8_bits(out: int, inputs: int) -> int:
    """Return the bits of a matrix in LLM.int8(): one byte per weight, one float32 scale per row.

    Args: out: rows.  inputs: columns.
    Source: arXiv:2208.07339 §2.1.
    """
    return 8 * out * inputs + 32 * out
