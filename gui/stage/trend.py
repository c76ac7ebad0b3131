"""How far a layer has moved, ‖ΔW‖ / ‖W‖, in how many directions, and how it came there."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.stage.text import SMALL
from gui.stage.words import NORM_RATIO, number, title
from gui.theme import font, look

MOST_POINTS = 120
"""More points than this say nothing more in a picture of this size."""
LINE_WIDTH = 1.5
TALLEST = 96
"""A small picture, however high the row is, in pixels."""
LEAST_CURVE = 40
"""A curve narrower than this says nothing."""
WIDEST = "0.0001"
"""The longest number."""
K90_TIP = "k90: {} 90 % of its energy ‖ΔW‖²"
SIDE_BY_SIDE = 36
"""Below this height the curve stands to the right of the number."""


class Course:
    """The values of a run by step, evenly thinned as they grow many."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float]] = []
        self._spacing = 0.0
        """In steps, between points that stay."""

    def add(self, step: int, value: float) -> None:
        """Take a value; those of later steps go, for the run has been wound back."""
        points = self.points
        while points and points[-1][0] >= step:
            points.pop()
        # The newest point is always there, so that the curve reaches now; it stays for good
        # only if it lies far enough from the one before.
        if len(points) > 1 and points[-1][0] - points[-2][0] < self._spacing:
            points.pop()
        points.append((step, value))
        if len(points) > MOST_POINTS:
            self._spacing = 2 * (step - points[0][0]) / MOST_POINTS
            self._thin()

    @property
    def largest(self) -> float:
        """The largest finite value; 0.0 where there is none."""
        return max((value for _, value in self.points if math.isfinite(value)), default=0.0)

    def clear(self) -> None:
        """Begin again."""
        self.points.clear()
        self._spacing = 0.0

    def _thin(self) -> None:
        kept = self.points[:1]
        for point in self.points[1:-1]:
            if point[0] - kept[-1][0] >= self._spacing:
                kept.append(point)
        self.points = [*kept, self.points[-1]]


class Trend(QWidget):
    """The value as a number, and its course as a small curve that starts at zero."""

    def __init__(self, layer: str, parent: QWidget | None = None) -> None:
        """Show nothing yet. Args: layer: its name, for screen readers."""
        super().__init__(parent)
        self._course = Course()
        self._ceiling = 0.0
        self._text, self._k90 = "", ""
        self.setAccessibleName(f"{NORM_RATIO}, {title(layer)}")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.changed.connect(self._on_look_changed)

    @staticmethod
    def least_width() -> int:
        """Pixels in which any number is written in full."""
        return QFontMetrics(font(bold=True)).horizontalAdvance(WIDEST)

    def set_ceiling(self, largest: float) -> None:
        """Draw this value at the upper edge; the same for all rows, so that they compare."""
        if largest != self._ceiling:
            self._ceiling = largest
            self.update()

    @property
    def course(self) -> Course:
        """What the curve shows."""
        return self._course

    @property
    def text(self) -> str:
        """The number as written."""
        return self._text

    @property
    def directions(self) -> str:
        """How many directions hold 90 % of the energy, as written; empty where nothing moved."""
        return f"k90 {self._k90}" if self._k90 else ""

    def add(self, step: int, value: float, k90: str = "") -> None:
        """Show the value at this step.

        Args: k90: directions that hold 90 % of ΔW's energy; empty where ΔW is zero.
        """
        points = self._course.points
        if points and points[-1] == (step, value) and k90 == self._k90:
            return
        self._course.add(step, value)
        self._text = number(value)
        if k90 != self._k90:
            self._k90 = k90
            self.setToolTip(K90_TIP.format(_directions(k90)) if k90 else "")
        self.setAccessibleDescription(", ".join(filter(None, (self._text, self.directions))))
        self.update()

    def go_on(self, course: Course | None) -> None:
        """Continue a curve that another picture of the same layer began."""
        if course is not None:
            self._course = course

    def clear(self) -> None:
        """A new run: forget the old curve."""
        self._course.clear()
        self._text, self._k90 = "", ""
        self.setToolTip("")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The number and k90 above the curve, or beside it where the row is low."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.theme.page))
        line, small = (QFontMetrics(each).height() for each in (font(bold=True), font(SMALL)))
        low = self.height() < line + SIDE_BY_SIDE
        beside = not low and self.width() >= self._words_width()
        stacked = not beside and self.height() >= line + small
        words = line + (small if stacked else 0)
        height = min(self.height(), max(TALLEST, self.height() // 2))
        top = (self.height() - height) // 2
        words_top = (self.height() - words) // 2 if low else top
        self._paint_words(painter, words_top, line, beside=beside, stacked=stacked)
        if low:
            left = QFontMetrics(font(bold=True)).horizontalAdvance("0.000") + line // 2
            room = QRectF(left, top + 4, self.width() - left - 2, height - 8)
        else:
            room = QRectF(0, top + words + 4, self.width() - 2, height - words - 8)
        if room.width() >= LEAST_CURVE:
            self._paint_curve(painter, room)

    def _paint_words(
        self, painter: QPainter, top: int, line: int, *, beside: bool, stacked: bool
    ) -> None:
        """Args: line: height of the number.  beside, stacked: where k90 stands, if anywhere."""
        strong, small = font(bold=True), font(SMALL)
        painter.setFont(strong)
        painter.setPen(QColor(look.theme.text))
        base = top + QFontMetrics(strong).ascent()
        painter.drawText(QPointF(0, base), self._text)
        painter.setFont(small)
        painter.setPen(QColor(look.theme.muted))
        if beside:
            left = QFontMetrics(strong).horizontalAdvance(WIDEST) + line // 2
            painter.drawText(QPointF(left, base), self.directions)
        elif stacked:
            under = top + line + QFontMetrics(small).ascent()
            painter.drawText(QPointF(0, under), self.directions)

    @staticmethod
    def _words_width() -> int:
        """Pixels of the number and k90 side by side."""
        bold = QFontMetrics(font(bold=True))
        k90 = QFontMetrics(font(SMALL)).horizontalAdvance("k90 40")
        return bold.horizontalAdvance(WIDEST) + bold.height() // 2 + k90

    def _paint_curve(self, painter: QPainter, room: QRectF) -> None:
        painter.setPen(QPen(QColor(look.theme.line), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        points = self._course.points
        if len(points) < 2 or self._course.largest <= 0.0:
            return
        first, last = points[0][0], points[-1][0]
        across = room.width() / max(last - first, 1)
        up = (room.height() - LINE_WIDTH) / max(self._ceiling, self._course.largest)
        bottom = room.bottom() - LINE_WIDTH / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.theme.accent), LINE_WIDTH))
        curve = [
            QPointF(room.left() + (step - first) * across, bottom - value * up)
            for step, value in points
            if math.isfinite(value)  # else the run had diverged
        ]
        painter.drawPolyline(curve)

    @Slot()
    def _on_look_changed(self) -> None:
        self.update()


def _directions(count: str) -> str:
    return "1 direction of ΔW holds" if count == "1" else f"{count} directions of ΔW hold"
