"""‖ΔW‖ / ‖W‖ of a layer as number and curve, and the number of directions of ΔW."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.state.curve_buffer import Points, keep_peaks
from gui.text.layers import NORM_RATIO, layer_title
from gui.text.numbers import number_text
from gui.theme import SMALL, appearance, font

LINE_WIDTH = 1.0
"""Pixels; antialiased lines that are wider take three times as long to paint."""
PEAKS = 60
"""Pairs of a least and a greatest value that a curve is painted with."""
CURVE_HEIGHT = 22
"""Pixels at text size 1."""
WIDEST_NUMBER, WIDEST_K90 = "0.0001", "k90 > 9"
"""The widest texts, for which there is room at any time."""
RATIO_TOOLTIP = "‖ΔW‖/‖W‖: how large ΔW is, relative to W."
CURVE_TOOLTIP = "The curve: the same since step 0."
K90_TOOLTIP = "k90: {} 90 % of its energy ‖ΔW‖²."


class Sparkline(QWidget):
    """The current value as a number, and its history as a small curve that starts at zero."""

    def __init__(self, layer: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve: tuple[Points, Points] = np.zeros(0), np.zeros(0)
        """(n,) steps and (n,) values."""
        self.largest = self._ceiling = 0.0
        self.text = self.k90_text = ""
        """The number, and the directions that hold 90 % of the energy, as shown."""
        self.setObjectName(f"sparkline.{layer}")
        self.setAccessibleName(f"{NORM_RATIO}, {layer_title(layer)}")
        self.setToolTip(f"{RATIO_TOOLTIP}\n{CURVE_TOOLTIP}")
        appearance.changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """Take the size of any number, so that none that changes moves anything."""
        bold, small = QFontMetrics(font(bold=True)), QFontMetrics(font(SMALL))
        words = small.horizontalAdvance(f"{NORM_RATIO} ") + bold.horizontalAdvance(WIDEST_NUMBER)
        curve = round(CURVE_HEIGHT * appearance.text_scale)
        self.setFixedSize(words + 1, bold.height() + curve)

    def set_curve(self, steps: Points, values: Points) -> None:
        """Set the history; `refresh` shows it. Args: steps, values: (n,) ascending and finite."""
        self.curve = steps, values
        self.largest = float(values.max()) if len(values) else 0.0

    def set_value(self, value: float, k90: str = "") -> None:
        """Set the number ‖ΔW‖ / ‖W‖ and `k90_text` of the layer; `refresh` shows them."""
        text, k90_text = number_text(value), f"k90 {k90}" if k90 else ""
        if (text, k90_text) != (self.text, self.k90_text):
            self.text, self.k90_text = text, k90_text
            more = K90_TOOLTIP.format(_directions_text(k90)) if k90 else ""
            self.setToolTip("\n".join(filter(None, (RATIO_TOOLTIP, CURVE_TOOLTIP, more))))
            self.setAccessibleDescription(", ".join(filter(None, (text, k90_text))))

    def refresh(self, ceiling: float) -> None:
        """Repaint. Args: ceiling: value at the upper edge, the same for all rows to compare."""
        self._ceiling = ceiling
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the number, and below it the curve and k90."""
        painter = QPainter(self)
        bold, small = QFontMetrics(font(bold=True)), QFontMetrics(font(SMALL))
        line = bold.height()
        name_width = small.horizontalAdvance(f"{NORM_RATIO} ")
        self._paint_text(painter, QPointF(0, bold.ascent()), NORM_RATIO)
        self._paint_text(painter, QPointF(name_width, bold.ascent()), self.text, bold=True)
        k90_left = self.width() - small.horizontalAdvance(WIDEST_K90)
        k90_line = line + (self.height() - line + small.ascent()) / 2
        self._paint_text(painter, QPointF(k90_left, k90_line), self.k90_text)
        bounds = QRectF(0, line + 2, k90_left - 6, self.height() - line - 4)
        self._paint_curve(painter, bounds)

    def _paint_text(self, painter: QPainter, at: QPointF, text: str, *, bold: bool = False) -> None:
        painter.setFont(font(1.0 if bold else SMALL, bold=bold))
        painter.setPen(QColor(appearance.theme.text if bold else appearance.theme.muted))
        painter.drawText(at, text)

    def _paint_curve(self, painter: QPainter, bounds: QRectF) -> None:
        painter.setPen(QPen(QColor(appearance.theme.line), 1))
        painter.drawLine(bounds.bottomLeft(), bounds.bottomRight())
        steps, values = keep_peaks(*self.curve, PEAKS)
        if len(steps) < 2 or self.largest <= 0.0:
            return
        x = bounds.left() + bounds.width() * (steps - steps[0]) / (steps[-1] - steps[0])
        height = bounds.height() - LINE_WIDTH
        y = bounds.bottom() - LINE_WIDTH / 2 - height * values / max(self._ceiling, self.largest)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(appearance.theme.accent), LINE_WIDTH))
        painter.drawPolyline(QPolygonF(list(map(QPointF, x.tolist(), y.tolist()))))


def _directions_text(count: str) -> str:
    return "1 direction of ΔW holds" if count == "1" else f"{count} directions of ΔW hold"
