"""Which step is shown, in words that cannot be overlooked where it is the past."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import RADIUS, SPACE, appearance, font

SMALLEST = 0.65
"""Of the ordinary text size, where a large text has no room."""


class PlaceLabel(QWidget):
    """Plain words at the newest step, a filled plate in the past; of a width that stays."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("timelineText")
        self._text, self._widest, self._past = "", "", False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._on_appearance_changed)

    def text(self) -> str:
        """What it says."""
        return self._text

    def show_text(self, text: str, widest: str, *, past: bool) -> None:
        """Say this. Args: widest: decides how wide it is."""
        if widest != self._widest:
            self._widest = widest
            self.updateGeometry()
        if (text, past) != (self._text, self._past):
            self._text, self._past = text, past
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the widest words."""
        metrics = QFontMetrics(font(bold=True))
        return QSize(metrics.horizontalAdvance(self._widest) + 2 * SPACE, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        """Smaller letters are better than fewer: nothing of this is cut off."""
        hint = self.sizeHint()
        return QSize(round(SMALLEST * hint.width()), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The plate and the words."""
        theme = appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(min(1.0, self.width() / self.sizeHint().width()), bold=True))
        words = QRectF(self.rect()).adjusted(SPACE, 0, -SPACE, 0)
        if self._past:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            wide = painter.fontMetrics().horizontalAdvance(self._text) + 2 * SPACE
            painter.drawRoundedRect(QRectF(0, 0, wide, self.height()), RADIUS, RADIUS)
        painter.setPen(QColor(theme.on_accent if self._past else theme.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._text)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
