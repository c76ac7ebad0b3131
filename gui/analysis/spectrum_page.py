"""Spectrum page: the singular values of each ΔW, and the effect of truncating it to a rank."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from engine.protocol.messages import Frame
from engine.protocol.network_shape import LESSON_DEPTH, MAX_RANK
from gui.analysis.live_page import LivePage
from gui.analysis.spectrum_plot import SpectrumPlot
from gui.analysis.spectrum_text import body_layers, layer_text, rank_of, sentence
from gui.session import Session
from gui.theme import SECONDARY, SPACE
from gui.widgets.label import RIGHT, Label
from gui.widgets.slider import Slider

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

    def set_plots(self, plots: Iterable[SpectrumPlot]) -> None:
        """Replace the plots."""
        while (item := self._row.takeAt(0)) is not None:
            if (plot := item.widget()) is not None:
                plot.deleteLater()
        for plot in plots:
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
        self._lay_out_plots(tuple(session.state.settings.body_shapes))
        self._value = Label(bold=True, widest="30")
        self._value.setAlignment(RIGHT)
        self._slider = self._new_slider()
        self._sentence = Label(scale=SECONDARY, wrap=True)
        self._sentence.setObjectName("xraySentence")
        self.lay_out(self._row, self._new_header(), self._slider, self._sentence, width=TEXT_WIDTH)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._write_value()

    def _lay_out_plots(self, names: tuple[str, ...]) -> None:
        if tuple(self.plots) != names:
            self.plots = {name: SpectrumPlot(name) for name in names}
            self._row.set_plots(self.plots.values())

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
        self._lay_out_plots(tuple(layer.name for layer in body_layers(frame)))
        for layer in body_layers(frame):
            text = layer_text(layer, frame.truncation if truncation_rank else None)
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
