"""A value by step as it went through a run: evenly thinned, with a line ready to be drawn."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF

from engine.protocol.messages import Frame

Point = tuple[int, float]
"""(step, ‖ΔW‖ / ‖W‖)"""

MOST_POINTS = 120
"""More points than this say nothing more in a picture of this size."""


class SparklineData:
    """The values of a run by step, evenly thinned as they grow many."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.line = QPolygonF()
        """The finite ones, as (step, value)."""
        self._spacing = 0.0
        """In steps, between points that stay."""
        self._largest: float | None = 0.0

    def add(self, step: int, value: float) -> None:
        """Take a value; those of later steps go, for the run has been wound back."""
        points = self.points
        while points and points[-1][0] >= step:
            self._pop()
        # The newest point is always there, so that the curve reaches now; it stays for good
        # only if it lies far enough from the one before.
        if len(points) > 1 and points[-1][0] - points[-2][0] < self._spacing:
            self._pop()
        self._push(step, value)
        if len(points) > MOST_POINTS:
            self._spacing = 2 * (step - points[0][0]) / MOST_POINTS
            self._thin()

    @property
    def largest(self) -> float:
        """The largest finite value; 0.0 where there is none."""
        if self._largest is None:
            finite = (value for _, value in self.points if math.isfinite(value))
            self._largest = max(finite, default=0.0)
        return self._largest

    def clear(self) -> None:
        """Begin again."""
        self.points.clear()
        self.line.clear()
        self._largest = 0.0
        self._spacing = 0.0

    def _push(self, step: int, value: float) -> None:
        self.points.append((step, value))
        if math.isfinite(value):  # else the run has diverged
            self.line.append(QPointF(step, value))
            if self._largest is not None:
                self._largest = max(self._largest, value)

    def _pop(self) -> None:
        _, value = self.points.pop()
        if math.isfinite(value):
            self.line.removeLast()
            if value == self._largest:
                self._largest = None

    def _thin(self) -> None:
        kept, (*between, last) = self.points[:1], self.points[1:]
        for point in between:
            if point[0] - kept[-1][0] >= self._spacing:
                kept.append(point)
        self.points.clear()
        self.line.clear()
        self._largest = 0.0
        for point in (*kept, last):
            self._push(*point)


def earlier(frame: Frame) -> dict[str, list[Point]]:
    """Layer -> what the engine measured before the frame, the same however fast one looks on."""
    curves = frame.curves
    if curves is None:
        return {}
    before = curves.steps < frame.step
    steps, values = curves.steps[before].tolist(), curves.relative_change[before].T.tolist()
    return {
        layer.name: list(zip(steps, column, strict=True))
        for layer, column in zip(frame.layers, values, strict=False)
    }
