"""Gauge of the scaling s, beside the values that the rules α/r and α/√r would give."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.analysis.scale_text import Scaling
from gui.plots.axis import nice_top
from gui.text.numbers import short_number
from gui.theme import TINY, appearance, font

TRACK_HEIGHT = 8
"""Height of the bar, in pixels."""
TICK_LENGTH = 4
"""Length by which a tick stands out of the bar, in pixels."""


class Gauge(QWidget):
    """Bar of length s, with a tick below it at α/r and one above it at α/√r."""

    def __init__(self) -> None:
        super().__init__()
        self._scaling: Scaling | None = None
        self.setAccessibleName("Scaling s")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scaling(self, scaling: Scaling) -> None:
        """Show s, α/r and α/√r."""
        if scaling != self._scaling:
            self._scaling = scaling
            texts = [f"s = {short_number(scaling.value)}"]
            texts += [text for text, _, _ in _ticks(scaling)]
            self.setAccessibleDescription(", ".join(texts))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the bar with a line of text above and below it."""
        return QSize(120, 2 * QFontMetrics(font(TINY)).height() + TRACK_HEIGHT + 2 * TICK_LENGTH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar, then the ticks and their names."""
        scaling = self._scaling
        if scaling is None:
            return
        painter, metrics = QPainter(self), QFontMetrics(font(TINY))
        painter.setFont(font(TINY))
        track = QRectF(0, metrics.height() + TICK_LENGTH, self.width(), TRACK_HEIGHT)
        top = nice_top(max(scaling.value, scaling.by_rank, scaling.by_root) * 1.05)
        painter.fillRect(track, QColor(appearance.theme.line))
        painter.fillRect(QRectF(track.left(), track.top(), scaling.value / top * self.width(),
                                TRACK_HEIGHT), QColor(appearance.theme.accent))  # fmt: skip
        for text, value, above in _ticks(scaling):
            x = min(round(value / top * self.width()), self.width() - 1)
            painter.setPen(QColor(appearance.theme.text))
            reach = (track.top() - TICK_LENGTH, track.bottom() - 1) if above else (
                track.top(), track.bottom() + TICK_LENGTH - 1)  # fmt: skip
            painter.drawLine(x, round(reach[0]), x, round(reach[1]))
            width = metrics.horizontalAdvance(text) + 1
            left = min(max(x - width / 2, 0), self.width() - width)
            y = 0 if above else track.bottom() + TICK_LENGTH
            painter.setPen(QColor(appearance.theme.muted))
            painter.drawText(QRectF(left, y, width, metrics.height()),
                             Qt.AlignmentFlag.AlignLeft, text)  # fmt: skip
        painter.end()


def _ticks(scaling: Scaling) -> tuple[tuple[str, float, bool], ...]:
    """Return (text, value, whether it stands above the bar) of each tick."""
    return (
        (f"α/√r = {short_number(scaling.by_root)}", scaling.by_root, True),
        (f"α/r = {short_number(scaling.by_rank)}", scaling.by_rank, False),
    )
