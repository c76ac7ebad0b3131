"""Spectrum page: the singular values of each ΔW, and the effect of truncating it to a rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from engine.protocol.messages import Frame
from engine.protocol.network_shape import LESSON_DEPTH, MAX_RANK
from gui.analysis.live_page import LivePage
from gui.analysis.spectrum_text import body_layers, layer_text, rank_of, sentence
from gui.session import Session
from gui.theme import SECONDARY, SPACE
from gui.widgets.label import RIGHT, Label
from gui.widgets.slider import Slider

if TYPE_CHECKING:
    from gui.analysis.spectrum_plot import SpectrumPlot

PLOTS_AT_ONCE = 3
"""Plots that are made for one drawing: each takes 15 ms, and a deep network has 16."""
TEXT_WIDTH = 250
"""Width of the slider and the text below it, in pixels at the ordinary text size."""


class _PlotRow(QScrollArea):
    """Plots side by side; those of a deep network are scrolled."""

    def __init__(self) -> None:
        super().__init__()
        content = QWidget()
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2 * SPACE)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidget(content)
        for part in (self.viewport(), content):  # the page shows through
            part.setAutoFillBackground(False)

    def clear(self) -> None:
        """Remove the plots."""
        while (item := self._row.takeAt(0)) is not None:
            if (plot := item.widget()) is not None:
                plot.deleteLater()

    def add(self, plot: SpectrumPlot) -> None:
        """Add a plot at the right."""
        self._row.addWidget(plot, 1)

    def minimumSizeHint(self) -> QSize:
        """Return the size of the lessons' three plots, or of all where there are fewer."""
        count = max(1, self._row.count())
        hint, gap = self._row.minimumSize(), self._row.spacing()
        plot_width = (hint.width() + gap) // count - gap
        shown = min(count, LESSON_DEPTH)
        return QSize(shown * (plot_width + gap) - gap, hint.height())


class SpectrumPage(LivePage):
    """One plot for plot_width body layer; a slider truncates ΔW to a rank."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "spectrumPage")
        self.plots: dict[str, SpectrumPlot] = {}
        self._row = _PlotRow()
        self._value = Label(bold=True, widest="30")
        self._value.setAlignment(RIGHT)
        self._slider = self._new_slider()
        self._sentence = Label(scale=SECONDARY, wrap=True)
        self._sentence.setObjectName("xraySentence")
        self.lay_out(self._row, self._new_header(), self._slider, self._sentence, width=TEXT_WIDTH)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._write_value()

    def _lay_out_plots(self, names: list[str]) -> None:
        from gui.analysis.spectrum_plot import SpectrumPlot  # it imports pyqtgraph

        if list(self.plots) != names[: len(self.plots)]:
            self.plots = {}
            self._row.clear()
        missing = names[len(self.plots) :]
        for name in missing[:PLOTS_AT_ONCE]:
            self.plots[name] = SpectrumPlot(name)
            self._row.add(self.plots[name])
        if len(missing) > PLOTS_AT_ONCE:
            self._throttle.request()

    def _new_slider(self) -> Slider:
        slider = Slider()
        slider.setObjectName("xraySlider")
        slider.setAccessibleName("Cut ΔW at rank r")
        slider.setToolTip("Keep only the first r directions of every ΔW; 0: keep all")
        slider.setRange(0, MAX_RANK)
        slider.setPageStep(4)
        return slider

    def _new_header(self) -> QWidget:
        header = QWidget()
        row = QHBoxLayout(header)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Label("Cut at rank r", bold=True), 1)
        row.addWidget(self._value)
        return header

    def text(self) -> str:
        """Return the sentence beside the plots."""
        return self._sentence.text()

    def set_watching(self, watching: bool) -> None:
        """Ask the engine for the truncation at the slider's rank, or for none."""
        self._session.view_requests.set_options(
            truncation_rank=self._slider.value() if watching else 0
        )

    def draw(self, frame: Frame) -> None:
        """Show a frame."""
        truncation_rank = self._slider.value()
        layers = body_layers(frame)
        self._lay_out_plots([layer.name for layer in layers])
        for layer in layers[: len(self.plots)]:
            text = layer_text(layer, frame.measurements.truncation if truncation_rank else None)
            self.plots[layer.name].show_layer(layer, rank_of(frame, layer), truncation_rank, text)
        self._sentence.show_text(sentence(frame, truncation_rank))

    def _write_value(self) -> None:
        value = self._slider.value()
        self._value.show_text(f"{value}" if value else "off")

    @Slot(int)
    def _on_slider_value_changed(self, _value: int) -> None:
        self._write_value()
        if self.isVisible():
            self.set_watching(True)
            self.redraw()
