"""Norms, outputs and singular values of ΔW in chunks of rows; a layer not large is one chunk."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.model.delta_chunks import has_zero_delta, iter_changes, max_abs_delta
from engine.model.layer import Layer
from engine.model.svd import MAX_EXACT_SIDE, OVERSAMPLING, POWER_ITERATIONS, singular_values

ENERGY_SHARE = 0.9
"""Share of the energy that `k90` counts directions for."""
LEADING_COUNT = 16
"""Number of singular values computed for a large matrix."""


@torch.no_grad()
def delta_norm(layer: Layer) -> float:
    """Return ‖ΔW‖, Frobenius. Args: layer: of any size."""
    if has_zero_delta(layer):
        return 0.0
    values = _low_rank_singular_values(layer)
    if values is not None:
        return _root_sum_square(values.tolist())
    return _root_sum_square(float(delta.norm()) for _, delta, _ in iter_changes(layer))


def relative_change(layer: Layer) -> float:
    """Return ‖ΔW‖ / ‖W‖; NaN where W is zero, as an adapter's up. Args: layer: of any size."""
    norm = layer.weight_norm()
    return delta_norm(layer) / norm if norm else math.nan


def _root_sum_square(values: Iterable[float]) -> float:
    """Return √Σ v²; NaN where one is NaN."""
    return math.sqrt(math.fsum(value * value for value in values))


@torch.no_grad()
def measure_sum_error(layer: Layer) -> tuple[float, float] | None:
    """Return max |W′ − (W + ΔW)| and max |W|, |ΔW|; None: not finite. Args: layer: of any size."""
    if has_zero_delta(layer):
        size = layer.weight_norm()
        return (0.0, size) if math.isfinite(size) else None
    errors, sizes = [], []
    for rows, delta, updated in iter_changes(layer):
        original = layer.original[rows]
        total = original + delta
        errors.append(total.sub(updated).abs_().max())
        sizes.append(torch.maximum(original.abs().max(), delta.abs().max()))
        if not total.isfinite().all():
            return None
    return float(torch.stack(errors).max()), float(torch.stack(sizes).max())


@torch.no_grad()
def compute_merged_outputs(layer: Layer, inputs: Tensor) -> Tensor:
    """Return x W′ᵀ + b′, (n, out), with W′ materialised. Args: layer: its own.  inputs: (n, in)."""
    parts = [functional.linear(inputs, updated) for _, _, updated in iter_changes(layer)]
    bias, outputs = layer.updated_bias(), torch.cat(parts, 1)
    return outputs if bias is None else outputs + bias


@torch.no_grad()
def compute_delta_outputs(layer: Layer, inputs: Tensor) -> Tensor:
    """Return x ΔWᵀ, (n, out). Args: layer: of any size. inputs: (n, in), x."""
    return torch.cat([functional.linear(inputs, delta) for _, delta, _ in iter_changes(layer)], 1)


# ---------------------------------------------------------------- singular values


@torch.no_grad()
def compute_spectrum(layer: Layer) -> NDArray[np.float32]:
    """Return the singular values of ΔW, descending; NaN where ΔW is not finite.

    Args: layer: of any size.
    Returns: (min(out, in),) up to `MAX_EXACT_SIDE`; beyond that, exactly those of B A where ΔW is
    such a product, else the `LEADING_COUNT` largest, by randomised subspace iteration.
    Source: arXiv:0909.4061, algorithms 4.4 and 5.1.
    """
    if min(layer.shape) <= MAX_EXACT_SIDE:
        return singular_values(layer.delta()).numpy()
    if has_zero_delta(layer):
        return np.zeros(LEADING_COUNT, np.float32)
    values = _low_rank_singular_values(layer)
    return (_randomised_singular_values(layer) if values is None else values).numpy()


def _low_rank_singular_values(layer: Layer) -> Tensor | None:
    """Return all nonzero singular values of ΔW, (r,); None where it is not known as B A."""
    factors = None if layer.update is None else layer.update.low_rank_factors()
    if factors is None or not layer.is_tied:
        return None
    b, a = factors  # (out, r) and (r, in)
    if not (b.isfinite().all() and a.isfinite().all()):
        return torch.full((b.shape[1],), torch.nan)
    return singular_values(torch.linalg.qr(b).R @ torch.linalg.qr(a.T).R.T)


def _randomised_singular_values(layer: Layer) -> Tensor:
    """Return (LEADING_COUNT,) of ΔW. Source: arXiv:0909.4061, algorithms 4.4 and 5.1."""
    if not math.isfinite(max_abs_delta(layer)):
        return torch.full((LEADING_COUNT,), torch.nan)
    width = min(LEADING_COUNT + OVERSAMPLING, *layer.shape)
    start = torch.Generator().manual_seed(0)  # the same answer for the same ΔW
    right = torch.empty(layer.shape[1], width).normal_(generator=start)  # (in, k)
    for _ in range(POWER_ITERATIONS):
        left = torch.linalg.qr(compute_delta_outputs(layer, right.T).T).Q  # (out, k)
        right = _multiply_delta_transposed(layer, left)
        right, small = torch.linalg.qr(right)
    return singular_values(small)[:LEADING_COUNT]


def _multiply_delta_transposed(layer: Layer, left: Tensor) -> Tensor:
    """Return ΔWᵀ · left, (in, k). Args: left: (out, k)."""
    total = torch.zeros(layer.shape[1], left.shape[1])
    for rows, delta, _ in iter_changes(layer):
        total.addmm_(delta.T, left[rows])
    return total


def k90(values: NDArray[np.float32], norm: float | None = None) -> int | None:
    """Return how many directions hold 90 % of the energy Σσ²; 0 for a matrix of zeros.

    Args: values: singular values, descending.  norm: √Σσ² where `values` are only the leading ones.
    Returns: None where the leading ones do not hold it.
    """
    energy = np.square(values, dtype=np.float64).cumsum()
    total = energy[-1] if norm is None else norm * norm
    if not total > 0:
        return 0
    too_few = int((energy < ENERGY_SHARE * total).sum())
    return too_few + 1 if too_few < len(values) else None
