"""Plot of the singular values of one layer's ΔW."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.protocol.messages import LayerFrame
from gui.analysis.spectrum_text import is_zero
from gui.plots.axis import nice_top
from gui.text.layers import layer_title
from gui.text.numbers import short_number
from gui.theme import SMALL, SPACE, TINY, appearance, font
from gui.widgets.label import ElidedLabel, Label

WIDEST_FIGURE = "0.05"
MAX_SLOT_PIXELS = 16
"""Width of one singular value: with more it looks like another kind of chart."""
UNDERLINE_HEIGHT = 3  # pixels
PLATE_ALPHA = 210


class Stems(QWidget):
    """One bar for each singular value, on a linear axis that begins at zero."""

    def __init__(self) -> None:
        super().__init__()
        self.values: NDArray[np.float32] = np.zeros(0, np.float32)
        self.k90: int | None = 0
        """Number of values that hold 90 % of the energy; None: more than there are `values`."""
        self.rank = self.truncation_rank = 0
        self._note = ""
        self._max_rank = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(100, 64)

    def show_spectrum(self, layer: LayerFrame, rank: int, truncation_rank: int) -> None:
        """Show a layer. Args: rank: the strategy's; 0: none.  truncation_rank: 0: off."""
        self.values, self.k90 = layer.singular_values, layer.k90
        self.rank, self.truncation_rank = rank, truncation_rank
        self._max_rank = min(layer.shape)
        self._note = ""
        if is_zero(layer):
            self._note = "ΔW is zero"
        elif not np.isfinite(self.values).all():
            self._note = "not a number"
        self.setAccessibleDescription(self._description())
        self.update()

    @property
    def note(self) -> str:
        """Reason why there are no bars; empty: there are some."""
        return self._note

    def _description(self) -> str:
        if self._note or not len(self.values):
            return self._note
        parts = f"largest {short_number(float(self.values[0]))}, {self._k90_text()}"
        return ", ".join([parts, *(text for _, text, _ in self._rank_lines())])

    def _k90_text(self) -> str:
        return f"k90 > {len(self.values)}" if self.k90 is None else f"k90 = {self.k90}"

    def _rank_lines(self) -> Iterator[tuple[int, str, str]]:
        """Yield (rank, text, name of a theme colour) of each vertical line."""
        if self.rank:
            yield self.rank, f"r = {self.rank}", "muted"
        if self.truncation_rank:
            yield self.truncation_rank, f"cut at {self.truncation_rank}", "source"

    # ------------------------------------------------------------ drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the axis, the bars, k90 under them, the vertical lines over them."""
        painter = QPainter(self)
        painter.setFont(font(TINY))
        line = QFontMetrics(font(TINY)).height()
        left = QFontMetrics(font(TINY)).horizontalAdvance(WIDEST_FIGURE) + 6
        area = QRectF(left, line // 2, self.width() - left, self.height() - line // 2 - line - 5)
        slot = min(int(area.width() / max(len(self.values), 1)), MAX_SLOT_PIXELS) or 1
        if len(self.values):
            area.setWidth(slot * len(self.values))
        self._paint_axis(painter, area, line)
        if self._note:
            painter.setPen(QColor(appearance.theme.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._note)
        elif len(self.values):
            self._paint_bars(painter, area, slot)
            self._paint_k90(painter, area, slot, line)
            self._paint_rank_lines(painter, area, slot, line)
        painter.end()

    def _top(self) -> float:
        return nice_top(float(self.values[0])) if len(self.values) and not self._note else 0.0

    def _paint_axis(self, painter: QPainter, area: QRectF, line: int) -> None:
        painter.setPen(QColor(appearance.theme.line))
        for y in (area.top(), area.bottom()):
            painter.drawLine(round(area.left()), round(y), round(area.right()), round(y))
        painter.setPen(QColor(appearance.theme.muted))
        top = self._top()
        for text, y in (("0", area.bottom()), (short_number(top) if top else "", area.top())):
            box = QRectF(0, y - line / 2, area.left() - 6, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, text)

    def _paint_bars(self, painter: QPainter, area: QRectF, slot: int) -> None:
        width = slot - max(1, slot // 3) if slot > 1 else 1
        heights = self.values / self._top() * area.height()
        for index, height in enumerate(heights.tolist()):
            kept = not self.truncation_rank or index < self.truncation_rank
            bar = QRectF(area.left() + index * slot, area.bottom() - height, width, height)
            painter.fillRect(
                bar, QColor(appearance.theme.accent if kept else appearance.theme.hatch)
            )

    def _paint_k90(self, painter: QPainter, area: QRectF, slot: int, line: int) -> None:
        """Underline the values that hold 90 % of the energy, and label the line."""
        if self.k90 == 0:
            return
        underline_top = area.bottom() + 3
        count_90 = len(self.values) if self.k90 is None else self.k90
        painter.fillRect(QRectF(area.left(), underline_top, count_90 * slot - 1, UNDERLINE_HEIGHT),
                         QColor(appearance.theme.text))  # fmt: skip
        name, metrics = self._k90_text(), QFontMetrics(font(TINY, bold=True))
        painter.setFont(font(TINY, bold=True))
        painter.setPen(QColor(appearance.theme.text))
        text_top = underline_top + UNDERLINE_HEIGHT - 1
        box = QRectF(area.left(), text_top, area.width(), line + 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip, name)
        painter.setFont(font(TINY))
        painter.setPen(QColor(appearance.theme.muted))
        count = f"{len(self.values)}"
        if len(self.values) < self._max_rank:
            count = f"first {count}"
        if area.width() > metrics.horizontalAdvance(name + count) + 8:
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, count)

    def _paint_rank_lines(self, painter: QPainter, area: QRectF, slot: int, line: int) -> None:
        metrics = QFontMetrics(font(TINY))
        for row, (rank, text, colour) in enumerate(self._rank_lines()):
            x = round(area.left()) + min(rank, len(self.values)) * slot - 1
            style = Qt.PenStyle.SolidLine if colour == "source" else Qt.PenStyle.DashLine
            painter.setPen(QPen(QColor(getattr(appearance.theme, colour)), 1, style))
            painter.drawLine(x, round(area.top()), x, round(area.bottom()))
            width = metrics.horizontalAdvance(text)
            left = x + 4 if x + 4 + width <= self.width() else x - 3 - width
            box = QRectF(left, area.top() + 2 + row * line, width + 1, line)
            plate = QColor(appearance.theme.page)
            plate.setAlpha(PLATE_ALPHA)
            painter.fillRect(box, plate)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)


class SpectrumPlot(QWidget):
    """A layer's name, a text beside it, and its stems below."""

    def __init__(self, layer: str) -> None:
        super().__init__()
        self.stems = Stems()
        self.stems.setObjectName(f"spectrum.{layer}")
        self.stems.setAccessibleName(f"Singular values of ΔW, {layer_title(layer)}")
        self._values = ElidedLabel(scale=SMALL, colour="muted", whole=True)
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(Label(layer_title(layer), bold=True))
        top.addWidget(self._values, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.stems, 1)

    def show_layer(self, layer: LayerFrame, rank: int, truncation_rank: int, text: str) -> None:
        """Show a layer. Args: text: beside the name; else as in `Stems.show_spectrum`."""
        self.stems.show_spectrum(layer, rank, truncation_rank)
        self._values.show_text(text)

    def values_text(self) -> str:
        """Return the text beside the name."""
        return self._values.full_text()
