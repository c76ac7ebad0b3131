"""How sure the network is of each class, before and now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.protocol.messages import SampleFrame
from gui.theme import appearance, font

SMALL = 0.85
BAR_HEIGHT = 56
WIDEST_BAR = 14


class Bars(QWidget):
    """A pair of bars for each class: grey with W, blue with W′; the true class stands out."""

    def __init__(self) -> None:
        super().__init__()
        self._sample: SampleFrame | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._on_appearance_changed)

    def show_sample(self, sample: SampleFrame) -> None:
        """Show another sample, or other probabilities of the same."""
        old, self._sample = self._sample, sample
        if old is None or not (
            old.index == sample.index
            and np.array_equal(old.before, sample.before)
            and np.array_equal(old.after, sample.after)
        ):
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the bars and one line of class names."""
        return QSize(120, BAR_HEIGHT + QFontMetrics(font(SMALL)).height() + 4)

    def event(self, event: QEvent) -> bool:
        """Give the figures of the class under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.class_text(event.pos().x()), self)
            return True
        return super().event(event)

    def class_text(self, x: float) -> str:
        """The figures of the class at this place."""
        sample = self._sample
        if sample is None:
            return ""
        index = min(max(int(x / self.width() * len(sample.classes)), 0), len(sample.classes) - 1)
        before, after = float(sample.before[index]), float(sample.after[index])
        return f"{sample.classes[index]}: {before:.1%} before, {after:.1%} now"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars from a common ground line."""
        sample = self._sample
        if sample is None:
            return
        theme = appearance.theme
        painter = QPainter(self)
        ground = float(BAR_HEIGHT)
        painter.fillRect(QRectF(0, ground, self.width(), 1), QColor(theme.line))
        share = self.width() / len(sample.classes)
        scale = self._label_scale(sample.classes, share)
        bar = min(share * 0.36, WIDEST_BAR)
        for index, name in enumerate(sample.classes):
            middle = share * (index + 0.5)
            for left, values, colour in (
                (middle - bar - 0.5, sample.before, theme.hatch),
                (middle + 0.5, sample.after, theme.target),
            ):
                height = _height(values, index)
                painter.fillRect(QRectF(left, ground - height, bar, height), QColor(colour))
            true = index == sample.label
            painter.setFont(font(scale, bold=true))
            painter.setPen(QColor(theme.text if true else theme.muted))
            below = QRectF(middle - share / 2, ground + 2, share, self.height() - ground - 2)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, name)
            if true:
                painter.fillRect(QRectF(middle - bar, ground, 2 * bar, 2), QColor(theme.text))
        painter.end()

    def _label_scale(self, classes: tuple[str, ...], share: float) -> float:
        """Small enough for the widest name to fit its place."""
        metrics = QFontMetrics(font(SMALL, bold=True))
        widest = max(metrics.horizontalAdvance(name) for name in classes) + 3
        return SMALL * min(share / widest, 1.0)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()


def _height(values: NDArray[np.float32], index: int) -> float:
    """Of a bar, in pixels; none for what is not a number, a trace for what is almost nothing."""
    value = float(values[index])
    return max(value * (BAR_HEIGHT - 2), 1.0) if np.isfinite(value) else 0.0
