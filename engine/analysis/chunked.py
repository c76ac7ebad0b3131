"""What is said of a layer as a whole, read strip by strip: no second matrix as large as W is made.

Of a layer that is not large they are what torch says of its whole matrices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.analysis.spectrum import EXACT_SIDE, LEADING, OVERSAMPLING, PASSES, singular_values
from engine.model.layer import Layer

CELLS = 1 << 18
"""Of one strip: what is done with it finds it in the processor's cache."""


def strips(layer: Layer) -> Iterator[slice]:
    """All rows of a layer, some at a time."""
    out, inputs = layer.shape
    return pieces(0, out, inputs)


def pieces(first: int, last: int, columns: int, multiple: int = 1) -> Iterator[slice]:
    """The rows from `first` up to `last`, some at a time, a multiple of so many."""
    rows = max(1, CELLS // (columns * multiple)) * multiple
    return (slice(at, min(at + rows, last)) for at in range(first, last, rows))


def moved(layer: Layer, rows: slice) -> tuple[Tensor, Tensor]:
    """Some rows of ΔW and W′, each (rows, in), as `Layer.delta` and `Layer.updated` have them."""
    weight = layer.weight[rows]
    if layer.update is None:
        return weight - layer.original[rows], weight
    added = layer.update.delta(weight, rows)
    delta = added if layer.is_tied else (weight - layer.original[rows]) + added
    return delta, weight + added


def is_still(layer: Layer) -> bool:
    """Whether ΔW is zero because nothing was ever let loose."""
    return layer.is_tied and layer.update is None


@torch.no_grad()
def delta_norm(layer: Layer) -> float:
    """‖ΔW‖, Frobenius."""
    if not layer.is_large:
        return float(layer.delta().norm())
    if is_still(layer):
        return 0.0
    thin = _thin_values(layer)
    norms = (float(moved(layer, rows)[0].norm()) for rows in strips(layer))
    return _length(norms if thin is None else thin.tolist())


def _length(values: Iterator[float] | list[float]) -> float:
    """√Σ v²; NaN where one is NaN."""
    return math.sqrt(math.fsum(value * value for value in values))


@torch.no_grad()
def largest_delta(layer: Layer) -> float:
    """max |ΔW|; NaN where one is NaN."""
    if not layer.is_large:
        return float(layer.delta().abs().max())
    if is_still(layer):
        return 0.0
    return float(torch.stack([moved(layer, rows)[0].abs().max() for rows in strips(layer)]).max())


@torch.no_grad()
def has_finite_delta(layer: Layer) -> bool:
    """Whether every number of ΔW is finite."""
    return math.isfinite(largest_delta(layer))


@torch.no_grad()
def sum_error(layer: Layer) -> tuple[float, float] | None:
    """By how much W′ differs from W + ΔW at most, and the largest number of W and of ΔW.

    Returns: None where W + ΔW is not finite.
    """
    if is_still(layer):
        size = layer.weight_norm()
        return (0.0, size) if math.isfinite(size) else None
    off, largest = [], []
    for rows in strips(layer):
        original = layer.original[rows]
        delta, updated = moved(layer, rows)
        total = original + delta
        off.append(total.sub(updated).abs_().max())
        largest.append(torch.maximum(original.abs().max(), delta.abs().max()))
        if not total.isfinite().all():
            return None
    return float(torch.stack(off).max()), float(torch.stack(largest).max())


@torch.no_grad()
def merged_outputs(layer: Layer, inputs: Tensor) -> Tensor:
    """(n, in) -> (n, out): x W′ᵀ + b′, with W′ made."""
    parts = [functional.linear(inputs, moved(layer, rows)[1]) for rows in strips(layer)]
    bias, outputs = layer.updated_bias(), torch.cat(parts, 1)
    return outputs if bias is None else outputs + bias


@torch.no_grad()
def change_outputs(layer: Layer, inputs: Tensor) -> Tensor:
    """(n, in) -> (n, out): x ΔWᵀ."""
    parts = [functional.linear(inputs, moved(layer, rows)[0]) for rows in strips(layer)]
    return torch.cat(parts, 1)


# ---------------------------------------------------------------- singular values


@torch.no_grad()
def spectrum(layer: Layer) -> NDArray[np.float32]:
    """Singular values of ΔW, falling; NaN where ΔW is not finite.

    Returns: (min(out, in),) up to `EXACT_SIDE`; beyond that, exactly those of B A where ΔW is
    such a product, else the `LEADING` largest, by randomised subspace iteration.
    """
    if min(layer.shape) <= EXACT_SIDE:
        return singular_values(layer.delta()).numpy()
    if is_still(layer):
        return np.zeros(LEADING, np.float32)
    thin = _thin_values(layer)
    return (_leading_values(layer) if thin is None else thin).numpy()


def _thin_values(layer: Layer) -> Tensor | None:
    """(r,): all singular values of ΔW that are not zero; None where it is not known as B A."""
    factors = None if layer.update is None else layer.update.low_rank_factors()
    if factors is None or not layer.is_tied:
        return None
    b, a = factors  # (out, r) and (r, in)
    if not (b.isfinite().all() and a.isfinite().all()):
        return torch.full((b.shape[1],), torch.nan)
    return singular_values(torch.linalg.qr(b).R @ torch.linalg.qr(a.T).R.T)


def _leading_values(layer: Layer) -> Tensor:
    """(LEADING,) of ΔW. Source: arXiv:0909.4061, algorithms 4.4 and 5.1."""
    if not has_finite_delta(layer):
        return torch.full((LEADING,), torch.nan)
    width = min(LEADING + OVERSAMPLING, *layer.shape)
    start = torch.Generator().manual_seed(0)  # the same answer for the same ΔW
    right = torch.empty(layer.shape[1], width).normal_(generator=start)  # (in, k)
    for _ in range(PASSES):
        left = torch.linalg.qr(change_outputs(layer, right.T).T).Q  # (out, k)
        right = _from_the_left(layer, left)
        right, small = torch.linalg.qr(right)
    return singular_values(small)[:LEADING]


def _from_the_left(layer: Layer, left: Tensor) -> Tensor:
    """(in, k): ΔWᵀ · left, for (out, k)."""
    total = torch.zeros(layer.shape[1], left.shape[1])
    for rows in strips(layer):
        total.addmm_(moved(layer, rows)[0].T, left[rows])
    return total
