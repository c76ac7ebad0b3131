"""Colour scales of the matrices: that of W stays for a run, the others change in steps.

A scale is the magnitude that is drawn in full colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.protocol.messages import Array, LayerFrame, MatrixInfo

WEIGHT = "weight"
"""Name of the scale that W and W′ of all layers share."""
DELTA = "delta"
"""Name of the scale that ΔW of all layers shares, so that layers can be compared."""

ROBUST_FRACTION = 0.995
"""Fraction of all cells within the scale; the few beyond are drawn in its end colour."""
MAX_SAMPLED_VALUES = 16384
"""Numbers of all matrices of a kind from which the maximum is estimated, at most."""
MAX_SIZE_RATIO = 10
"""A large layer that many times smaller than the largest, such as a head, does not set the scale:
its few weights are larger by far, as each sums up fewer inputs or learns faster.
"""
SHRINK_RATIO = 1.5
"""While it trains a scale shrinks once even so many times the maximum would have a smaller one."""
STEP_TOLERANCE = 0.25
"""Powers of two that a maximum may be above its scale: a few more cells are then drawn in the end
colour, and all others stronger.
"""
CLIPPED_FRACTION = 0.02
"""Fraction of the cells of W′ beyond the scale of W from which on that is said."""


def robust_maximum(
    matrices: Iterable[Array],
    cells: Sequence[int] | None = None,
    fraction: float = ROBUST_FRACTION,
    max_samples: int = MAX_SAMPLED_VALUES,
) -> float:
    """Return a high percentile of all magnitudes, so that outliers do not wash out the picture.

    Cells that are not finite are left out. Where so few cells differ from zero that the percentile
    is zero, the plain maximum; 0.0 where all are zero or there are none. Of many numbers some
    thousands are sampled, evenly.
    Args: matrices: of any shapes, float32.  cells: how many cells each matrix counts for, where its
    numbers stand for blocks of cells; None: as many as it has numbers.  fraction: of the numbers
    that lie within the maximum, 0…1.  max_samples: numbers to look at.
    """
    flat = [matrix.reshape(-1) for matrix in matrices]
    cells = [each.size for each in flat] if cells is None else cells
    share = max_samples / max(sum(cells), 1)
    sizes = _finite_magnitudes(
        [_subsample(each, share * n) for each, n in zip(flat, cells, strict=True)]
    )
    if sizes.size:
        rank = math.ceil(fraction * sizes.size) - 1
        robust = float(np.partition(sizes, rank)[rank])
        if robust > 0.0:
            return robust
    return float(_finite_magnitudes(flat).max(initial=0.0))


def _subsample(numbers: Array, count: float) -> Array:
    """Return about so many of the numbers, evenly spaced; all where there are no more."""
    step = int(numbers.size / max(count, 1.0))
    # An odd step walks through all columns of a picture of even width.
    return numbers if step <= 1 else numbers[:: step | 1]


def _finite_magnitudes(numbers: Sequence[Array]) -> Array:
    sizes = np.abs(np.concatenate(numbers)) if numbers else np.zeros(0, np.float32)
    finite = np.isfinite(sizes)
    return sizes if finite.all() else sizes[finite]


class ColourScales:
    """One scale for each kind of matrix: W with W′, ΔW, and each kind of factor.

    That of W is set once in a run. All others are that of W times a power of two, so that they
    change in steps: with the same numbers of a step they are always the same, except that while
    it trains they shrink late, so that the colours do not flicker. 0.0 means that only zeros have
    been seen.
    """

    def __init__(self) -> None:
        self.clipped = False
        """Whether many cells of W′ are beyond the scale of W."""
        self._values: dict[str, float] = {}

    def __getitem__(self, kind: str) -> float:
        return self._values.get(kind, 0.0)

    def of(self, info: MatrixInfo) -> float:
        """Return the scale, as a distance from the matrix's centre. Args: info: its description."""
        return self[info.scale or info.name] if info.full_colour is None else info.full_colour

    @property
    def delta_magnification(self) -> float | None:
        """Ratio by which ΔW is drawn stronger than W; None while either is all zero."""
        weight, delta = self[WEIGHT], self[DELTA]
        return weight / delta if weight > 0.0 and delta > 0.0 else None

    def update(self, maxima: Mapping[str, float], *, training: bool = False) -> None:
        """Adapt to the maxima of the newest frame.

        Args: maxima: kind -> robust maximum; that of W is taken only as the first of a run.
        training: whether it is the next frame of a run that trains.
        """
        if WEIGHT in maxima:
            self._values.setdefault(WEIGHT, maxima[WEIGHT])
        unit = self[WEIGHT] or 1.0
        for kind, maximum in maxima.items():
            if kind == WEIGHT:
                continue
            new, old = _step_for(maximum, unit), self[kind]
            if training and new < old <= _step_for(SHRINK_RATIO * maximum, unit):
                continue
            self._values[kind] = new

    def reset(self) -> None:
        """Forget the scales of the last run."""
        self._values.clear()


