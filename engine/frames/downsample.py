"""Downsampling of large layers: the part that is shown, each number standing for a block."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.model.delta_chunks import compute_delta_and_updated, has_zero_delta, iter_chunks
from engine.model.layer import Layer, matrix_of
from engine.protocol.frames import MAX_WHOLE_SIDE
from engine.protocol.messages import Array, Matrix, PartRequest, VisiblePart


def blocks(matrix: Tensor, down: int, across: int) -> Tensor:
    """Reduce a matrix block by block to the number of the largest magnitude, with its sign.

    Args: matrix: (rows, columns).  down: rows of a block, fewer at the last edge.  across: its
    columns.
    Returns: (⌈rows / down⌉, ⌈columns / across⌉); the positive one of two alike; NaN where one
    number of the block is NaN.
    """
    if down == across == 1:
        return matrix
    # Down first, where memory lies in a row: what is left is `down` times smaller.
    stacked = _padded(matrix, rows=-matrix.shape[0] % down).reshape(-1, down, matrix.shape[1])
    high, low = (
        _padded(reduced, columns=-matrix.shape[1] % across).numpy()
        for reduced in (stacked.amax(1), stacked.amin(1))
    )
    high = functools.reduce(np.maximum, (high[:, i::across] for i in range(across)))
    low = functools.reduce(np.minimum, (low[:, i::across] for i in range(across)))
    return torch.from_numpy(np.where(high >= -low, high, low))


def _padded(matrix: Tensor, *, rows: int = 0, columns: int = 0) -> Tensor:
    """Repeat a matrix's last row and last column, which changes no block's largest number."""
    if not rows and not columns:
        return matrix
    return functional.pad(matrix[None], (0, columns, 0, rows), "replicate")[0]


def part_of(shape: tuple[int, int], view: PartRequest | None) -> VisiblePart:
    """Return the part that is shown. Args: shape: (out, in).  view: outside or None: the whole."""
    out, inputs = shape
    if view is not None:
        top, left = max(0, view.top), max(0, view.left)
        rows = min(out, view.top + view.rows) - top
        columns = min(inputs, view.left + view.columns) - left
        if rows > 0 and columns > 0:
            stride = -(-max(rows, columns) // max(1, view.pixels))
            return VisiblePart(shape, top, left, rows, columns, stride)
    return VisiblePart(shape, 0, 0, out, inputs, -(-max(shape) // MAX_WHOLE_SIDE))


@dataclass(frozen=True, slots=True)
class LayerPicture:
    """A layer's matrices as they are shown."""

    part: VisiblePart | None
    """None: the whole layer, cell by cell."""
    weight: Array
    delta: Array
    updated: Array
    factors: tuple[Matrix[Array], ...]


class Downsampler:
    """Downsamples the large layers of one run, the matrices that never change only once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[VisiblePart, Array]] = {}

    @torch.no_grad()
    def make(
        self,
        name: str,
        layer: Layer,
        factors: Iterable[Matrix[Tensor]],
        views: Mapping[str, PartRequest],
    ) -> LayerPicture:
        """Downsample a layer's matrices.

        Args: name: of the layer.  layer: itself.  factors: matrices beside ΔW.
        views: layer name -> the part that is shown; of others, the whole.
        """
        part = part_of(layer.shape, views.get(name))
        weight = self._once(
            name, "weight", part, lambda: _reduced(layer.original, part, (True, True))
        )
        if has_zero_delta(layer):
            delta, updated = self._once(name, "zero", part, lambda: np.zeros_like(weight)), weight
        else:
            delta, updated = _of_change(layer, part)
        return LayerPicture(
            part,
            weight,
            delta,
            updated,
            tuple(Matrix(factor.info, self._of_factor(name, factor, part)) for factor in factors),
        )

    def _of_factor(self, name: str, factor: Matrix[Tensor], part: VisiblePart) -> Array:
        values, shared = factor.values, factor.info.shared
        if factor.info.constant:
            return self._once(name, factor.name, part, lambda: _reduced(values, part, shared))
        return _reduced(values, part, shared)

    def _once(self, name: str, key: str, part: VisiblePart, make: Callable[[], Array]) -> Array:
        """Return the very object that was made of this part before, or make it."""
        kept = self._kept.get((name, key))
        if kept is None or kept[0] != part:
            kept = self._kept[name, key] = part, make()
        return kept[1]


def _reduced(tensor: Tensor, part: VisiblePart, shared: tuple[bool, bool]) -> Array:
    """The part of a matrix, reduced along the sides that it shares with W."""
    down = across = 1
    if shared[0]:
        tensor, down = tensor[part.top : part.top + part.rows], part.stride
    if shared[1]:
        tensor, across = tensor[:, part.left : part.left + part.columns], part.stride
    rows = iter_chunks(0, len(tensor), tensor.shape[1], down)
    return matrix_of(torch.cat([blocks(tensor[some], down, across) for some in rows]))


def _of_change(layer: Layer, part: VisiblePart) -> tuple[Array, Array]:
    """The part of ΔW and of W′; only the rows that it shows are computed."""
    columns = slice(part.left, part.left + part.columns)
    pictures: tuple[list[Tensor], list[Tensor]] = [], []
    for rows in iter_chunks(part.top, part.top + part.rows, layer.shape[1], part.stride):
        for reduced, matrix in zip(pictures, compute_delta_and_updated(layer, rows), strict=True):
            reduced.append(blocks(matrix[:, columns], part.stride, part.stride))
    return matrix_of(torch.cat(pictures[0])), matrix_of(torch.cat(pictures[1]))
