"""Bars for the probability of each class in one output."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.text.numbers import percent
from gui.theme import SMALL, appearance, font

GAP = 3  # pixels
MAX_BAR_WIDTH = 44  # pixels at the ordinary text size


class ClassBars(QWidget):
    """One bar for each class; the true class is coloured and its name bold."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: tuple[str, ...] = ()
        self._probabilities: NDArray[np.float32] = np.zeros(0, np.float32)
        self._label: int | None = None

    def show_classes(
        self, classes: tuple[str, ...], probabilities: NDArray[np.float32], label: int | None
    ) -> None:
        """Show a distribution. Args: probabilities: (classes,).  label: true class, if known."""
        same = np.array_equal(probabilities, self._probabilities)
        if same and (classes, label) == (self._classes, self._label):
            return
        self._classes, self._probabilities, self._label = classes, probabilities, label
        lines = (
            f"{name}: {percent(float(p))}" for name, p in zip(classes, probabilities, strict=True)
        )
        self.setToolTip("p of each class\n" + "\n".join(lines))
        self.setAccessibleDescription(self.toolTip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars above a line of class names."""
        if not self._classes:
            return
        theme, painter = appearance.theme, QPainter(self)
        line_height = QFontMetrics(font(SMALL)).height()
        baseline = self.height() - line_height - 2
        width = self.width() / len(self._classes)
        bar_width = min(width - 2 * GAP, MAX_BAR_WIDTH * max(1.0, appearance.text_scale))
        for index, (name, p) in enumerate(zip(self._classes, self._probabilities, strict=True)):
            is_true, left = index == self._label, index * width
            height = baseline * float(p) if math.isfinite(p) else 0.0
            bar = QRectF(left + (width - bar_width) / 2, baseline - height, bar_width, height)
            painter.fillRect(bar, QColor(theme.target if is_true else theme.hatch))
            painter.setPen(QColor(theme.text if is_true else theme.muted))
            painter.setFont(font(SMALL, bold=is_true))
            label_rect = QRectF(left, baseline + 2, width, line_height)
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(label_rect, Qt.AlignmentFlag.AlignCenter, text)
        painter.fillRect(QRectF(0, baseline, self.width(), 1), QColor(theme.line))
