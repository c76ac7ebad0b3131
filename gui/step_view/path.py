"""The five moments as the steps of a path, of which one is where one stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.step_view.phases import Phase
from gui.theme import SPACE, appearance, font

DOT = 20
"""Diameter of a moment's number, in pixels at the ordinary text size."""
LINK = 18
"""Length of the line from a moment to the next."""


class PhasePath(QWidget):
    """Numbered dots joined by a line; the present one is filled and its name bold."""

    chosen = Signal(object)
    """Moment that was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = Phase.FORWARD
        self.setObjectName("momentPath")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_moment(self, moment: Phase) -> None:
        """Stand there."""
        self._moment = moment
        self.setAccessibleName(f"Moment {moment} of {len(Phase)}: {moment.title}")
        self.update()

    @property
    def moment(self) -> Phase:
        """Where one stands."""
        return self._moment

    def place(self, moment: Phase) -> QRectF:
        """Where a moment is drawn, with its name."""
        x = 0.0
        for one in Phase:
            width = self._width(one)
            if one is moment:
                return QRectF(x, 0.0, width, float(self.height()))
            x += width + (LINK + SPACE if self._whole else SPACE // 2)
        raise AssertionError(moment)

    def sizeHint(self) -> QSize:
        """Qt's hook: room for all, each as if its name were bold."""
        return QSize(self._whole_width(), round(self._dot()) + 6)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: where it is narrow only the present moment has its name."""
        names = max(self._words(one) for one in Phase)
        dots = len(Phase) * (self._dot() + SPACE // 2)
        return QSize(round(dots + names), round(self._dot()) + 6)

    @property
    def _whole(self) -> bool:
        """Whether there is room for all names."""
        return self.width() >= self._whole_width()

    def _whole_width(self) -> int:
        width = sum(self._dot() + self._words(one) for one in Phase)
        return round(width + (len(Phase) - 1) * (LINK + SPACE)) + 2

    def _dot(self) -> float:
        return DOT * max(1.0, appearance.text_scale)

    def _words(self, moment: Phase) -> int:
        """Width of a name with the air before it."""
        return SPACE // 2 + QFontMetrics(font(bold=True)).horizontalAdvance(moment.title)

    def _named(self, moment: Phase) -> bool:
        return moment is self._moment or self._whole

    def _width(self, moment: Phase) -> float:
        return self._dot() + (self._words(moment) if self._named(moment) else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for moment in Phase:
            self._paint_moment(painter, moment)

    def _paint_moment(self, painter: QPainter, moment: Phase) -> None:
        theme, place, dot = appearance.theme, self.place(moment), self._dot()
        middle = place.center().y()
        here, past = moment is self._moment, moment < self._moment
        circle = QRectF(place.left() + 2, middle - dot / 2 + 1, dot - 3, dot - 3)
        colour = QColor(theme.accent if here or past else theme.muted)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if here else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(circle)
        painter.setFont(font(0.85, bold=here))
        painter.setPen(QColor(theme.on_accent) if here else colour)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(int(moment)))
        if self._named(moment):
            painter.setFont(font(bold=here))
            painter.setPen(QColor(theme.text if here else theme.muted))
            words = place.adjusted(dot + SPACE // 2, 0, SPACE, 0)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(words, left, moment.title)
        if moment is not Phase.TAKEN and self._whole:
            painter.setPen(QPen(QColor(theme.accent if past else theme.line), 1.5))
            end = place.right() + SPACE // 2
            painter.drawLine(QPointF(end, middle), QPointF(end + LINK - SPACE // 2, middle))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: a click leads to that moment."""
        for moment in Phase:
            if self.place(moment).contains(event.position()):
                self.chosen.emit(moment)

    def changeEvent(self, event: QEvent) -> None:
        """Qt's hook: another font, another size."""
        super().changeEvent(event)
        self.updateGeometry()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()