def _step_for(maximum: float, unit: float) -> float:
    """Return that of … ¼, ½, 1, 2, 4 … units which suits a maximum; 0 for 0."""
    if maximum <= 0.0:
        return 0.0
    return unit * 2.0 ** math.ceil(math.log2(maximum / unit) - STEP_TOLERANCE)


def robust_maxima(
    layers: Iterable[LayerFrame], unpaired: Iterable[LayerFrame] = (), *, weight: bool = True
) -> dict[str, float]:
    """Return the robust maximum of each kind of matrix.

    Args: layers: those drawn as W + ΔW = W′.  unpaired: those of which only W′ is drawn (an
    adapter's down and up), each part a kind of its own.  weight: whether that of W is wanted.
    """
    groups: dict[str, list[tuple[Array, int]]] = {DELTA: []}
    if weight:
        groups[WEIGHT] = []
    layers = tuple(layers)
    largest = max((math.prod(layer.shape) for layer in layers), default=0)
    for layer in layers:
        cells = _cell_count(layer.delta, layer, (True, True))
        decides = layer.part is None or math.prod(layer.shape) * MAX_SIZE_RATIO >= largest
        if decides and weight:
            groups[WEIGHT].append((layer.weight, cells))
        if decides and layer.delta_norm != 0.0:
            groups[DELTA].append((layer.delta, cells))
        for factor in layer.factors:
            info, values = factor.info, factor.values
            if info.full_colour is None:
                moved = values - np.float32(info.centre) if info.centre else values
                count = _cell_count(values, layer, info.shared)
                groups.setdefault(info.scale or info.name, []).append((moved, count))
    for layer in unpaired:
        cells = _cell_count(layer.updated, layer, (True, True))
        groups.setdefault(adapter_part(layer.name), []).append((layer.updated, cells))
    return {
        kind: robust_maximum([matrix for matrix, _ in group], [cells for _, cells in group])
        for kind, group in groups.items()
    }


def _cell_count(matrix: Array, layer: LayerFrame, sides: tuple[bool, bool]) -> int:
    """Return how many cells a matrix's numbers stand for, given the sides that it shares with W."""
    stride = 1 if layer.part is None else layer.part.stride
    return int(matrix.size * stride ** sum(sides))


def is_clipped(layers: Iterable[LayerFrame], scale: float) -> bool:
    """Return whether many cells of W′ are beyond a scale. Args: layers: of a frame.  scale: ≥ 0."""
    changed = [layer.updated.reshape(-1) for layer in layers if layer.delta_norm != 0.0]
    share = MAX_SAMPLED_VALUES / max(sum(values.size for values in changed), 1)
    sampled = [_subsample(values, share * values.size) for values in changed]
    beyond = sum(int(np.count_nonzero(np.abs(values) > scale)) for values in sampled)
    return beyond > CLIPPED_FRACTION * sum(values.size for values in sampled)


def adapter_part(layer: str) -> str:
    """Return the scale's kind, `down` for `adapter1.down`. Args: layer: of an adapter."""
    return layer.partition(".")[2] or layer
