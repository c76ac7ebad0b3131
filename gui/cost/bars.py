"""Bar chart of bytes: bars of segments on a common scale."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from gui.matrices.overlays import hatch_brush
from gui.text.numbers import size_text
from gui.theme import LARGE, SPACE, appearance, font
from gui.widgets.label import RIGHT, Label

NAME_WIDTH = 166
SIZE_WIDTH = 84
"""Widths of the columns beside the bars, in pixels at the ordinary text size."""
MIN_SEGMENT_WIDTH = 2.0
"""Smallest width of a segment that is not empty, in pixels."""


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A segment of a bar."""

    name: str
    bytes: int
    colour: str
    """Name of a theme colour."""
    frozen: bool = False
    """True: hatched, as frozen weights are everywhere."""


class Bar(QWidget):
    """A bar of segments; its length is proportional to their sum."""

    def __init__(self) -> None:
        super().__init__()
        self._segments: tuple[BarSegment, ...] = ()
        self._full_scale = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def draw(self, segments: tuple[BarSegment, ...], full_scale: int) -> None:
        """Show segments. Args: full_scale: bytes of the full width."""
        if (segments, full_scale) != (self._segments, self._full_scale):
            self._segments, self._full_scale = segments, full_scale
            description = ", ".join(
                f"{segment.name} {size_text(segment.bytes)}" for segment in segments
            )
            self.setToolTip(description)
            self.setAccessibleDescription(description)
            self.update()

    def lengths(self) -> list[float]:
        """Return the length of each segment, in pixels."""
        total = sum(segment.bytes for segment in self._segments)
        bar_width = self.width() * min(total / max(self._full_scale, 1), 1.0)
        return [
            max(bar_width * segment.bytes / max(total, 1), MIN_SEGMENT_WIDTH)
            if segment.bytes
            else 0.0
            for segment in self._segments
        ]

    def sizeHint(self) -> QSize:
        """Return the size: higher than a line of text."""
        return QSize(80, round(QFontMetrics(font()).height() * 1.75))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the segments from the right: none that is not empty is hidden by a large one."""
        theme, painter, lengths = appearance.theme, QPainter(self), self.lengths()
        right = min(sum(lengths), float(self.width()))
        for segment, length in zip(reversed(self._segments), reversed(lengths), strict=True):
            left = max(right - length, 0.0)
            rect = QRectF(left, 0, right - left, self.height())
            painter.fillRect(rect, QColor(getattr(theme, segment.colour)))
            if segment.frozen:
                painter.fillRect(rect, hatch_brush(theme.hatch, 1))
                painter.setPen(QColor(theme.hatch))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
            right = left
        painter.end()


class BarPair(QWidget):
    """One or two bars on the same scale, each with its name and its size."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        self._rows = [(Label(scale=LARGE), Bar(), Label(scale=LARGE, bold=True)) for _ in range(2)]
        for row_index, (name, bar, size) in enumerate(self._rows):
            size.setAlignment(RIGHT)
            for column, part in enumerate((name, bar, size)):
                grid.addWidget(part, row_index, column, Qt.AlignmentFlag.AlignVCenter)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def draw(self, bars: list[tuple[str, tuple[BarSegment, ...]]]) -> None:
        """Show one or two bars. Args: bars: (name, segments) of each."""
        totals = [sum(segment.bytes for segment in segments) for _, segments in bars]
        for row_index, row in enumerate(self._rows):
            name, bar, size = row
            for widget in row:
                widget.setVisible(row_index < len(bars))
            if row_index < len(bars):
                name.show_text(bars[row_index][0])
                bar.setAccessibleName(bars[row_index][0])
                bar.draw(bars[row_index][1], max(totals))
                size.show_text(size_text(totals[row_index]))

    @Slot()
    def _on_appearance_changed(self) -> None:
        for name, _, size in self._rows:
            name.setFixedWidth(round(NAME_WIDTH * appearance.text_scale))
            size.setFixedWidth(round(SIZE_WIDTH * appearance.text_scale))
