"""How likely the network takes the batch's first sample for each class."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.messages import StepInside
from gui.controls.numbers import percent
from gui.theme import font, look

SMALL = 0.85
WIDTH, HEIGHT = 200, 64
GAP = 3


class Chances(QWidget):
    """A bar for each class; the label's is filled, and its name bold."""

    def __init__(self) -> None:
        super().__init__()
        self._inside: StepInside | None = None
        self.setObjectName("chances")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._on_look_changed)

    def show_step(self, inside: StepInside) -> None:
        """Show a step's first sample."""
        if inside is not self._inside:
            self._inside = inside
            words = (
                f"{name}: {percent(float(p))}"
                for name, p in zip(inside.classes, inside.probabilities, strict=True)
            )
            self.setToolTip("p of each class\n" + "\n".join(words))
            self.setAccessibleName(self.toolTip())
            self.update()

    def sizeHint(self) -> QSize:
        """Qt's hook: the bars and a line of names."""
        scale = max(1.0, look.text_scale)
        return QSize(WIDTH, round(HEIGHT * scale))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook."""
        inside = self._inside
        if inside is None:
            return
        theme, painter = look.theme, QPainter(self)
        line = QFontMetrics(font(SMALL)).height()
        ground = self.height() - line - 2
        width = self.width() / len(inside.classes)
        for place, (name, p) in enumerate(zip(inside.classes, inside.probabilities, strict=True)):
            label, left = place == inside.label, place * width
            high = ground * float(p) if math.isfinite(p) else 0.0
            bar = QRectF(left + GAP, ground - high, width - 2 * GAP, high)
            painter.fillRect(bar, QColor(theme.target if label else theme.hatch))
            painter.setPen(QColor(theme.text if label else theme.muted))
            painter.setFont(font(SMALL, bold=label))
            room = QRectF(left, ground + 2, width, line)
            words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)
        painter.fillRect(QRectF(0, ground, self.width(), 1), QColor(theme.line))

    @Slot()
    def _on_look_changed(self) -> None:
        self.updateGeometry()
        self.update()
