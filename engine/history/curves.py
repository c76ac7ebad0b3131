"""The curves of a run: metrics at chosen steps, kept for whoever draws them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

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


METRICS = 6
"""Numbers of a point before those of the layers."""
Row = NDArray[np.float32]
"""(metrics and layers,) of a point; a tuple of floats would take ten times the memory."""


class CurveRecorder:
    """Records the metrics of a run whenever a point is due. Args: max_points: kept at most."""

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max_points = max_points
        self._steps: list[int] = []
        self._rows: list[Row] = []
        self._known_at: list[int] = []
        """Step at which each point was known: later than its own in a large network."""
        self._coming: deque[tuple[int, Future[Row]]] = deque()
        """Steps of the points that are being measured, oldest first."""

    def record(self, run: Run) -> None:
        """Add a point if one is due, in place of any from this step on. Args: run: to measure."""
        step = run.steps_taken
        if step % curve_interval(step, run.settings.body_weights):
            return
        self.drop_from(step)
        if run.settings.is_studied:
            self._add(step, _measure(run.evaluator, run.network.layers()), step)
        else:
            network = run.network.copied()
            evaluator = run.evaluator.on(network)
            work = background.submit(lambda: _measure(evaluator, network.layers()))
            self._coming.append((step, work))

    def _add(self, step: int, row: Row, known_at: int) -> None:
        if len(self._steps) == self._max_points:
            del self._steps[1::2], self._rows[1::2], self._known_at[1::2]
        self._steps.append(step)
        self._rows.append(row)
        self._known_at.append(known_at)

    def _take_coming(self, now: int, *, wait: bool) -> None:
        """Add the points that have been measured. Args: now: the run's step.  wait: for all."""
        while self._coming and (wait or self._coming[0][1].done()):
            step, row = self._coming.popleft()
            self._add(step, row.result(), now)

    def drop_from(self, step: int) -> None:
        """Drop the points of a step and all later ones. Args: step: that the run went back to."""
        first = bisect_left(self._steps, step)
        del self._steps[first:], self._rows[first:], self._known_at[first:]
        self._coming = deque(each for each in self._coming if each[0] < step)

    def until(self, step: int) -> CurveRecorder:
        """Return a recorder with the points up to a step. Args: step: the last one included."""
        self._take_coming(step, wait=True)
        other, end = CurveRecorder(self._max_points), bisect_right(self._steps, step)
        other._steps, other._rows = self._steps[:end], self._rows[:end]
        other._known_at = self._known_at[:end]
        return other

    def between(self, after: int, last: int, *, wait: bool = True) -> Curves:
        """Return the points up to a step that were not known yet at an earlier one.

        Args: after: the earlier step; -1: there is none.  last: the last step included.
        wait: for points that are being measured; else they come with a later step's.
        """
        self._take_coming(last, wait=wait)
        first, end = bisect_right(self._known_at, after), bisect_right(self._steps, last)
        width = len(self._rows[0]) if self._rows else METRICS
        columns = np.array(self._rows[first:end], np.float32).reshape(-1, width).T
        train, validation, target, source, kept, accuracy = columns[:METRICS].copy()
        return Curves(
            steps=np.array(self._steps[first:end], np.int64),
            train_loss=train,
            validation_loss=validation,
            target_accuracy=target,
            source_accuracy=source,
            source_accuracy_kept_head=kept,
            validation_accuracy=accuracy,
            relative_change=columns[METRICS:].T.copy(),
        )


def _measure(evaluator: Evaluator, layers: Iterable[tuple[str, Layer]]) -> Row:
    """Measure a point: the metrics, then how far each layer has moved."""
    metrics = evaluator.measure()
    target = metrics.target_accuracy
    row = (
        metrics.train_loss,
        metrics.validation_loss,
        math.nan if target is None else target,
        metrics.source_accuracy,
        metrics.source_accuracy_kept_head,
        metrics.validation_accuracy,
        *(relative_change(layer) for _, layer in layers),
    )
    return np.array(row, np.float32)
