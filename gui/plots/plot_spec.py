"""Description of a plot, and the positions of steps and values in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from gui.plots.curve import Curve
from gui.state.change_log import LoggedChange
from gui.state.curve_buffer import Points
from gui.theme import TINY, font

TOP_MARGIN, BOTTOM_MARGIN = 6.0, 6.0
"""Pixels above and below the plotting area."""
AXIS_GAP, LABEL_GAP = 6.0, 5.0
"""Pixels between tick labels and area, and between a curve's end and its label."""
WIDEST_TICK_LABEL = "100%"
MIN_LAST_STEP = 10.0
"""The step at the right end at least: a shorter run does not fill the width yet."""


@dataclass(frozen=True, slots=True)
class PlotSpec:
    """A plot of curves over steps, between 0 and a top value."""

    curves: tuple[Curve, ...] = ()
    marks: tuple[LoggedChange, ...] = ()
    top: float = 1.0
    """The value at the upper edge, > 0."""
    top_label: str = ""
    """Tick label of the upper edge."""
    note: str = ""
    """Text in the middle about values that do not fit; empty: they fit."""
    caption: str = ""
    """Text at the bottom right that names the faint curves; empty: there are none."""
    label_marks: bool = False
    """Whether the marks carry their texts."""
    min_last_step: float = MIN_LAST_STEP
    """The step at the right end, at least."""
    shown_step: int | None = None
    """The step that is shown, where the curves go on beyond it."""

    @property
    def last_step(self) -> float:
        """The step at the right end."""
        ends = (float(curve.steps[-1]) for curve in self.curves if len(curve.steps))
        return max([*ends, self.min_last_step])

    @property
    def is_empty(self) -> bool:
        """Whether there is no line to draw yet."""
        return not any(len(curve.steps) > 1 for curve in self.curves)


class PlotGeometry:
    """Positions in a plot of a given size, in pixels.

    Args: spec: the plot.  width, height: of the canvas. Labels at the curves' ends stand right of
    `area`.
    """

    def __init__(self, spec: PlotSpec, width: float, height: float) -> None:
        metrics = QFontMetricsF(font(TINY, bold=True))
        labels = [metrics.horizontalAdvance(c.label) for c in spec.curves if c.label]
        right = max(labels, default=40.0) + LABEL_GAP
        left = metrics.horizontalAdvance(WIDEST_TICK_LABEL) + AXIS_GAP
        self.width, self.height = width, height
        self.area = QRectF(
            left,
            TOP_MARGIN,
            max(width - left - right, 1.0),
            max(height - TOP_MARGIN - BOTTOM_MARGIN, 1.0),
        )
        self._last, self._top = spec.last_step, spec.top

    def x(self, steps: Points) -> Points:
        """Return the x of each step.

        Args: steps: (n,).
        Returns: (n,) pixels.
        """
        return self.area.left() + steps / self._last * self.area.width()

    def x_of(self, step: float) -> float:
        """Return the x of one step, in pixels.

        Args: step: may lie between two.
        """
        return self.area.left() + step / self._last * self.area.width()

    def y(self, values: Points) -> Points:
        """Return the y of each value; values beyond the ends are drawn at them.

        Args: values: (n,).
        Returns: (n,) pixels.
        """
        return self.area.bottom() - np.clip(values / self._top, 0, 1) * self.area.height()

    def step_at(self, x: float) -> float:
        """Return the step at a position, clamped to the plot.

        Args: x: pixels.
        """
        share = (x - self.area.left()) / self.area.width()
        return min(max(share, 0.0), 1.0) * self._last
