"""How large a value is drawn in full colour: scales that grow at once and shrink slowly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.protocol.messages import LayerFrame, Matrix
from gui.matrices.factor_kinds import band

WEIGHT = "weight"
"""The scale that W and W′ of all layers share."""
DELTA = "delta"
"""The scale that ΔW of all layers shares, so that layers can be compared."""

ROBUST = 0.995
"""This part of all cells is drawn within the scale; the few beyond take its end colour."""
SAMPLE = 16384
"""Numbers of all matrices of a kind that decide, at most."""
SLIM = 10
"""A large layer so many times smaller than the largest, such as a head, does not decide how that
one is drawn: its few weights are larger by far, as each sums up fewer inputs or learns faster."""
SHRINK_SECONDS = 1.0
"""Time constant of shrinking."""
JUMP = 10.0
"""Beyond so many times what there is now a scale is of another place: nothing would be seen."""
SEEN = 1 / 256
"""A change of a scale by less than this part is not seen: no colour is looked up anew for it."""
QUICK = dict.fromkeys(("gradient", "inputs", "outputs", "delta_out", "loss_gradient", "move"), 0.25)
"""Time constants of kinds that change fast in a run; in a still picture they shrink at once."""
AS_DELTA = frozenset({"rounding_error", "truncated", "difference"})
"""Factors in the colours of ΔW, to be compared with it."""
FIXED = {"codes": 1.0}
"""Scales that no frame changes."""
CENTRES = {"ia3_l": 1.0}
"""Values that change nothing, drawn in the colour of zero, where zero is not one."""


def robust_maximum(
    matrices: Iterable[Matrix], cells: Sequence[int] | None = None, part: float = ROBUST
) -> float:
    """A high percentile of all |values|; a few outliers do not wash the picture out.

    Cells that are not finite are left out. The plain maximum where so few cells differ from
    zero that the percentile is zero; 0.0 where all are zero or there are none. Of many numbers
    some thousands are taken, evenly.

    Args: cells: how many each matrix stands for, where its numbers are those of blocks; it counts
    by these. None: as many as it has numbers.  part: of the numbers that is not beyond it.
    """
    flat = [matrix.reshape(-1) for matrix in matrices]
    cells = [each.size for each in flat] if cells is None else cells
    share = SAMPLE / max(sum(cells), 1)
    sizes = _finite_sizes([_some(each, share * n) for each, n in zip(flat, cells, strict=True)])
    if sizes.size:
        rank = math.ceil(part * sizes.size) - 1
        robust = float(np.partition(sizes, rank)[rank])
        if robust > 0.0:
            return robust
    return float(_finite_sizes(flat).max(initial=0.0))


def _some(numbers: Matrix, count: float) -> Matrix:
    """About so many of them, evenly; all where there are no more."""
    step = int(numbers.size / max(count, 1.0))
    # An odd step walks through all columns of a picture of even width.
    return numbers if step <= 1 else numbers[:: step | 1]


def _finite_sizes(numbers: Sequence[Matrix]) -> Matrix:
    sizes = np.abs(np.concatenate(numbers)) if numbers else np.zeros(0, np.float32)
    finite = np.isfinite(sizes)
    return sizes if finite.all() else sizes[finite]


class ColourScales:
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
        towards the new maximum, so that the colours do not flicker; from beyond `JUMP` at once, as
        where a run that diverged is taken back.

        Args: still: nothing trains, so there is nothing to flicker.
        """
        for kind, maximum in maxima.items():
            old = self[kind]
            if self.pinned and old > 0.0:
                continue
            kept = math.exp(-max(seconds, 0.0) / QUICK.get(kind, SHRINK_SECONDS))
            if (still and kind in QUICK) or 0.0 < JUMP * maximum < old:
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
    groups: dict[str, list[tuple[Matrix, int]]] = {WEIGHT: [], DELTA: []}
    layers = tuple(layers)
    largest = max((math.prod(layer.shape) for layer in layers), default=0)
    for layer in layers:
        cells = _cells(layer.weight, layer, (True, True))
        decides = layer.part is None or math.prod(layer.shape) * SLIM >= largest
        if decides:
            groups[WEIGHT].append((layer.weight, cells))
        if decides and layer.delta_norm != 0.0:
            # Where ΔW is zero W′ is W, and counting both would only cost time.
            groups[WEIGHT].append((layer.updated, cells))
            groups[DELTA].append((layer.delta, cells))
        for name, factor in layer.factors:
            if name not in FIXED:
                kind, around = DELTA if name in AS_DELTA else name, centre(name)
                sides = band(name, factor.shape, layer.weight.shape)
                moved = factor - around if around else factor
                groups.setdefault(kind, []).append((moved, _cells(factor, layer, sides)))
    for layer in unpaired:
        cells = _cells(layer.updated, layer, (True, True))
        groups.setdefault(part(layer.name), []).append((layer.updated, cells))
    return {
        kind: robust_maximum([matrix for matrix, _ in found], [cells for _, cells in found])
        for kind, found in groups.items()
    }


def _cells(matrix: Matrix, layer: LayerFrame, sides: tuple[bool, bool]) -> int:
    """How many cells the numbers of a matrix stand for. Args: sides: those shared with W."""
    stride = 1 if layer.part is None else layer.part.stride
    return int(matrix.size * stride ** sum(sides))


def centre(kind: str) -> np.float32:
    """The value that is drawn in the colour of zero."""
    return np.float32(CENTRES.get(kind, 0.0))


def part(layer: str) -> str:
    """`down` for `adapter1.down`: the kind whose scale all adapters share."""
    return layer.partition(".")[2] or layer
