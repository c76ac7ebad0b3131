"""Plot of a few runs' curves in a card, labelled at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from gui.lessons.card.type import card_font
from gui.lessons.card.words import CURVE_TITLES, PERCENT_MEASURES, value_text
from gui.plots.axis import nice_top
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, PlotSpec
from gui.theme import SMALL, appearance

ASPECT_RATIO = 0.53
"""Height over width, within MIN_LINES and MAX_LINES, both in line heights."""
MIN_LINES, MAX_LINES = 8.0, 17.0
TERSE_LINES = 8.0
"""Height in presenter mode, in line heights, whatever the width."""


class CardPlot(LinePlot):
    """Plot of one measure over the steps; the wheel scrolls the card."""

    background = "panel"
    line_width = 2.4

    def __init__(self, measure: str) -> None:
        """Args: measure: a key of `CURVE_TITLES`."""
        super().__init__(zoomable=False)
        self._measure = measure
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_curves(self, curves: Sequence[Curve], last_step: float, top: float = 0.0) -> None:
        """Draw curves.

        Args: last_step: right end of the axis.  top: smallest upper end of the axis.
        """
        measure, title = self._measure, CURVE_TITLES[self._measure]
        values = np.concatenate([[top], *(curve.values for curve in curves)])
        highest = float(values[np.isfinite(values)].max())
        self.set_spec(
            PlotSpec(
                tuple(curves),
                top=1.0 if measure in PERCENT_MEASURES else nice_top(highest),
                value_text=partial(value_text, measure),
                title=title,
                min_last_step=max(last_step, 1.0),
            )
        )
        ends = (
            f"{c.label} {value_text(measure, float(c.values[-1]))}" for c in curves if len(c.values)
        )
        self.setAccessibleName(f"{title}, step by step. {', '.join(ends)}")

    def text_font(self, *, bold: bool = False) -> QFont:
        """Return a lesson's font."""
        return card_font(SMALL, bold=bold)

    def hasHeightForWidth(self) -> bool:
        """Return True."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width, both in logical pixels."""
        line = QFontMetricsF(card_font(SMALL)).height()
        if appearance.compact:
            return round(TERSE_LINES * line)
        return round(min(max(width * ASPECT_RATIO, MIN_LINES * line), MAX_LINES * line))

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(200, self.heightForWidth(max(self.width(), 100)))

    def minimumSizeHint(self) -> QSize:
        """Return the minimum width; the height follows from it."""
        return QSize(100, 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Update the height, which depends on the width."""
        super().resizeEvent(event)
        self.updateGeometry()
