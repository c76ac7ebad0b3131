"""‖ΔW‖ / ‖W‖ of a layer as number and curve, and the number of directions of ΔW."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.state.curve_buffer import Points, keep_peaks
from gui.text.layers import NORM_RATIO, layer_title
from gui.text.numbers import number_text
from gui.theme import SIGN, SMALL, appearance, font

LINE_WIDTH = 1.0
"""Pixels; antialiased lines that are wider take three times as long to paint."""
PEAKS = 60
"""Pairs of a least and a greatest value that a curve is painted with."""
MIN_FULL_HEIGHT = 96
"""Pixels up to which the curve fills the row's height; in a higher row it fills half of it."""
MIN_CURVE_WIDTH = 40
"""Pixels below which no curve is drawn."""
WIDEST_NUMBER = "0.0001"
"""The widest number."""
K90_TOOLTIP = "k90: {} 90 % of its energy ‖ΔW‖²"
MIN_STACKED_CURVE_HEIGHT = 36
"""Pixels that a curve below the number needs; with less it is drawn to the right of it."""


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
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def spread(self, extra: int, most: int) -> None:
        """Take the width of any number or of the title, and `extra` pixels up to `most`."""
        number = QFontMetrics(font(bold=True)).horizontalAdvance(WIDEST_NUMBER)
        least = max(number, QFontMetrics(font(SMALL)).horizontalAdvance(NORM_RATIO) + 1)
        self.setMinimumHeight(QFontMetrics(font(SIGN)).height())
        self.setFixedWidth(max(min(least + extra, most), least))

    def set_curve(self, steps: Points, values: Points) -> None:
        """Set the history; `refresh` shows it. Args: steps, values: (n,) ascending and finite."""
        self.curve = steps, values
        self.largest = float(values.max()) if len(values) else 0.0

    def set_value(self, value: float, k90: str = "") -> None:
        """Set the number ‖ΔW‖ / ‖W‖ and `k90_text` of the layer; `refresh` shows them."""
        text, k90_text = number_text(value), f"k90 {k90}" if k90 else ""
        if (text, k90_text) != (self.text, self.k90_text):
            self.text, self.k90_text = text, k90_text
            self.setToolTip(K90_TOOLTIP.format(_directions_text(k90)) if k90 else "")
            self.setAccessibleDescription(", ".join(filter(None, (text, k90_text))))

    def refresh(self, ceiling: float) -> None:
        """Repaint. Args: ceiling: value at the upper edge, the same for all rows to compare."""
        self._ceiling = ceiling
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint number and k90 above the curve, or beside it where the row is low."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(appearance.theme.page))
        bold, small = (QFontMetrics(font(size, bold=size == 1.0)) for size in (1.0, SMALL))
        line, width = bold.height(), bold.horizontalAdvance(WIDEST_NUMBER) + bold.height() // 2
        is_low = self.height() < line + MIN_STACKED_CURVE_HEIGHT
        beside = not is_low and self.width() >= width + small.horizontalAdvance("k90 40")
        stacked = not beside and self.height() >= line + small.height()
        words = line + small.height() * stacked
        height = min(self.height(), max(MIN_FULL_HEIGHT, self.height() // 2))
        top = (self.height() - height) // 2
        if is_low:
            left = bold.horizontalAdvance("0.000") + line // 2
            bounds = QRectF(left, top + 4, self.width() - left - 2, height - 8)
            top = (self.height() - words) // 2
        else:
            bounds = QRectF(0, top + words + 4, self.width() - 2, height - words - 8)
        self._paint_text(painter, QPointF(0, top + bold.ascent()), self.text, bold=True)
        if beside:
            self._paint_text(painter, QPointF(width, top + bold.ascent()), self.k90_text)
        elif stacked:
            self._paint_text(painter, QPointF(0, top + line + small.ascent()), self.k90_text)
        if bounds.width() >= MIN_CURVE_WIDTH:
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
