"""How likely a network takes something for each class."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.text.numbers import percent
from gui.theme import appearance, font

SMALL = 0.85
GAP = 3
WIDEST_BAR = 44


class ClassBars(QWidget):
    """A bar for each class; the true one's is filled, and its name bold."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: tuple[str, ...] = ()
        self._probabilities: NDArray[np.float32] = np.zeros(0, np.float32)
        self._label: int | None = None
        appearance.changed.connect(self._on_appearance_changed)

    def show_classes(
        self, classes: tuple[str, ...], probabilities: NDArray[np.float32], label: int | None
    ) -> None:
        """Draw these. Args: probabilities: (classes,).  label: the true class, if it is known."""
        same = np.array_equal(probabilities, self._probabilities)
        if same and (classes, label) == (self._classes, self._label):
            return
        self._classes, self._probabilities, self._label = classes, probabilities, label
        words = (
            f"{name}: {percent(float(p))}" for name, p in zip(classes, probabilities, strict=True)
        )
        self.setToolTip("p of each class\n" + "\n".join(words))
        self.setAccessibleDescription(self.toolTip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the bars over a line of names."""
        if not self._classes:
            return
        theme, painter = appearance.theme, QPainter(self)
        line = QFontMetrics(font(SMALL)).height()
        ground = self.height() - line - 2
        width = self.width() / len(self._classes)
        wide = min(width - 2 * GAP, WIDEST_BAR * max(1.0, appearance.text_scale))
        for place, (name, p) in enumerate(zip(self._classes, self._probabilities, strict=True)):
            label, left = place == self._label, place * width
            high = ground * float(p) if math.isfinite(p) else 0.0
            bar = QRectF(left + (width - wide) / 2, ground - high, wide, high)
            painter.fillRect(bar, QColor(theme.target if label else theme.hatch))
            painter.setPen(QColor(theme.text if label else theme.muted))
            painter.setFont(font(SMALL, bold=label))
            room = QRectF(left, ground + 2, width, line)
            words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)
        painter.fillRect(QRectF(0, ground, self.width(), 1), QColor(theme.line))

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
