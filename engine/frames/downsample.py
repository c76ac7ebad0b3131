"""Pictures of large layers: the part that a window shows, each number standing for a block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.model.arrays import matrix_of
from engine.model.delta_chunks import compute_delta_and_updated, has_zero_delta, iter_chunks
from engine.model.layer import Layer
from engine.protocol.frames import MAX_WHOLE_SIDE
from engine.protocol.messages import Matrix, ViewRequest, VisiblePart

BY_ROWS = frozenset({
    "lora_B", "vera_b", "vera_B", "ia3_l", "magnitude", "delta_b", "running_mean", "running_var",
})  # fmt: skip
"""Factors whose rows are W's."""
BY_COLUMNS = frozenset({"lora_A", "vera_A", "prompt"})
BY_BOTH = frozenset({"weight", "codes", "rounding_error", "gradient", "truncated"})
CONSTANT = frozenset({"weight", "codes", "rounding_error"})
"""What no step changes."""


def blocks(matrix: Tensor, down: int, across: int) -> Tensor:
    """A matrix by blocks of `down` × `across` cells, fewer at its last edges.

    Returns: (⌈rows / down⌉, ⌈columns / across⌉): the number of the largest magnitude with its
    sign, the positive one of two alike; NaN where one of the block is NaN.
    """
    if down == across == 1:
        return matrix
    # What repeats the last row or column changes no block's largest number.
    more = (0, -matrix.shape[1] % across, 0, -matrix.shape[0] % down)
    if any(more):
        matrix = functional.pad(matrix[None], more, "replicate")[0]
    rows, columns = matrix.shape
    # Down first, where memory lies in a row: what is left is `down` times smaller.
    stacked = matrix.reshape(rows // down, down, columns)
    high, low = stacked.amax(1), stacked.amin(1)
    sides = rows // down, columns // across, across
    high, low = high.reshape(sides).amax(2), low.reshape(sides).amin(2)
    return torch.where(high >= -low, high, low)


def part_of(shape: tuple[int, int], view: ViewRequest | None) -> VisiblePart:
    """What of a layer a view shows; the whole where there is no view, or nothing in it."""
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
    """A layer's matrices as a window shows them."""

    part: VisiblePart | None
    """None: the whole layer, cell by cell."""
    weight: Matrix
    delta: Matrix
    updated: Matrix
    factors: tuple[tuple[str, Matrix], ...]


class Downsampler:
    """Makes the pictures of one run's large layers; those of what never changes are kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[VisiblePart, Matrix]] = {}

    def forget(self) -> None:
        """Another run, with another W."""
        self._kept.clear()

    @torch.no_grad()
    def make(
        self,
        name: str,
        layer: Layer,
        factors: Iterable[tuple[str, Tensor]],
        views: Mapping[str, ViewRequest],
    ) -> LayerPicture:
        """A layer's picture. Args: views: layer name -> what is shown of it; else the whole."""
        part = part_of(layer.shape, views.get(name))
        weight = self._of_tensor(name, "weight", layer.original, part)
        if has_zero_delta(layer):
            delta, updated = self._once(name, "zero", part, lambda: np.zeros_like(weight)), weight
        else:
            delta, updated = _of_change(layer, part)
        return LayerPicture(
            part,
            weight,
            delta,
            updated,
            tuple((key, self._of_tensor(name, key, value, part)) for key, value in factors),
        )

    def _of_tensor(self, name: str, key: str, tensor: Tensor, part: VisiblePart) -> Matrix:
        if key in CONSTANT:
            return self._once(name, key, part, lambda: _reduced(key, tensor, part))
        return _reduced(key, tensor, part)

    def _once(self, name: str, key: str, part: VisiblePart, make: Callable[[], Matrix]) -> Matrix:
        """What was made of this part already, the very object; else what is made now."""
        kept = self._kept.get((name, key))
        if kept is None or kept[0] != part:
            kept = self._kept[name, key] = part, make()
        return kept[1]


def _reduced(key: str, tensor: Tensor, part: VisiblePart) -> Matrix:
    """What of a matrix belongs to a part, reduced along the sides that it shares with W."""
    down = across = 1
    if key in BY_ROWS | BY_BOTH:
        tensor, down = tensor[part.top : part.top + part.rows], part.stride
    if key in BY_COLUMNS | BY_BOTH:
        tensor, across = tensor[:, part.left : part.left + part.columns], part.stride
    rows = iter_chunks(0, len(tensor), tensor.shape[1], down)
    return matrix_of(torch.cat([blocks(tensor[some], down, across) for some in rows]))


def _of_change(layer: Layer, part: VisiblePart) -> tuple[Matrix, Matrix]:
    """The part's pictures of ΔW and of W′; only the rows that it shows are worked out."""
    columns = slice(part.left, part.left + part.columns)
    pictures: tuple[list[Tensor], list[Tensor]] = [], []
    for rows in iter_chunks(part.top, part.top + part.rows, layer.shape[1], part.stride):
        for found, matrix in zip(pictures, compute_delta_and_updated(layer, rows), strict=True):
            found.append(blocks(matrix[:, columns], part.stride, part.stride))
    return matrix_of(torch.cat(pictures[0])), matrix_of(torch.cat(pictures[1]))
