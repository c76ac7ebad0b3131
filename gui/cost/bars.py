"""Bytes as bars: parts in a row, and bars one below the other on the same scale."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from gui.matrices.overlays import hatching
from gui.text.numbers import size_text
from gui.theme import SPACE, appearance, font
from gui.widgets.label import RIGHT, Label

NAME_WIDTH = 166
SIZE_WIDTH = 84
"""Of the columns beside the bars, in pixels at the ordinary text size."""
FAINT = 0.35
TRACE = 2.0
"""Pixels of a part that is there, however small."""


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A share of a bar."""

    name: str
    bytes: int
    colour: str
    """Of the theme, by name."""
    frozen: bool = False
    """Hatched, as what does not move is everywhere."""


class Bar(QWidget):
    """Parts one after the other; their sum is as long as it is part of `whole`."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[BarSegment, ...] = ()
        self._whole = 1
        self._faint = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._on_appearance_changed)

    def draw(self, parts: tuple[BarSegment, ...], whole: int, *, faint: bool = False) -> None:
        """Show these. Args: whole: bytes of the full width.  faint: of an older answer."""
        if (parts, whole, faint) != (self._parts, self._whole, self._faint):
            self._parts, self._whole, self._faint = parts, whole, faint
            described = ", ".join(f"{part.name} {size_text(part.bytes)}" for part in parts)
            self.setToolTip(described)
            self.setAccessibleDescription(described)
            self.update()

    def lengths(self) -> list[float]:
        """Pixels of each part."""
        total = sum(part.bytes for part in self._parts)
        room = self.width() * min(total / max(self._whole, 1), 1.0)
        return [
            max(room * part.bytes / max(total, 1), TRACE) if part.bytes else 0.0
            for part in self._parts
        ]

    def sizeHint(self) -> QSize:
        """Higher than a line of text: it is what is looked at."""
        return QSize(80, round(QFontMetrics(font()).height() * 1.75))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Parts from left to right; traces push the others, none is hidden."""
        theme = appearance.theme
        painter = QPainter(self)
        painter.setOpacity(FAINT if self._faint else 1.0)
        lengths = self.lengths()
        left, end = 0.0, float(self.width())
        for index, (part, length) in enumerate(zip(self._parts, lengths, strict=True)):
            # What follows keeps its traces, even where the first parts fill the bar.
            length = min(length, end - left - sum(min(n, TRACE) for n in lengths[index + 1 :]))
            place = QRectF(left, 0, max(length, 0.0), self.height())
            painter.fillRect(place, QColor(getattr(theme, part.colour)))
            if part.frozen:
                painter.fillRect(place, hatching(theme.hatch, 1))
                painter.setPen(QColor(theme.hatch))
                painter.drawRect(place.adjusted(0, 0, -1, -1))
            left += length
        painter.end()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()


class BarPair(QWidget):
    """Two bars on the same scale, each with its name and its size; the second may be absent."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        self._rows = [(Label(scale=1.1), Bar(), Label(scale=1.1, bold=True)) for _ in range(2)]
        for line, (name, bar, size) in enumerate(self._rows):
            size.setAlignment(RIGHT)
            for column, part in enumerate((name, bar, size)):
                grid.addWidget(part, line, column, Qt.AlignmentFlag.AlignVCenter)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def draw(self, bars: list[tuple[str, tuple[BarSegment, ...]]], *, faint: bool) -> None:
        """Show one or two bars. Args: bars: name and parts of each."""
        totals = [sum(part.bytes for part in parts) for _, parts in bars]
        for line, row in enumerate(self._rows):
            name, bar, size = row
            for widget in row:
                widget.setVisible(line < len(bars))
            if line < len(bars):
                name.show_text(bars[line][0])
                bar.setAccessibleName(bars[line][0])
                bar.draw(bars[line][1], max(totals), faint=faint)
                size.show_text(size_text(totals[line]))
                for text in (name, size):
                    text.set_colour("hatch" if faint else "text")

    @Slot()
    def _on_appearance_changed(self) -> None:
        for name, _, size in self._rows:
            name.setFixedWidth(round(NAME_WIDTH * appearance.text_scale))
            size.setFixedWidth(round(SIZE_WIDTH * appearance.text_scale))
