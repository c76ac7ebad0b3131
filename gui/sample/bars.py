"""Bars for the probability of each class, before fine-tuning and now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.protocol.messages import SampleFrame
from gui.theme import SMALL, appearance, font

BAR_HEIGHT = 56  # pixels
MAX_BAR_WIDTH = 14  # pixels


class Bars(QWidget):
    """A pair of bars for each class: grey with W, blue with W′; the true class stands out."""

    def __init__(self) -> None:
        super().__init__()
        self._sample: SampleFrame | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_sample(self, sample: SampleFrame) -> None:
        """Show a sample; repaint only if it or its probabilities differ from those shown."""
        old, self._sample = self._sample, sample
        if old is None or not (
            old.index == sample.index
            and np.array_equal(old.before, sample.before)
            and np.array_equal(old.after, sample.after)
        ):
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the bars and one line of class names."""
        return QSize(120, BAR_HEIGHT + QFontMetrics(font(SMALL)).height() + 4)

    def event(self, event: QEvent) -> bool:
        """Show both probabilities of the class under the pointer as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.class_text(event.pos().x()), self)
            return True
        return super().event(event)

    def class_text(self, x: float) -> str:
        """Return both probabilities of the class at `x`, in pixels from the left."""
        sample = self._sample
        if sample is None:
            return ""
        index = min(max(int(x / self.width() * len(sample.classes)), 0), len(sample.classes) - 1)
        before, after = float(sample.before[index]), float(sample.after[index])
        return f"{sample.classes[index]}: {before:.1%} before, {after:.1%} now"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars from a common baseline."""
        sample = self._sample
        if sample is None:
            return
        theme = appearance.theme
        painter = QPainter(self)
        baseline = float(BAR_HEIGHT)
        painter.fillRect(QRectF(0, baseline, self.width(), 1), QColor(theme.line))
        slot = self.width() / len(sample.classes)
        scale = self._label_scale(sample.classes, slot)
        bar_width = min(slot * 0.36, MAX_BAR_WIDTH)
        for index, name in enumerate(sample.classes):
            middle = slot * (index + 0.5)
            for left, values, colour in (
                (middle - bar_width - 0.5, sample.before, theme.hatch),
                (middle + 0.5, sample.after, theme.target),
            ):
                height = _height(values, index)
                painter.fillRect(QRectF(left, baseline - height, bar_width, height), QColor(colour))
            is_true = index == sample.label
            painter.setFont(font(scale, bold=is_true))
            painter.setPen(QColor(theme.text if is_true else theme.muted))
            label_rect = QRectF(middle - slot / 2, baseline + 2, slot, self.height() - baseline - 2)
            painter.drawText(label_rect, Qt.AlignmentFlag.AlignHCenter, name)
            if is_true:
                underline = QRectF(middle - bar_width, baseline, 2 * bar_width, 2)
                painter.fillRect(underline, QColor(theme.text))
        painter.end()

    def _label_scale(self, classes: tuple[str, ...], slot: float) -> float:
        """Return the text scale at which the widest class name fits into its slot."""
        metrics = QFontMetrics(font(SMALL, bold=True))
        widest = max(metrics.horizontalAdvance(name) for name in classes) + 3
        return SMALL * min(slot / widest, 1.0)


def _height(values: NDArray[np.float32], index: int) -> float:
    """Return a bar's height in pixels: 0 for a value that is not finite, else at least 1."""
    value = float(values[index])
    return max(value * (BAR_HEIGHT - 2), 1.0) if np.isfinite(value) else 0.0
