"""Bars of segments on a common scale, each as long as its bytes; what is too small is not drawn."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.matrices.overlays import hatch_brush
from gui.text.numbers import size_text
from gui.theme import LARGE, SPACE, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, ElidedLabel, Label

HEIGHT_LINES = 1.1
"""Height of a bar in lines of text."""
SWATCH_SIDE = 12  # logical pixels
LEAST_DRAWN = 1.0
"""Length from which a segment is drawn, in pixels."""


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A segment of a bar."""

    name: str
    bytes: int
    colour: str
    """Name of a theme colour, or the number of a layer's."""
    frozen: bool = False
    """True: hatched, as frozen weights are everywhere."""

    def paint_colour(self) -> QColor:
        """Return its colour in the present theme."""
        theme = appearance.theme
        if self.colour.isdigit():
            return QColor(theme.layer_colour(int(self.colour)))
        return QColor(getattr(theme, self.colour))


class Bar(QWidget):
    """A bar of segments; its length is proportional to their sum."""

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.segments: tuple[BarSegment, ...] = ()
        self._full_scale = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def draw(self, segments: tuple[BarSegment, ...], full_scale: int) -> None:
        """Show segments. Args: full_scale: bytes of the full width."""
        if (segments, full_scale) != (self.segments, self._full_scale):
            self.segments, self._full_scale = segments, full_scale
            description = ", ".join(
                f"{segment.name} {size_text(segment.bytes)}" for segment in segments
            )
            self.setToolTip(description)
            self.setAccessibleDescription(description)
            self.update()

    def lengths(self) -> list[float]:
        """Return the true length of each segment, in pixels."""
        scale = self.width() / max(self._full_scale, 1)
        return [segment.bytes * scale for segment in self.segments]

    def drawn(self) -> list[bool]:
        """Return of each segment whether it is long enough to be drawn."""
        return [length >= LEAST_DRAWN for length in self.lengths()]

    def sizeHint(self) -> QSize:
        """Return the size: about as high as a line of text."""
        return QSize(80, round(QFontMetrics(font()).height() * HEIGHT_LINES))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say so: other segments may be long enough to be drawn."""
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the segments side by side."""
        theme, painter, left = appearance.theme, QPainter(self), 0.0
        for segment, length in zip(self.segments, self.lengths(), strict=True):
            rect = QRectF(left, 0, length, self.height())
            left += length
            if length < LEAST_DRAWN:
                continue
            painter.fillRect(rect, segment.paint_colour())
            if segment.frozen:
                painter.fillRect(rect, hatch_brush(theme.hatch, 1))
                painter.setPen(QColor(theme.hatch))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.end()


class Swatch(Bar):
    """A square in a segment's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(SWATCH_SIDE, SWATCH_SIDE)

    def show_colour(self, segment: BarSegment) -> None:
        """Show the colour of a segment."""
        self.draw((BarSegment(segment.name, 1, segment.colour, segment.frozen),), 1)
        self.setToolTip("")


class BarPair(QWidget):
    """One or two bars on the same scale, each below its name and its size."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self._rows = [
            (ElidedLabel(), Label(scale=LARGE, bold=True), Bar(), QWidget()) for _ in range(2)
        ]
        for name, size, bar, row in self._rows:
            size.setAlignment(RIGHT)
            vbox(hbox((name, 1), size, spacing=SPACE), bar, on=row)
        vbox(*(row for *_, row in self._rows), on=self, spacing=SPACE)

    @property
    def first(self) -> Bar:
        """The upper bar."""
        return self._rows[0][2]

    def draw(self, bars: list[tuple[str, tuple[BarSegment, ...]]]) -> None:
        """Show one or two bars. Args: bars: (name, segments) of each."""
        totals = [sum(segment.bytes for segment in segments) for _, segments in bars]
        for index, (name, size, bar, row) in enumerate(self._rows):
            row.setVisible(index < len(bars))
            if index < len(bars):
                name.show_text(bars[index][0])
                bar.setAccessibleName(bars[index][0])
                bar.draw(bars[index][1], max(totals))
                size.show_text(size_text(totals[index]))
