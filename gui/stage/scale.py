"""How large a value is drawn in full colour: scales that grow at once and shrink slowly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.protocol.messages import LayerFrame, Matrix

WEIGHT = "weight"
"""The scale that W and W′ of all layers share."""
DELTA = "delta"
"""The scale that ΔW of all layers shares, so that layers can be compared."""

ROBUST = 0.995
"""This part of all cells is drawn within the scale; the few beyond take its end colour."""
SAMPLE = 2048
"""Numbers of one matrix that decide."""
SHRINK_SECONDS = 1.0
"""Time constant of shrinking."""
SEEN = 1 / 256
"""A change of a scale by less than this part is not seen: no colour is looked up anew for it."""
QUICK = {"gradient": 0.25}
"""Time constants of kinds that change fast in a run; in a still picture they shrink at once."""
AS_DELTA = frozenset({"rounding_error", "truncated"})
"""Factors in the colours of ΔW, to be compared with it."""
FIXED = {"codes": 1.0}
"""Scales that no frame changes."""
CENTRES = {"ia3_l": 1.0}
"""Values that change nothing, drawn in the colour of zero, where zero is not one."""


def robust_maximum(matrices: Iterable[Matrix]) -> float:
    """The 99.5th percentile of all |values|; a few outliers do not wash the picture out.

    Cells that are not finite are left out, and of a large picture most of those that are: the
    percentile of some thousands is as good. The plain maximum where so few cells differ from
    zero that the percentile is zero; 0.0 where all are zero or there are none.
    """
    matrices = tuple(matrices)
    sizes = _finite_sizes([_sampled(matrix) for matrix in matrices])
    if sizes.size:
        rank = math.ceil(ROBUST * sizes.size) - 1
        robust = float(np.partition(sizes, rank)[rank])
        if robust > 0.0:
            return robust
    return float(_finite_sizes([matrix.reshape(-1) for matrix in matrices]).max(initial=0.0))


def _finite_sizes(numbers: Sequence[Matrix]) -> Matrix:
    sizes = np.abs(np.concatenate(numbers)) if numbers else np.zeros(0, np.float32)
    finite = np.isfinite(sizes)
    return sizes if finite.all() else sizes[finite]


def _sampled(matrix: Matrix) -> Matrix:
    """All numbers in a row, or evenly chosen ones where there are many."""
    flat = matrix.reshape(-1)
    # An odd step walks through all columns of a picture of even width.
    return flat if flat.size <= SAMPLE else flat[:: (flat.size // SAMPLE) | 1]


class Scales:
    """One scale for each kind of matrix: W with W′, ΔW, and each sort of factor.

    A value of 0.0 means that nothing but zeros has been seen.
    """

    def __init__(self) -> None:
        self.pinned = False
        self._values: dict[str, float] = {}
        self._exact: dict[str, float] = {}
        """As they would be if each change were seen."""

    def __getitem__(self, kind: str) -> float:
        if kind in FIXED:
            return FIXED[kind]
        return self._values.get(DELTA if kind in AS_DELTA else kind, 0.0)

    @property
    def factor(self) -> float | None:
        """How much stronger ΔW is drawn than W; None while either is all zero."""
        weight, delta = self[WEIGHT], self[DELTA]
        return weight / delta if weight > 0.0 and delta > 0.0 else None

    def follow(self, maxima: Mapping[str, float], seconds: float, *, still: bool = False) -> None:
        """Take the maxima of the newest frame, `seconds` after the one before.

        Growth is taken at once, so that no cell is drawn weaker than it is; shrinking goes
        towards the new maximum, so that the colours do not flicker.

        Args: still: nothing trains, so there is nothing to flicker.
        """
        for kind, maximum in maxima.items():
            old = self[kind]
            if self.pinned and old > 0.0:
                continue
            kept = math.exp(-max(seconds, 0.0) / QUICK.get(kind, SHRINK_SECONDS))
            if still and kind in QUICK:
                kept = 0.0
            slow = maximum + (self._exact.get(kind, old) - maximum) * kept
            self._exact[kind] = exact = max(maximum, slow)
            if abs(exact - old) > SEEN * old:
                self._values[kind] = exact

    def restart(self) -> None:
        """Forget what the last run had, unless the user pinned it."""
        if not self.pinned:
            self._values.clear()
            self._exact.clear()


def maxima(layers: Iterable[LayerFrame], unpaired: Iterable[LayerFrame] = ()) -> dict[str, float]:
    """The robust maximum of each kind of matrix.

    Args: layers: those drawn as W + ΔW = W′.  unpaired: those drawn by W′ alone (an adapter's
    down and up), each part a kind of its own.
    """
    groups: dict[str, list[Matrix]] = {WEIGHT: [], DELTA: []}
    for layer in layers:
        groups[WEIGHT].append(layer.weight)
        if layer.delta_norm != 0.0:
            # Where ΔW is zero W′ is W, and counting both would only cost time.
            groups[WEIGHT].append(layer.updated)
            groups[DELTA].append(layer.delta)
        for name, factor in layer.factors:
            if name not in FIXED:
                kind = DELTA if name in AS_DELTA else name
                around = centre(name)
                groups.setdefault(kind, []).append(factor - around if around else factor)
    for layer in unpaired:
        groups.setdefault(part(layer.name), []).append(layer.updated)
    return {kind: robust_maximum(matrices) for kind, matrices in groups.items()}


def centre(kind: str) -> np.float32:
    """The value that is drawn in the colour of zero."""
    return np.float32(CENTRES.get(kind, 0.0))


def part(layer: str) -> str:
    """`down` for `adapter1.down`: the kind whose scale all adapters share."""
    return layer.partition(".")[2] or layer
