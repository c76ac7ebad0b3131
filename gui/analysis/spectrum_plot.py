"""Plot of the singular values of one layer's ΔW."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QResizeEvent

from engine.protocol.messages import LayerFrame
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Mark, PlotSpec, nice_top
from gui.plots.titled_plot import TitledPlot
from gui.text.layers import layer_title
from gui.text.numbers import short_number
from gui.text.plain_numbers import plain_number
from gui.theme import appearance

BAR_WIDTH = 0.75
"""Of the distance of two bars."""
MIN_DISTANCE = 5.4
"""Pixels from one bar to the next: what does not fit is left out, smallest first."""


HINT = (
    "σ: a singular value of ΔW, how strongly it acts in one direction\n"
    "k90: how many directions hold 90\u202f% of the energy of ΔW\n"
    "r: the rank of B A, the most directions that ΔW can have"
)


class SpectrumBars(LinePlot):
    """One bar for each singular value; a line behind each rank of interest: r, k90, the cut."""

    background = "panel"

    def __init__(self) -> None:
        self._values: NDArray[np.float32] = np.zeros(0, np.float32)
        self._truncation_rank = 0
        self._shown: tuple[LayerFrame, int, int] | None = None
        """What `show_spectrum` showed last."""
        self._bars = pg.BarGraphItem(x0=[], height=[], width=BAR_WIDTH, pen=pg.mkPen(None))
        super().__init__(zoomable=False)
        self.plotItem.addItem(self._bars)

    def show_spectrum(self, layer: LayerFrame, rank: int, truncation_rank: int) -> None:
        """Show a layer. Args: rank: the strategy's; 0: none.  truncation_rank: 0: off."""
        self._shown = layer, rank, truncation_rank
        values, k90 = layer.measured.singular_values, layer.measured.k90
        count = len(values)
        note = ""
        if layer.delta_norm == 0.0:
            note = "ΔW is zero"
        elif not np.isfinite(values).all():
            note = "not a number"
        self._values, self._truncation_rank = values[: 0 if note else count], truncation_rank
        marks = _marks(count, k90, rank, truncation_rank)
        top = 1.0
        if len(self._values):
            top = nice_top(float(values[0]))
            texts = (f"largest {short_number(float(values[0]))}", *(mark.text for mark in marks))
            self.setAccessibleDescription(", ".join(texts))
        else:
            marks = ()
            self.setAccessibleDescription(note)
        fitting = min(max(int(self.area().width() / MIN_DISTANCE), 1), max(count, 1))
        left_out = f"\nThe first {fitting} of {count} are shown" if fitting < count else ""
        self.hint = HINT + left_out
        self.set_spec(
            PlotSpec(
                (), marks, top, note=note, axis_name="", label_marks=True, min_last_step=fitting
            )
        )
        self._draw_bars()

    def hover_text(self, step: float) -> str:
        """Return the singular value under the pointer."""
        index = int(step)
        return f"σ{index + 1} = {self._values[index]:.4g}" if index < len(self._values) else ""

    def plotted_values(self) -> NDArray[np.float32]:
        """Return the heights of the bars, (n,)."""
        return self._values

    def value_rows(self) -> list[list[str]]:
        """Return a heading and the singular values, a direction a row."""
        values = enumerate(self._values, start=1)
        return [
            ["direction", "singular value"],
            *([str(k), plain_number(float(value))] for k, value in values),
        ]

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Switch the axis, and draw the bars anew: pyqtgraph knows no logarithmic ones."""
        super().set_logarithmic(logarithmic)
        self._draw_bars()

    def _draw_bars(self) -> None:
        theme, kept = appearance.theme, self._truncation_rank or len(self._values)
        colours = [theme.accent if i < kept else theme.hatch for i in range(len(self._values))]
        low, top = self._value_range()
        heights = self._values.astype(np.float64)
        if self._logarithmic:
            heights = np.log10(np.clip(heights, 10.0**low, 10.0**top)) - low
        places, brushes = np.arange(len(heights)), list(map(pg.mkBrush, colours))
        self._bars.setOpts(x0=places, y0=low, height=heights, brushes=brushes)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show as many bars as fit now; pyqtgraph calls this without an event."""
        super().resizeEvent(event)
        if event is not None and self._shown is not None:
            self.show_spectrum(*self._shown)

    def _restyle(self) -> None:
        super()._restyle()
        self._draw_bars()


def _marks(count: int, k90: int | None, rank: int, truncation_rank: int) -> tuple[Mark, ...]:
    """Return the lines behind the bars at the cut, at the strategy's rank and at k90."""
    lines = (
        (truncation_rank, f"cut at {truncation_rank}", "text"),
        (rank, f"r = {rank}", "muted"),
        (count, f"k90 > {count}", "text") if k90 is None else (k90, f"k90 = {k90}", "text"),
    )
    return tuple(
        Mark(after - (1 - BAR_WIDTH) / 2, text, colour, dotted=not text.startswith("cut"))
        for after, text, colour in lines
        if after
    )


class SpectrumPlot(TitledPlot):
    """A layer's name, a text beside it, and the bars below."""

    def __init__(self, layer: str) -> None:
        self.bars = SpectrumBars()
        super().__init__(layer_title(layer), self.bars)
        self.bars.setObjectName(f"spectrum.{layer}")
        self.bars.setAccessibleName(f"Singular values of ΔW, {layer_title(layer)}")

    def show_layer(self, layer: LayerFrame, rank: int, truncation_rank: int, text: str) -> None:
        """Show a layer. Args: text: beside the name; else as in `SpectrumBars.show_spectrum`."""
        self.bars.show_spectrum(layer, rank, truncation_rank)
        self.show_values(text)
