"""Bars for the probability of each class, in one output or before fine-tuning and now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.text.numbers import percent
from gui.theme import SMALL, appearance, font

GAP = 3  # pixels
MAX_BAR_WIDTH, MAX_PAIRED_WIDTH = 44, 14
"""Largest width of a bar in pixels at the ordinary text size; of one of two, in pixels."""
PAIRED_SHARE = 0.36
"""Width of one of two bars, as a share of the space for a class."""


class ClassBars(QWidget):
    """A bar for each class and output; the true class stands out.

    Args: width, height: preferred size in pixels, without the line of class names.
    """

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._width, self._height = width, height
        self._classes: tuple[str, ...] = ()
        self._outputs: tuple[NDArray[np.float32], ...] = ()
        self._label: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_classes(
        self, classes: tuple[str, ...], label: int | None, *outputs: NDArray[np.float32]
    ) -> None:
        """Show one distribution, or those before and now.

        Args: label: true class, if known.  outputs: (classes,) each.
        """
        same = (classes, label) == (self._classes, self._label)
        if same and np.array_equal(outputs, self._outputs):
            return
        self._classes, self._label, self._outputs = classes, label, outputs
        when = (" before", " now") if len(outputs) == 2 else ("",)
        texts = (
            ", ".join(f"{percent(float(p))}{w}" for p, w in zip(ps, when, strict=True))
            for ps in zip(*outputs, strict=True)
        )
        lines = (f"{name}: {text}" for name, text in zip(classes, texts, strict=True))
        self.setToolTip("\n".join(("p of each class", *lines)))
        self.setAccessibleDescription(self.toolTip())
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the bars and one line of class names."""
        return QSize(self._width, self._height + QFontMetrics(font(SMALL)).height() + GAP)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars above a line of class names."""
        if not self._classes:
            return
        theme, painter, count = appearance.theme, QPainter(self), len(self._outputs)
        metrics = QFontMetrics(font(SMALL, bold=True))
        baseline = float(self.height() - metrics.height() - GAP)
        slot = self.width() / len(self._classes)
        width = min(PAIRED_SHARE * slot, MAX_PAIRED_WIDTH)
        if count == 1:
            width = min(slot - 2 * GAP, MAX_BAR_WIDTH * appearance.layout_scale)
        scale = SMALL * min(slot / (max(map(metrics.horizontalAdvance, self._classes)) + GAP), 1.0)
        painter.fillRect(QRectF(0, baseline, self.width(), 1), QColor(theme.line))
        for index, name in enumerate(self._classes):
            is_true, middle = index == self._label, slot * (index + 0.5)
            for place, output in enumerate(self._outputs):
                now = place if count == 2 else is_true
                p, left = float(output[index]), middle + (place - count / 2) * (width + 1) + 0.5
                height = max(p * (baseline - 2), 1.0) if np.isfinite(p) else 0.0
                bar = QRectF(left, baseline - height, width, height)
                painter.fillRect(bar, QColor(theme.target if now else theme.hatch))
            painter.setFont(font(scale, bold=is_true))
            painter.setPen(QColor(theme.text if is_true else theme.muted))
            below = QRectF(middle - slot / 2, baseline + GAP - 1, slot, metrics.height() + 1)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, name)
            if is_true and count == 2:
                painter.fillRect(QRectF(middle - width, baseline, 2 * width, 2), QColor(theme.text))
