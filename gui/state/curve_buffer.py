"""Curve buffer: the points of one branch's curves, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import Frame

MAX_POINTS = 2000
"""Points kept of each curve."""

TRAIN, VALIDATION, TARGET, SOURCE, KEPT_HEAD, VALIDATION_ACCURACY = METRICS = (
    "train_loss", "validation_loss", "target_accuracy", "source_accuracy",
    "source_accuracy_kept_head", "validation_accuracy",
)  # fmt: skip
"""Names of the curves beside those of the layers: as the engine's messages call them."""

Points = NDArray[np.float64]


class CurveBuffer:
    """Rows of a step and its values, by rising step.

    Beyond `MAX_POINTS` rows about half are dropped, so that the others lie evenly over the steps,
    and new rows keep that distance from then on; the first and the newest are always kept.
    """

    def __init__(self) -> None:
        self._steps = np.zeros(MAX_POINTS, np.int64)
        self._values: dict[str, Points] = {}
        self._count = 0
        self._min_distance = 0.0
        """Steps between two rows, at least; the newest may be nearer."""

    def __len__(self) -> int:
        return self._count

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the curves."""
        return tuple(self._values)

    @property
    def last_step(self) -> int:
        """Step of the newest row; 0 without any."""
        return int(self._steps[self._count - 1]) if self._count else 0

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Append a row, or replace the newest. Args: step: ≥ the newest's.  values: by curve."""
        if step < self.last_step:
            return
        self.cut(step - 1)
        if self._count > 1 and self.last_step - self._steps[self._count - 2] < self._min_distance:
            self._count -= 1  # it was there only for being the newest
        elif self._count == MAX_POINTS:
            self._thin()
        self._steps[self._count] = step
        for name in values:
            if name not in self._values:
                self._values[name] = np.full(MAX_POINTS, np.nan)
        for name, column in self._values.items():
            column[self._count] = values.get(name, np.nan)
        self._count += 1

    def cut(self, step: int) -> None:
        """Drop the rows of later steps. Args: step: the last that is kept."""
        self._count = int(np.searchsorted(self._steps[: self._count], step, side="right"))

    def up_to(self, step: int) -> CurveBuffer:
        """Return a copy of the rows up to a step. Args: step: the last that is kept."""
        result = CurveBuffer()
        result._steps = self._steps.copy()
        result._values = {name: column.copy() for name, column in self._values.items()}
        result._count, result._min_distance = self._count, self._min_distance
        result.cut(step)
        return result

    def curve(self, name: str) -> tuple[Points, Points]:
        """Return (n,) steps and (n,) values of a curve, only finite ones. Args: name: of it."""
        if name not in self._values:
            return np.zeros(0), np.zeros(0)
        values = self._values[name][: self._count]
        finite = np.isfinite(values)
        return self._steps[: self._count][finite].astype(np.float64), values[finite]

    def at(self, step: float) -> tuple[int, dict[str, float]] | None:
        """Return the row nearest to a step; None without any. Args: step: may be a fraction."""
        if not self._count:
            return None
        row = int(np.abs(self._steps[: self._count] - step).argmin())
        return int(self._steps[row]), {name: float(c[row]) for name, c in self._values.items()}

    def last(self) -> dict[str, float]:
        """Return the newest values, by name of the curve."""
        row = self.at(self.last_step)
        return {} if row is None else row[1]

    def _thin(self) -> None:
        steps = self._steps[: self._count]
        self._min_distance = (steps[-1] - steps[0]) / (MAX_POINTS // 2)
        even = np.linspace(steps[0], steps[-1], MAX_POINTS // 2)
        kept = np.unique(np.searchsorted(steps, even))
        for column in (self._steps, *self._values.values()):
            column[: len(kept)] = column[kept]
        self._count = len(kept)


def keep_peaks(steps: Points, values: Points, count: int) -> tuple[Points, Points]:
    """Return the extremes of neighbouring points, and the last one: about the same curve.

    Args: steps, values: (n,) ascending and finite.  count: pairs of extremes, about.
    """
    length = len(steps) // count
    if length < 3:
        return steps, values
    starts = np.arange(0, len(steps), length)
    extremes = [np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)]
    thinned = np.stack(extremes, axis=1).ravel()
    return np.append(np.repeat(steps[starts], 2), steps[-1]), np.append(thinned, values[-1])


def rows_of(frame: Frame) -> list[tuple[int, dict[str, float]]]:
    """Return the rows that the engine measured up to a frame, and the frame's own if it has one.

    Args: frame: the newest.  Returns: (step, values) by rising step.
    """
    rows, curves = [], frame.curves
    if curves is not None:
        names = [layer.name for layer in frame.layers]
        for index, step in enumerate(curves.steps.tolist()):
            if step >= frame.step:
                break
            row = {name: float(getattr(curves, name)[index]) for name in METRICS}
            moved = dict(zip(names, curves.relative_change[index].tolist(), strict=True))
            rows.append((step, row | moved))
    if frame.is_measured:
        rows.append((frame.step, row_of(frame)))
    return rows


def row_of(frame: Frame) -> dict[str, float]:
    """Return a frame's own metrics, and ‖ΔW‖/‖W‖ by name of the layer. Args: frame: any."""
    metrics = {name: getattr(frame.measurements, name) for name in METRICS}
    return {name: math.nan if value is None else value for name, value in metrics.items()} | {
        layer.name: layer.relative_change for layer in frame.layers
    }
