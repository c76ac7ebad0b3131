"""The curves of a run: measures at chosen steps, kept for whoever draws them."""

from __future__ import annotations

import math

import numpy as np
import torch

from engine.analysis.chunked import delta_norm
from engine.protocol.messages import Curves
from engine.protocol.settings import MAX_STUDIED_WEIGHTS
from engine.training.run import Run

LARGEST_INTERVAL = 500
MOST_POINTS = 4000
"""Beyond these every second one goes: a run may last for days."""


def interval(step: int, body_weights: int = 0) -> int:
    """Steps between two points near `step`: 1 below 100, 10 below 1,000 … 500 at most.

    Of a network of more than `MAX_STUDIED_WEIGHTS` 100 at least: a point takes as long as ten of
    its steps.
    """
    size = 1 if body_weights <= MAX_STUDIED_WEIGHTS else 100
    while step >= 100 * size and size < LARGEST_INTERVAL:
        size *= 10
    return min(size, LARGEST_INTERVAL)


class CurveRecorder:
    """Measures a run when a point is due, and hands the points out."""

    def __init__(self) -> None:
        # In arrays: lists of floats would take ten times the memory, and hours to fill it.
        self._steps = np.zeros(MOST_POINTS, np.int64)
        self._rows = np.zeros((MOST_POINTS, 0), np.float32)
        """(points, measures and layers)"""
        self._count = 0

    def record(self, run: Run) -> None:
        """Add a point if one is due at this step; points at or beyond it are dropped first."""
        step = run.steps_taken
        if step % interval(step, run.settings.body_weights):
            return
        self.drop_from(step)
        measures = run.evaluator.measure()
        target = measures.target_accuracy
        row = (
            measures.train_loss,
            measures.validation_loss,
            math.nan if target is None else target,
            measures.source_accuracy,
            *_relative_changes(run),
        )
        if not self._count and len(row) != self._rows.shape[1]:
            self._rows = np.zeros((MOST_POINTS, len(row)), np.float32)
        elif self._count == MOST_POINTS:
            self._thin()
        self._steps[self._count], self._rows[self._count] = step, row
        self._count += 1

    def drop_from(self, step: int) -> None:
        """Forget this step and all later ones: the run went back, or began again."""
        self._count = int(np.searchsorted(self._steps[: self._count], step))

    def until(self, step: int) -> CurveRecorder:
        """A recorder with the points up to a step."""
        other = CurveRecorder()
        other._steps, other._rows = self._steps.copy(), self._rows.copy()
        other._count = int(np.searchsorted(self._steps[: self._count], step, side="right"))
        return other

    def between(self, after: int, last: int) -> Curves:
        """The points after one step up to another. Args: after: -1: from the first on."""
        steps = self._steps[: self._count]
        first, end = (int(np.searchsorted(steps, s, side="right")) for s in (after, last))
        rows = self._rows[first:end]
        train, validation, target, source = (
            rows[:, i].copy() if len(rows) else np.zeros(0, np.float32) for i in range(4)
        )
        return Curves(
            steps=steps[first:end].copy(),
            train_loss=train,
            validation_loss=validation,
            target_accuracy=target,
            source_accuracy=source,
            relative_change=rows[:, 4:].copy(),
        )

    def _thin(self) -> None:
        """Let every second point go."""
        left = (self._count + 1) // 2
        self._steps[:left] = self._steps[: self._count : 2]
        self._rows[:left] = self._rows[: self._count : 2]
        self._count = left


@torch.no_grad()
def _relative_changes(run: Run) -> list[float]:
    """‖ΔW‖ / ‖W‖ of each layer; NaN where W is zero, as in an adapter's up matrix."""
    return [
        delta_norm(layer) / layer.weight_norm() if layer.weight_norm() else math.nan
        for _, layer in run.layers()
    ]
