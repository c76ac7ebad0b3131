"""The axes of a plot: pyqtgraph's, with ticks that fit the text size and the window's numbers."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPen

from gui.plots.plot_spec import PlotSpec, tick_distance

LINES_PER_TICK = 2.2
"""Pixels between two ticks of the value axis, at least, in line heights."""
LABELS_PER_TICK = 1.4
"""Pixels between two ticks of the step axis, at least, in widths of the last label."""
TEXT_GAP = 5
"""Pixels between a tick label and its axis."""


class _PlotAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph has no type hints
    """Axis with one level of ticks, whose labels are drawn in the window's font."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=0)
        self.setStyle(
            tickTextOffset=TEXT_GAP, maxTickLevel=0, maxTextLevel=1, hideOverlappingLabels=False,
            tickAlpha=255,
        )  # fmt: skip
        self.metrics = QFontMetricsF(QFont())

    def restyle(self, font: QFont, line: QPen, text: QPen) -> None:
        """Set the looks. Args: font: of labels.  line: pen of axis and grid.  text: of labels."""
        self.metrics = QFontMetricsF(font)
        self.setTickFont(font)
        for set_pen, pen in ((self.setPen, line), (self.setTickPen, line), (self.setTextPen, text)):
            set_pen(pen)


class StepAxisItem(_PlotAxis):
    """Horizontal axis of whole steps."""

    def restyle(self, font: QFont, line: QPen, text: QPen) -> None:
        """Make room for the labels as well."""
        super().restyle(font, line, text)
        self.setHeight(TEXT_GAP + self.metrics.height())

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Return the distance of the ticks: whole steps."""
        room = LABELS_PER_TICK * self.metrics.horizontalAdvance(f"{high:,.0f}0")
        return [(max(tick_distance(high - low, size / room), 1.0), 0.0)] if high > low else []

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the steps, with thousands separators."""
        return [f"{value:,.0f}" for value in values]


class ValueAxisItem(_PlotAxis):
    """Vertical axis, linear or logarithmic, with a line across the plot at each tick."""

    def __init__(self) -> None:
        super().__init__("left")
        self._value_text = PlotSpec().value_text
        self.setGrid(255)

    def fit(self, spec: PlotSpec, size: float, least: float) -> float:
        """Make room for the labels of a plot. Returns: the width that they need, in pixels.

        Args: spec: the plot.  size: of the axis.  least: width of the axis, all in pixels.
        """
        self._value_text = spec.value_text
        low, high = self.range
        ticks = self.tickValues(low, high, max(size, 1.0))
        labels = [text for _, values in ticks for text in self.tickStrings(values, 1.0, 1.0)]
        widest = max(map(self.metrics.horizontalAdvance, labels), default=0.0)
        needed = widest + TEXT_GAP + 1
        if abs(max(needed, least) - (self.fixedWidth or 0.0)) > 0.5:
            self.setWidth(max(needed, least))
        return needed

    def boundingRect(self) -> QRectF:
        """Return where its grid and labels are; half of the outer ones stands beyond its ends."""
        half = self.metrics.height() / 2
        return QRectF(super().boundingRect()).adjusted(0, -half, 0, half)

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Return the distance of the ticks; in a logarithmic axis whole powers of ten."""
        if not high > low:
            return []
        distance = tick_distance(high - low, size / (LINES_PER_TICK * self.metrics.height()))
        return [(max(distance, 1.0) if self.logMode else distance, 0.0)]

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return the ticks; both ends where there is no room for two round values."""
        ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
        if self.logMode or not high > low or sum(len(values) for _, values in ticks) > 1:
            return ticks
        return [(high - low, [low, high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the values as the plot formats them."""
        return [self._value_text(10.0**value if self.logMode else value) for value in values]
