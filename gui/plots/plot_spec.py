"""What a plot shows, and where each step and value lies on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from gui.plots.curve import Curve
from gui.state.change_log import LoggedChange
from gui.state.curve_buffer import Points
from gui.theme import font

SMALL = 0.8
"""Of the ordinary text size: all that is written inside a plot."""
TOP_MARGIN, BOTTOM_MARGIN = 6.0, 6.0
AXIS_GAP, LABEL_GAP = 6.0, 5.0
WIDEST_FIGURE = "100%"
FEWEST_STEPS = 10.0
"""A run shorter than this does not fill the width yet."""


@dataclass(frozen=True, slots=True)
class PlotSpec:
    """Curves over steps, between 0 and a top value."""

    curves: tuple[Curve, ...] = ()
    marks: tuple[LoggedChange, ...] = ()
    top: float = 1.0
    top_text: str = ""
    note: str = ""
    """At the top: of values that do not fit; empty: they fit."""
    caption: str = ""
    """At the foot: of the ghosts; empty: there are none."""
    name_marks: bool = False
    """Whether it is written what the marks stand for."""
    until: float = FEWEST_STEPS
    """The step at the right end, at least."""
    here: int | None = None
    """The step that is shown, where the curves go on beyond it."""

    @property
    def last(self) -> float:
        """The step at the right end."""
        ends = (float(curve.steps[-1]) for curve in self.curves if len(curve.steps))
        return max([*ends, self.until])

    @property
    def empty(self) -> bool:
        """Whether there is no line yet."""
        return not any(len(curve.steps) > 1 for curve in self.curves)


class PlotGeometry:
    """Where things lie when a picture is drawn at a size, in pixels.

    Args: width, height: of the whole plot. The labels at the curves' ends stand right of `area`.
    """

    def __init__(self, picture: PlotSpec, width: float, height: float) -> None:
        metrics = QFontMetricsF(font(SMALL, bold=True))
        labels = [metrics.horizontalAdvance(c.label) for c in picture.curves if c.label]
        right = max(labels, default=40.0) + LABEL_GAP
        left = metrics.horizontalAdvance(WIDEST_FIGURE) + AXIS_GAP
        self.width, self.height = width, height
        self.area = QRectF(
            left,
            TOP_MARGIN,
            max(width - left - right, 1.0),
            max(height - TOP_MARGIN - BOTTOM_MARGIN, 1.0),
        )
        self._last, self._top = picture.last, picture.top

    def x(self, steps: Points) -> Points:
        """(n,) steps -> (n,) pixels."""
        return self.area.left() + steps / self._last * self.area.width()

    def x_of(self, step: float) -> float:
        """Pixels of one step."""
        return self.area.left() + step / self._last * self.area.width()

    def y(self, values: Points) -> Points:
        """(n,) values -> (n,) pixels; what lies beyond the ends is drawn at them."""
        return self.area.bottom() - np.clip(values / self._top, 0, 1) * self.area.height()

    def step_at(self, x: float) -> float:
        """The step at a place, kept within the plot."""
        share = (x - self.area.left()) / self.area.width()
        return min(max(share, 0.0), 1.0) * self._last
