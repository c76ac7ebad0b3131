"""Spectrum page: the singular values of each ΔW, and the effect of truncating it to a rank."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame, LayerFrame, Truncation
from engine.protocol.network_shape import LESSON_DEPTH, MAX_RANK, MAX_STUDIED_WEIGHTS
from gui.analysis.live_page import LivePage
from gui.session import Session
from gui.text.layers import k90_text
from gui.text.numbers import percent
from gui.theme import SPACE
from gui.widgets.box import hbox
from gui.widgets.label import RIGHT, Label
from gui.widgets.slider import Slider
from gui.widgets.surface import ScrollArea

if TYPE_CHECKING:
    from gui.analysis.spectrum_plot import SpectrumPlot

PLOTS_AT_ONCE = 3
"""Plots that are made for one drawing: each takes 15 ms, and a deep network has 16."""
TEXT_WIDTH = 250
"""Width of the slider and the text below it, in pixels at the ordinary text size."""
ZERO = "ΔW is zero: there is nothing to decompose yet."
PLAIN = (
    "The singular values of ΔW, largest first: how much it does along each of its directions. "
    "The first k90 of them hold 90\u202f% of its energy ‖ΔW‖²."
)
TOO_LARGE = f"ΔW is cut only in a body of at most {MAX_STUDIED_WEIGHTS:,} weights."


class _PlotRow(ScrollArea):
    """Plots side by side; those of a deep network are scrolled."""

    def __init__(self) -> None:
        content = QWidget()
        self.row = hbox(on=content, spacing=2 * SPACE)
        super().__init__(content, horizontal=True)

    def minimumSizeHint(self) -> QSize:
        """Return the size of the lessons' three plots, or of all where there are fewer."""
        count = max(1, self.row.count())
        hint, gap = self.row.minimumSize(), self.row.spacing()
        plot_width = (hint.width() + gap) // count - gap
        shown = min(count, LESSON_DEPTH)
        return QSize(shown * (plot_width + gap) - gap, hint.height())


class SpectrumPage(LivePage):
    """One plot for each layer of the body; a slider truncates ΔW to a rank."""

    def __init__(self, session: Session) -> None:
        self.plots: dict[str, SpectrumPlot] = {}
        self._row = _PlotRow()
        self._value = Label(bold=True, widest="30")
        self._value.setAlignment(RIGHT)
        header = QWidget()
        hbox((Label("Cut at rank r", bold=True), 1), self._value, on=header, spacing=SPACE)
        self._slider = self._new_slider()
        super().__init__(session, "spectrum", self._row, header, self._slider, width=TEXT_WIDTH)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._write_value()

    def _lay_out_plots(self, names: list[str]) -> None:
        from gui.analysis.spectrum_plot import SpectrumPlot  # it imports pyqtgraph

        if list(self.plots) != names[: len(self.plots)]:
            for plot in self.plots.values():
                plot.setParent(None)
                plot.deleteLater()
            self.plots = {}
        missing = names[len(self.plots) :]
        for name in missing[:PLOTS_AT_ONCE]:
            self.plots[name] = SpectrumPlot(name)
            self._row.row.addWidget(self.plots[name], 1)
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


def body_layers(frame: Frame) -> tuple[LayerFrame, ...]:
    """Return the layers of the network's body, in order."""
    shapes = frame.settings.body_shapes
    return tuple(layer for layer in frame.layers if layer.name in shapes)


def body_is_zero(frame: Frame) -> bool:
    """Return whether ΔW is zero throughout the body; NaN is not."""
    return all(layer.delta_norm == 0.0 for layer in body_layers(frame))


def rank_of(frame: Frame, layer: LayerFrame) -> int:
    """Return the strategy's rank r if it gives the layer one, else 0."""
    has_rank = any(factor.info.rank_axis is not None for factor in layer.factors)
    return frame.settings.rank if has_rank else 0


def layer_text(layer: LayerFrame, truncation: Truncation | None) -> str:
    """Return the text beside the layer's name."""
    k90 = k90_text(layer)
    if layer.delta_norm == 0.0 or not k90:
        return ""
    if truncation is not None:
        kept = next((part.energy for part in truncation.layers if part.name == layer.name), None)
        return "" if kept is None else f"{kept_text(kept)} at rank {truncation.rank}"
    return f"{k90} of {min(layer.shape)} hold 90\u202f%"


def kept_text(share: float) -> str:
    """Format a share of the energy, 0…1; "all" only where nothing at all is lost.

    >>> kept_text(1.0)
    'all'
    """
    if share >= 1 - 1e-6:
        return "all"
    return "> 99.9\u202f%" if share > 0.999 else percent(share)


def kept_energy(frame: Frame, truncation: Truncation) -> float:
    """Return the share of the whole body's energy ‖ΔW‖² that a truncation keeps, 0…1."""
    squares = {layer.name: layer.delta_norm**2 for layer in body_layers(frame)}
    whole = math.fsum(squares.get(part.name, 0.0) for part in truncation.layers)
    kept = math.fsum(part.energy * squares.get(part.name, 0.0) for part in truncation.layers)
    return kept / whole if whole > 0 else 1.0


def sentence(frame: Frame, rank: int) -> str:
    """Return the sentence beside the plots. Args: rank: to truncate to; 0: none."""
    if body_is_zero(frame):
        return ZERO
    if not rank:
        return PLAIN
    if not frame.settings.is_studied:
        return TOO_LARGE
    now, truncation = frame.measurements, frame.measurements.truncation
    if truncation is None:
        return f"Cutting ΔW down to rank {rank}…"
    kept = kept_text(kept_energy(frame, truncation)).replace(">", "more than")
    costs = [
        _accuracy_text("target", truncation.target_accuracy, now.target_accuracy),
        _accuracy_text("source", truncation.source_accuracy, now.source_accuracy),
    ]
    return f"Rank {truncation.rank} keeps {kept} of ΔW’s energy. {' '.join(filter(None, costs))}"


def _accuracy_text(which: str, truncated: float | None, now: float | None) -> str:
    if truncated is None or now is None:
        return ""
    truncated_text, now_text = percent(truncated), percent(now)
    outcome = f"be {truncated_text} instead of {now_text}"
    if truncated_text == now_text:
        outcome = f"stay at {now_text}"
    return f"{which.capitalize()} accuracy would {outcome}."
