"""Points of a sparkline: one value by step, thinned evenly."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF

from engine.protocol.messages import Frame

Point = tuple[int, float]
"""(step, ‖ΔW‖ / ‖W‖)"""

MAX_POINTS = 120
"""More points than this add nothing in a picture of this size."""


class SparklineData:
    """The values of a run by step, thinned evenly as they become many."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.polyline = QPolygonF()
        """The finite ones, as (step, value)."""
        self._spacing = 0.0
        """In steps, between points that stay."""
        self._largest: float | None = 0.0

    def add(self, step: int, value: float) -> None:
        """Add a value; those of later steps are dropped, as the run was rewound."""
        points = self.points
        while points and points[-1][0] >= step:
            self._pop()
        # The newest point is always there, so that the curve reaches now; it stays for good
        # only if it lies far enough from the one before.
        if len(points) > 1 and points[-1][0] - points[-2][0] < self._spacing:
            self._pop()
        self._push(step, value)
        if len(points) > MAX_POINTS:
            self._spacing = 2 * (step - points[0][0]) / MAX_POINTS
            self._thin()

    @property
    def largest(self) -> float:
        """The largest finite value; 0.0 where there is none."""
        if self._largest is None:
            finite = (value for _, value in self.points if math.isfinite(value))
            self._largest = max(finite, default=0.0)
        return self._largest

    def clear(self) -> None:
        """Drop all points."""
        self.points.clear()
        self.polyline.clear()
        self._largest = 0.0
        self._spacing = 0.0

    def _push(self, step: int, value: float) -> None:
        self.points.append((step, value))
        if math.isfinite(value):  # else the run has diverged
            self.polyline.append(QPointF(step, value))
            if self._largest is not None:
                self._largest = max(self._largest, value)

    def _pop(self) -> None:
        _, value = self.points.pop()
        if math.isfinite(value):
            self.polyline.removeLast()
            if value == self._largest:
                self._largest = None

    def _thin(self) -> None:
        kept, (*between, last) = self.points[:1], self.points[1:]
        for point in between:
            if point[0] - kept[-1][0] >= self._spacing:
                kept.append(point)
        self.points.clear()
        self.polyline.clear()
        self._largest = 0.0
        for point in (*kept, last):
            self._push(*point)


def points_before(frame: Frame) -> dict[str, list[Point]]:
    """Return the points of each layer that the engine measured before the frame.

    They do not depend on how many frames the window has drawn.
    """
    curves = frame.curves
    if curves is None:
        return {}
    before = curves.steps < frame.step
    steps, values = curves.steps[before].tolist(), curves.relative_change[before].T.tolist()
    return {
        layer.name: list(zip(steps, column, strict=True))
        for layer, column in zip(frame.layers, values, strict=False)
    }
