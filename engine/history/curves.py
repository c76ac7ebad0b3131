"""The curves of a run: metrics at chosen steps, kept for whoever draws them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

import numpy as np

from engine.analysis.chunked import relative_change
from engine.model.layer import Layer
from engine.protocol.messages import Curves
from engine.protocol.network_shape import MAX_STUDIED_WEIGHTS
from engine.training import background
from engine.training.evaluator import Evaluator
from engine.training.run import Run

MAX_INTERVAL = 500
"""Steps between two points of a long run."""
MAX_POINTS = 4000
"""Points kept; beyond them every second one goes: a run may last for days."""


def curve_interval(step: int, body_weights: int = 0) -> int:
    """Return the steps between two points: 1 below step 100, 10 below 1,000 … 500 at most.

    Beyond `MAX_STUDIED_WEIGHTS` it is 100 at least: a point takes as long as ten such steps.

    Args: step: near which.  body_weights: of the network.
    """
    size = 1 if body_weights <= MAX_STUDIED_WEIGHTS else 100
    while step >= 100 * size and size < MAX_INTERVAL:
        size *= 10
    return min(size, MAX_INTERVAL)


Row = tuple[float, ...]


class CurveRecorder:
    """Records the metrics of a run whenever a point is due.

    Args: max_points: kept; beyond them every second one goes.
    """

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max_points = max_points
        # In arrays: lists of floats would take ten times the memory, and hours to fill it.
        self._steps = np.zeros(max_points, np.int64)
        self._rows = np.zeros((max_points, 0), np.float32)
        """(points, metrics and layers)"""
        self._known_at = np.zeros(max_points, np.int64)
        """Step at which a point's row was known: later than its own for a large network."""
        self._count = 0
        self._coming: deque[tuple[int, Future[Row]]] = deque()
        """Points that are being measured, oldest first."""

    def record(self, run: Run) -> None:
        """Add a point if one is due at this step; points at or beyond it are dropped first.

        Args: run: to be measured.
        """
        step = run.steps_taken
        if step % curve_interval(step, run.settings.body_weights):
            return
        self.drop_from(step)
        if run.settings.is_studied:
            self._add(step, _measure(run.evaluator, run.layers()), step)
        else:
            network = run.network.copied()
            evaluator, layers = run.evaluator.on(network), tuple(run.strategy.layers(network))
            self._coming.append((step, background.submit(lambda: _measure(evaluator, layers))))

    def _add(self, step: int, row: Row, known_at: int) -> None:
        if not self._count and len(row) != self._rows.shape[1]:
            self._rows = np.zeros((self._max_points, len(row)), np.float32)
        elif self._count == self._max_points:
            self._thin()
        self._steps[self._count], self._rows[self._count] = step, row
        self._known_at[self._count] = known_at
        self._count += 1

    def _take_coming(self, now: int, *, wait: bool) -> None:
        """Add the points that have been measured. Args: now: the run's step.  wait: for all."""
        while self._coming and (wait or self._coming[0][1].done()):
            step, row = self._coming.popleft()
            self._add(step, row.result(), now)

    def drop_from(self, step: int) -> None:
        """Drop the points of a step and all later ones. Args: step: that the run went back to."""
        self._count = int(np.searchsorted(self._steps[: self._count], step))
        self._coming = deque(each for each in self._coming if each[0] < step)

    def until(self, step: int) -> CurveRecorder:
        """Return a recorder with the points up to a step. Args: step: the last one included."""
        self._take_coming(step, wait=True)
        other = CurveRecorder(self._max_points)
        other._steps, other._rows = self._steps.copy(), self._rows.copy()
        other._known_at = self._known_at.copy()
        other._count = int(np.searchsorted(self._steps[: self._count], step, side="right"))
        return other

    def between(self, after: int, last: int, *, wait: bool = True) -> Curves:
        """Return the points up to a step that were not known yet at an earlier one.

        Args: after: the earlier step; -1: there is none.  last: the last step included.
        wait: for points that are being measured; else they come with a later step's.
        """
        self._take_coming(last, wait=wait)
        steps = self._steps[: self._count]
        first = int(np.searchsorted(self._known_at[: self._count], after, side="right"))
        end = int(np.searchsorted(steps, last, side="right"))
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
        """Drop every second point."""
        left = (self._count + 1) // 2
        self._steps[:left] = self._steps[: self._count : 2]
        self._rows[:left] = self._rows[: self._count : 2]
        self._known_at[:left] = self._known_at[: self._count : 2]
        self._count = left


def _measure(evaluator: Evaluator, layers: Iterable[tuple[str, Layer]]) -> Row:
    """Measure a point: the metrics, then how far each layer has moved."""
    metrics = evaluator.measure()
    target = metrics.target_accuracy
    return (
        metrics.train_loss,
        metrics.validation_loss,
        math.nan if target is None else target,
        metrics.source_accuracy,
        *(relative_change(layer) for _, layer in layers),
    )
