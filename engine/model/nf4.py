"""NF4: every weight as one of sixteen values times its block's largest magnitude."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.bits import CONSTANTS_BLOCK, nf4_bits

# fmt: off
NF4_VALUES = (
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
    -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
    0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
)
# fmt: on
"""The sixteen values of NF4, exact in float32. Source: arXiv:2305.14314; bitsandbytes."""

_MIN_SCALE = 1e-38
"""Smallest divisor of a block: a block of zeros is not divided by zero."""
_GRID_STEPS = 65_535
"""Steps of −1…1 in the CPU kernel's table of codes."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class QuantizedConstants:
    """The blocks' scales after double quantisation: absmax = map[codes] · scales + offset."""

    codes: Tensor
    """(blocks,) uint8, positions in `dynamic_map`."""
    scales: Tensor
    """(⌈blocks / 256⌉,) float32."""
    offset: Tensor
    """() float32: the mean of the scales before they were quantised."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Quantized:
    """A matrix in NF4."""

    codes: Tensor
    """(out · in,) uint8, row by row; each a position in `NF4_VALUES`, 0…15."""
    absmax: Tensor
    """(⌈out · in / block⌉,) float32: the factor of each block."""
    shape: tuple[int, int]
    """(out, in)"""
    block: int
    """Weights that share one scale; the last block may hold fewer."""
    constants: QuantizedConstants | None
    """The scales as stored after double quantisation; None without it."""

    @property
    def bits_per_weight(self) -> float:
        """Bits stored per weight, scales included; 4.5 for large matrices, 4.127 if double."""
        count = self.codes.numel()
        return nf4_bits(count, self.block, double=self.constants is not None) / count


def quantize(
    weight: Tensor | NDArray[np.float32], block: int = 64, double: bool = False
) -> Quantized:
    """Quantise a matrix to NF4, bit for bit as bitsandbytes 0.50 does on a CPU.

    Args: weight: (out, in) float32, finite, at least two values.  block: weights per scale, ≥ 1.
    double: quantise the scales as well, to 8 bits in blocks of 256.
    Returns: its codes and scales.
    Raises: ValueError: another type or shape, a value that is not finite, a block below 1.
    Source: arXiv:2305.14314 §3 (the paper has the scales in FP8; bitsandbytes uses a dynamic map).
    """
    matrix = _validate(weight)
    if isinstance(block, bool) or not isinstance(block, int) or block < 1:
        raise ValueError(f"block: {block!r} is not allowed; it must be a whole number from 1 up")
    flat = matrix.reshape(-1)  # (out · in,)
    scaled, absmax = _normalise_blocks(flat, block)
    table = torch.tensor(NF4_VALUES)
    midpoints = (table[:-1] + table[1:]) / 2  # (15,)
    codes = torch.bucketize(scaled, midpoints).to(torch.uint8)  # a midpoint itself goes down
    constants = _quantize_constants(absmax) if double else None
    if constants is not None:
        absmax = _dequantize_constants(constants)
    out, inputs = matrix.shape
    return Quantized(codes, absmax, (out, inputs), block, constants)


def dequantize(quantized: Quantized) -> Tensor:
    """Return (out, in) float32: value of the code · absmax. Args: quantized: from `quantize`."""
    values = torch.tensor(NF4_VALUES)[quantized.codes.int()]  # (out · in,)
    return (values * _repeat_per_block(quantized.absmax, quantized.block, len(values))).reshape(
        quantized.shape
    )


@functools.cache
def dynamic_map() -> Tensor:
    """Return (256,) float32, ascending: seven decades, each with twice the values of the one below.

    The negative end is −0.993, the other 1.

    Source: arXiv:1511.04561, as bitsandbytes has it.
    """
    positive: list[float] = []
    for decade in range(7):
        edges = torch.linspace(0.1, 1, 2**decade + 1)
        positive += (10 ** (decade - 6) * ((edges[:-1] + edges[1:]) / 2)).tolist()
    return torch.tensor(sorted([*positive, *(-value for value in positive), 0.0, 1.0]))


def _validate(weight: Tensor | NDArray[np.float32]) -> Tensor:
    """Return the weight as a tensor. Raises: ValueError: it cannot be quantised."""
    if isinstance(weight, np.ndarray):
        if weight.dtype != np.float32:
            raise ValueError(f"weight: {weight.dtype} is not allowed; it must be float32")
        weight = torch.from_numpy(np.ascontiguousarray(weight))
    if not isinstance(weight, Tensor):
        kind = type(weight).__name__
        raise ValueError(f"weight: {kind} is not allowed; it must be a torch or numpy matrix")
    if weight.dtype != torch.float32:
        raise ValueError(f"weight: {weight.dtype} is not allowed; it must be float32")
    if weight.ndim != 2 or weight.numel() < 2:
        shape = tuple(weight.shape)
        raise ValueError(
            f"weight: shape {shape} is not allowed; it must be (out, in) with at least two values"
        )
    if not torch.isfinite(weight).all():
        raise ValueError("weight: NaN and infinity are not allowed; every value must be finite")
    return weight.detach()


def _normalise_blocks(flat: Tensor, block: int) -> tuple[Tensor, Tensor]:
    """Return values in −1…1, (n,), and scales, (blocks,): each block's largest magnitude."""
    full = len(flat) // block * block
    blocks = flat[:full].reshape(-1, block)
    absmax = blocks.abs().amax(1) if full else flat.new_empty(0)  # (full blocks,)
    # bitsandbytes multiplies whole blocks by the reciprocal and divides the last, partial one:
    # the last bit of a value near a midpoint depends on it, and so does its code.
    scaled = (blocks * (1.0 / absmax.clamp(min=_MIN_SCALE))[:, None]).reshape(-1)
    if full < len(flat):
        last = flat[full:].abs().amax().clamp(min=_MIN_SCALE)
        scaled = torch.cat([scaled, flat[full:] / last])
        absmax = torch.cat([absmax, last[None]])
    return scaled.clamp(-1, 1), absmax


