"""How far a layer has moved, ‖ΔW‖ / ‖W‖, in how many directions, and how it came there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.stage.sparkline_data import SparklineData
from gui.stage.text import SMALL
from gui.text.layers import NORM_RATIO, number, title
from gui.theme import appearance, font

LINE_WIDTH = 1.5
TALLEST = 96
"""A small picture, however high the row is, in pixels."""
LEAST_MOVE = 0.75
"""A curve is painted anew where it moves by so many pixels, and its number wherever it changes."""
LEAST_CURVE = 40
"""A curve narrower than this says nothing."""
WIDEST = "0.0001"
"""The longest number."""
K90_TIP = "k90: {} 90 % of its energy ‖ΔW‖²"
SIDE_BY_SIDE = 36
"""Below this height the curve stands to the right of the number."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Where words and curve stand in the room, at the text size in force."""

    line: int
    """Height of the number."""
    words_top: float
    beside: float | None
    """Where k90 begins to the right of the number; None: it does not stand there."""
    stacked: bool
    """Whether k90 stands under the number."""
    curve: QRectF | None
    """None where it would be too narrow to say anything."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was painted last."""

    first: int
    last: int
    value: float
    ceiling: float


class Sparkline(QWidget):
    """The value as a number, and its course as a small curve that starts at zero."""

    def __init__(self, layer: str, parent: QWidget | None = None) -> None:
        """Show nothing yet. Args: layer: its name, for screen readers."""
        super().__init__(parent)
        self._course = SparklineData()
        self._ceiling = 0.0
        self._text, self._k90 = "", ""
        self._says_more = False
        self._sizes: _Sizes | None = None
        self._drawn: _Drawn | None = None
        self.setAccessibleName(f"{NORM_RATIO}, {title(layer)}")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        appearance.changed.connect(self._on_appearance_changed)

    @staticmethod
    def least_width() -> int:
        """Pixels in which any number is written in full."""
        return QFontMetrics(font(bold=True)).horizontalAdvance(WIDEST)

    def set_ceiling(self, largest: float) -> None:
        """Draw this value at the upper edge; the same for all rows, so that they compare."""
        self._ceiling = largest

    @property
    def course(self) -> SparklineData:
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
        """Take the value at this step; `refresh` shows it.

        Args: k90: directions that hold 90 % of ΔW's energy; empty where ΔW is zero.
        """
        points = self._course.points
        if points and points[-1] == (step, value) and k90 == self._k90:
            return
        self._course.add(step, value)
        text = number(value)
        if (text, k90) != (self._text, self._k90):
            self._text = text
            if k90 != self._k90:
                self._k90 = k90
                self.setToolTip(K90_TIP.format(_directions(k90)) if k90 else "")
            self.setAccessibleDescription(", ".join(filter(None, (text, self.directions))))
            self._says_more = True

    def refresh(self) -> None:
        """Paint what was added since the last time, if one could see it."""
        if self._says_more or self._has_moved():
            self._says_more = False
            self.update()

    def _now(self) -> _Drawn | None:
        """What there is to paint; None: no curve."""
        points, largest = self._course.points, self._course.largest
        if len(points) < 2 or largest <= 0.0:
            return None
        return _Drawn(points[0][0], *points[-1], max(self._ceiling, largest))

    def _has_moved(self) -> bool:
        """Whether the curve has changed so far that one could see it."""
        old, now = self._drawn, self._now()
        room = None if self._sizes is None else self._sizes.curve
        if old is None or now is None or room is None or old.first != now.first:
            return old != now
        if now.last < old.last or not (math.isfinite(old.value) and math.isfinite(now.value)):
            return old != now
        narrower = 1.0 - (old.last - old.first) / (now.last - now.first)
        lower = abs(1.0 - old.ceiling / now.ceiling)
        risen = abs(now.value - old.value) / now.ceiling
        moved = max(narrower * room.width(), max(lower, risen) * room.height())
        return moved >= LEAST_MOVE

    def go_on(self, course: SparklineData | None) -> None:
        """Continue a curve that another picture of the same layer began."""
        if course is not None:
            self._course = course
            self.update()

    def clear(self) -> None:
        """A new run: forget the old curve."""
        self._course.clear()
        self._text, self._k90 = "", ""
        self.setToolTip("")
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Work out anew where things stand."""
        self._sizes = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """The number and k90 above the curve, or beside it where the row is low."""
        if self._sizes is None:
            self._sizes = self._fit()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(appearance.theme.page))
        self._paint_words(painter, self._sizes)
        self._drawn = self._now()
        if self._sizes.curve is not None:
            self._paint_curve(painter, self._sizes.curve, self._drawn)

    def _fit(self) -> _Sizes:
        bold = QFontMetrics(font(bold=True))
        line, small = bold.height(), QFontMetrics(font(SMALL)).height()
        low = self.height() < line + SIDE_BY_SIDE
        beside = not low and self.width() >= self._words_width()
        stacked = not beside and self.height() >= line + small
        words = line + (small if stacked else 0)
        height = min(self.height(), max(TALLEST, self.height() // 2))
        top = (self.height() - height) // 2
        if low:
            left = bold.horizontalAdvance("0.000") + line // 2
            room = QRectF(left, top + 4, self.width() - left - 2, height - 8)
        else:
            room = QRectF(0, top + words + 4, self.width() - 2, height - words - 8)
        return _Sizes(
            line=line,
            words_top=(self.height() - words) // 2 if low else top,
            beside=bold.horizontalAdvance(WIDEST) + line // 2 if beside else None,
            stacked=stacked,
            curve=room if room.width() >= LEAST_CURVE else None,
        )

    def _paint_words(self, painter: QPainter, sizes: _Sizes) -> None:
        painter.setFont(font(bold=True))
        painter.setPen(QColor(appearance.theme.text))
        base = sizes.words_top + painter.fontMetrics().ascent()
        painter.drawText(QPointF(0, base), self._text)
        painter.setFont(font(SMALL))
        painter.setPen(QColor(appearance.theme.muted))
        if sizes.beside is not None:
            painter.drawText(QPointF(sizes.beside, base), self.directions)
        elif sizes.stacked:
            under = sizes.words_top + sizes.line + painter.fontMetrics().ascent()
            painter.drawText(QPointF(0, under), self.directions)

    @staticmethod
    def _words_width() -> int:
        """Pixels of the number and k90 side by side."""
        bold = QFontMetrics(font(bold=True))
        k90 = QFontMetrics(font(SMALL)).horizontalAdvance("k90 40")
        return bold.horizontalAdvance(WIDEST) + bold.height() // 2 + k90

    def _paint_curve(self, painter: QPainter, room: QRectF, now: _Drawn | None) -> None:
        painter.setPen(QPen(QColor(appearance.theme.line), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        if now is None:
            return
        across = room.width() / max(now.last - now.first, 1)
        up = (room.height() - LINE_WIDTH) / now.ceiling
        pen = QPen(QColor(appearance.theme.accent), LINE_WIDTH)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.translate(room.left(), room.bottom() - LINE_WIDTH / 2)
        painter.scale(across, -up)
        painter.translate(-now.first, 0.0)
        painter.drawPolyline(self._course.line)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._sizes = None
        self.update()


def _directions(count: str) -> str:
    return "1 direction of ΔW holds" if count == "1" else f"{count} directions of ΔW hold"
