"""Colour scales of the matrices: they grow at once and shrink slowly.

A scale is the magnitude that is drawn in full colour.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

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
SHRINK_SECONDS = 1.0
"""Time constant of shrinking."""
MAX_SHRINK_RATIO = 10.0
"""A scale that many times above the maximum is dropped at once: nothing would be visible."""
MIN_VISIBLE_CHANGE = 1 / 256
"""Relative change of a scale below which no colour is looked up again: it would not be visible."""
FAST_SHRINK_SECONDS = 0.25
"""Time constant of kinds that change fast in a run; while it is paused they shrink at once."""
FAST_ROLES = ("gradient", "activation", "step")
"""Roles of matrices that change fast."""


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

    0.0 means that only zeros have been seen.
    """

    def __init__(self) -> None:
        self.pinned = False
        self._values: dict[str, float] = {}
        self._exact: dict[str, float] = {}
        """The scales without the threshold `MIN_VISIBLE_CHANGE`."""

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

    def update(
        self,
        maxima: Mapping[str, float],
        seconds: float,
        *,
        paused: bool = False,
        fast: Collection[str] = (),
    ) -> None:
        """Adapt to the maxima of the newest frame.

        Growth is taken at once, so that no cell is drawn weaker than it is. Shrinking approaches
        the new maximum, so that the colours do not flicker; from beyond `MAX_SHRINK_RATIO` it is
        immediate, as when a run that diverged is rewound.
        Args: maxima: kind -> robust maximum.  seconds: since the previous frame.  paused: nothing
        trains, so nothing can flicker.  fast: kinds that change fast.
        """
        for kind, maximum in maxima.items():
            old = self[kind]
            if self.pinned and old > 0.0:
                continue
            is_fast = kind in fast
            decay = math.exp(
                -max(seconds, 0.0) / (FAST_SHRINK_SECONDS if is_fast else SHRINK_SECONDS)
            )
            if (paused and is_fast) or 0.0 < MAX_SHRINK_RATIO * maximum < old:
                decay = 0.0
            slow = maximum + (self._exact.get(kind, old) - maximum) * decay
            self._exact[kind] = exact = max(maximum, slow)
            if abs(exact - old) > MIN_VISIBLE_CHANGE * old:
                self._values[kind] = exact

    def reset(self) -> None:
        """Forget the scales of the last run, unless the user pinned them."""
        if not self.pinned:
            self._values.clear()
            self._exact.clear()


def robust_maxima(
    layers: Iterable[LayerFrame], unpaired: Iterable[LayerFrame] = ()
) -> dict[str, float]:
    """Return the robust maximum of each kind of matrix.

    Args: layers: those drawn as W + ΔW = W′.  unpaired: those of which only W′ is drawn (an
    adapter's down and up), each part a kind of its own.
    """
    groups: dict[str, list[tuple[Array, int]]] = {WEIGHT: [], DELTA: []}
    layers = tuple(layers)
    largest = max((math.prod(layer.shape) for layer in layers), default=0)
    for layer in layers:
        cells = _cell_count(layer.weight, layer, (True, True))
        decides = layer.part is None or math.prod(layer.shape) * MAX_SIZE_RATIO >= largest
        if decides:
            groups[WEIGHT].append((layer.weight, cells))
        if decides and layer.delta_norm != 0.0:
            # Where ΔW is zero W′ is W, and counting both would only cost time.
            groups[WEIGHT].append((layer.updated, cells))
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


def fast_kinds(layers: Iterable[LayerFrame]) -> frozenset[str]:
    """Return the names of the matrices that change fast in a run. Args: layers: of a frame."""
    factors = (factor.info for layer in layers for factor in layer.factors)
    return frozenset(info.name for info in factors if info.role in FAST_ROLES)


def adapter_part(layer: str) -> str:
    """Return the scale's kind, `down` for `adapter1.down`. Args: layer: of an adapter."""
    return layer.partition(".")[2] or layer