def _quantize_constants(absmax: Tensor) -> QuantizedConstants:
    """Quantise the blocks' scales, (blocks,), to 8 bits."""
    offset = absmax.mean()
    if not torch.isfinite(offset):
        raise ValueError("weight: its scales add up to infinity; its values must be smaller")
    centred = absmax - offset  # (blocks,)
    padding = -len(centred) % CONSTANTS_BLOCK
    padded = torch.nn.functional.pad(centred, (0, padding)).reshape(-1, CONSTANTS_BLOCK)
    scales = padded.abs().amax(1)  # (⌈blocks / 256⌉,)
    scaled = centred / _repeat_per_block(scales, CONSTANTS_BLOCK, len(centred))
    # The CPU kernel looks the code up in a table over 65,536 equal steps of −1…1; the nearest
    # code would differ for one scale in some hundreds.
    step = torch.floor((scaled + 1) * 0.5 * _GRID_STEPS + 0.5)  # NaN where all scales are equal
    codes = _nearest_codes()[step.nan_to_num(0).long()]
    return QuantizedConstants(codes, scales, offset)


@functools.cache
def _nearest_codes() -> Tensor:
    """Return (65,536,) uint8: the nearest code of `dynamic_map` at every step of −1…1."""
    codes = dynamic_map()
    grid = (torch.arange(_GRID_STEPS + 1, dtype=torch.float64) / _GRID_STEPS * 2 - 1).float()
    return torch.bucketize(grid, (codes[:-1] + codes[1:]) / 2).to(torch.uint8)


def _dequantize_constants(constants: QuantizedConstants) -> Tensor:
    """Return the blocks' scales, (blocks,)."""
    values = dynamic_map()[constants.codes.int()]  # (blocks,)
    return (
        values * _repeat_per_block(constants.scales, CONSTANTS_BLOCK, len(values))
        + constants.offset
    )


def _repeat_per_block(scales: Tensor, block: int, count: int) -> Tensor:
    """Return (count,): each block's scale, once for every value in it."""
    return scales.repeat_interleave(block)[:count]
