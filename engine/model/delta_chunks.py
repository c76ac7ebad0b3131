"""Rows of ΔW and W′ in chunks, so that no second matrix as large as W is made."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.model.layer import Layer

CHUNK_CELLS = 1 << 18
"""Cells of one chunk: it stays in the processor's cache."""


def iter_chunks(first: int, last: int, columns: int, multiple: int = 1) -> Iterator[slice]:
    """Iterate over rows in chunks of about `CHUNK_CELLS` cells.

    Args: first, last: range of the rows, `last` excluded.  columns: of the matrix.  multiple: a
    chunk has a multiple of this many rows, except the last one.
    """
    rows = max(1, CHUNK_CELLS // (columns * multiple)) * multiple
    return (slice(start, min(start + rows, last)) for start in range(first, last, rows))


def compute_delta_and_updated(layer: Layer, rows: slice) -> tuple[Tensor, Tensor]:
    """Return some rows of ΔW and of W′, equal to those of `Layer.delta` and `Layer.updated`.

    Args: layer: of any size.  rows: to compute.
    Returns: ΔW and W′, each (rows, in).
    """
    weight = layer.weight[rows]
    if layer.update is None:
        return weight - layer.original[rows], weight
    update_delta = layer.update.delta(weight, rows)
    delta = update_delta if layer.is_tied else (weight - layer.original[rows]) + update_delta
    return delta, weight + update_delta


def iter_changes(layer: Layer) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Iterate over some rows of ΔW and of W′ at a time. Args: layer: of any size."""
    for rows in iter_chunks(0, *layer.shape):
        yield rows, *compute_delta_and_updated(layer, rows)


def has_zero_delta(layer: Layer) -> bool:
    """Return whether ΔW is zero: W is tied, without update. Args: layer: of any size."""
    return layer.is_tied and layer.update is None


@torch.no_grad()
def max_abs_delta(layer: Layer) -> float:
    """Return max |ΔW|; NaN where a number is NaN. Args: layer: of any size."""
    if has_zero_delta(layer):
        return 0.0
    return float(torch.stack([delta.abs().max() for _, delta, _ in iter_changes(layer)]).max())
