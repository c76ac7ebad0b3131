"""A label of the step that is shown, prominent where that is in the past."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import RADIUS, SPACE, appearance, font

MIN_SCALE = 0.65
"""Least text size, relative to the ordinary one, where a large text has no space."""


class PositionLabel(QWidget):
    """Plain text at the newest step, on a filled background in the past; of constant width."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("timelineText")
        self._text, self._widest, self._past = "", "", False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return the text."""
        return self._text

    def show_text(self, text: str, widest: str, *, past: bool) -> None:
        """Show a text. Args: widest: determines the width.  past: is the step in the past?"""
        if widest != self._widest:
            self._widest = widest
            self.updateGeometry()
        if (text, past) != (self._text, self._past):
            self._text, self._past = text, past
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the widest text."""
        metrics = QFontMetrics(font(bold=True))
        return QSize(metrics.horizontalAdvance(self._widest) + 2 * SPACE, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        """Return a smaller size: smaller letters are better than a text cut off."""
        hint = self.sizeHint()
        return QSize(round(MIN_SCALE * hint.width()), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the background and the text."""
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
