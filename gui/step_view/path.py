"""The path of the five phases, with the current one marked."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.step_view.phases import Phase
from gui.theme import SMALL, SPACE, appearance, font

DOT_DIAMETER = 20
"""Diameter of a phase's number, in pixels at the ordinary text size."""
LINK_LENGTH = 18
"""Length of the line between two phases, in pixels."""


class PhasePath(QWidget):
    """Numbered dots joined by lines; the current one is filled and its name bold."""

    chosen = Signal(object)
    """The phase that was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.phase = Phase.FORWARD
        self.setObjectName("momentPath")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_phase(self, phase: Phase) -> None:
        """Mark a phase as current."""
        self.phase = phase
        self.setAccessibleName(f"Moment {phase} of {len(Phase)}: {phase.title}")
        self.update()

    def place(self, phase: Phase) -> QRectF:
        """Return the rectangle of a phase with its name."""
        x = 0.0
        for one in Phase:
            width = self._width(one)
            if one is phase:
                return QRectF(x, 0.0, width, float(self.height()))
            x += width + (LINK_LENGTH + SPACE if self._whole else SPACE // 2)
        raise AssertionError(phase)

    def sizeHint(self) -> QSize:
        """Return the size for all names, each as if it were bold."""
        return QSize(self._whole_width(), round(self._dot()) + 6)

    def minimumSizeHint(self) -> QSize:
        """Return the size with only the current phase's name."""
        names = max(self._words(one) for one in Phase)
        dots = len(Phase) * (self._dot() + SPACE // 2)
        return QSize(round(dots + names), round(self._dot()) + 6)

    @property
    def _whole(self) -> bool:
        return self.width() >= self._whole_width()

    def _whole_width(self) -> int:
        width = sum(self._dot() + self._words(one) for one in Phase)
        return round(width + (len(Phase) - 1) * (LINK_LENGTH + SPACE)) + 2

    def _dot(self) -> float:
        return DOT_DIAMETER * max(1.0, appearance.text_scale)

    def _words(self, phase: Phase) -> int:
        """Return the width of a name with the gap before it."""
        return SPACE // 2 + QFontMetrics(font(bold=True)).horizontalAdvance(phase.title)

    def _named(self, phase: Phase) -> bool:
        return phase is self.phase or self._whole

    def _width(self, phase: Phase) -> float:
        return self._dot() + (self._words(phase) if self._named(phase) else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint all phases."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for phase in Phase:
            self._paint_phase(painter, phase)

    def _paint_phase(self, painter: QPainter, phase: Phase) -> None:
        theme, place, dot = appearance.theme, self.place(phase), self._dot()
        middle = place.center().y()
        current, past = phase is self.phase, phase < self.phase
        circle = QRectF(place.left() + 2, middle - dot / 2 + 1, dot - 3, dot - 3)
        colour = QColor(theme.accent if current or past else theme.muted)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if current else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(circle)
        painter.setFont(font(SMALL, bold=current))
        painter.setPen(QColor(theme.on_accent) if current else colour)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(int(phase)))
        if self._named(phase):
            painter.setFont(font(bold=current))
            painter.setPen(QColor(theme.text if current else theme.muted))
            words = place.adjusted(dot + SPACE // 2, 0, SPACE, 0)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(words, left, phase.title)
        if phase is not Phase.TAKEN and self._whole:
            painter.setPen(QPen(QColor(theme.accent if past else theme.line), 1.5))
            end = place.right() + SPACE // 2
            painter.drawLine(QPointF(end, middle), QPointF(end + LINK_LENGTH - SPACE // 2, middle))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report the phase that is clicked."""
        for phase in Phase:
            if self.place(phase).contains(event.position()):
                self.chosen.emit(phase)
