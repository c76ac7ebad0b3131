"""Spectrum page: the singular values of each ΔW, and the effect of truncating it to a rank."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from engine.protocol.frames import SplitFacts
from engine.protocol.messages import Frame, LayerFrame, Truncation
from engine.protocol.network_shape import LESSON_DEPTH, MAX_RANK, MAX_STUDIED_WEIGHTS
from gui.analysis.live_page import LivePage
from gui.analysis.noise import within_noise
from gui.session import Session
from gui.text.layers import k90_text
from gui.text.numbers import percent
from gui.theme import SPACE, appearance
from gui.widgets.box import hbox
from gui.widgets.label import RIGHT, Label
from gui.widgets.slider import Slider
from gui.widgets.surface import ScrollArea

if TYPE_CHECKING:
    from gui.analysis.spectrum_plot import SpectrumPlot

PLOTS_AT_ONCE = 3
"""Plots that are made for one drawing: each takes 15 ms, and a deep network has 16."""
MIN_PLOT_WIDTH, WIDE_PLOT, MIN_PLOT_HEIGHT = 122, 170, 90
"""Pixels of a plot with its title: the least width, one with room for more bars and, like it at the
ordinary text size, the least height."""
TEXT_WIDTH = 250
"""Width of the slider and the text below it, in pixels at the ordinary text size."""
CUT_HINT = "Keep only the first r directions of every ΔW; 0: keep all"
ZERO = "ΔW is zero: there is nothing to decompose yet."
PLAIN = (
    "The singular values of ΔW, largest first: how strongly ΔW acts in each direction. "
    "The first k90 of them hold 90\u202f% of its energy ‖ΔW‖²."
)
TOO_LARGE = f"ΔW is cut only in a body of at most {MAX_STUDIED_WEIGHTS:,} weights."


class _PlotRow(ScrollArea):
    """Plots beside each other, or below each other where they would be too narrow."""

    def __init__(self) -> None:
        content = QWidget()
        self.row: QBoxLayout = hbox(on=content, spacing=SPACE)
        self._place = QSize()
        super().__init__(content, horizontal=True)

    def add(self, plot: QWidget) -> None:
        """Add a plot at the end."""
        self.row.addWidget(plot, 1)
        self._arrange()

    def set_place(self, place: QSize) -> None:
        """Arrange the plots. Args: place: size of the page that they are on."""
        self._place = place
        self._arrange()

    def sizeHint(self) -> QSize:
        """Return the minimum size."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the size of one plot, of the lessons' three, or of all where there are fewer."""
        scale = appearance.layout_scale
        width, height = MIN_PLOT_WIDTH, round(MIN_PLOT_HEIGHT * scale)
        count, gap = max(1, self.row.count()), self.row.spacing()
        if self.row.direction() == QBoxLayout.Direction.TopToBottom:
            return QSize(width, count * (height + gap) - gap)
        shown = min(count, LESSON_DEPTH)
        return QSize(shown * (width + gap) - gap, height)

    def _arrange(self) -> None:
        """Stand them beside each other, unless that is too narrow, or narrow and the place tall."""
        scale, count = appearance.layout_scale, min(self.row.count(), LESSON_DEPTH)
        width = self._place.width() / max(count, 1) - 2 * SPACE
        is_tall = self._place.height() > (count + 1) * MIN_PLOT_HEIGHT * scale
        stacked = width < (WIDE_PLOT * scale if is_tall else MIN_PLOT_WIDTH)
        way = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        if way != self.row.direction():
            self.row.setDirection(way)
            self.row.setSpacing(SPACE // 2 if stacked else SPACE)
            self.updateGeometry()


class SpectrumPage(LivePage):
    """One plot for each layer of the body; a slider truncates ΔW to a rank."""

    def __init__(self, session: Session) -> None:
        self.plots: dict[str, SpectrumPlot] = {}
        self._row = _PlotRow()
        self._value = Label(bold=True, widest="30")
        self._value.setAlignment(RIGHT)
        header = QWidget()
        header.setToolTip(CUT_HINT)
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
            self._row.add(self.plots[name])
        if len(missing) > PLOTS_AT_ONCE:
            self._throttle.request()

    def _new_slider(self) -> Slider:
        slider = Slider()
        slider.setObjectName("xraySlider")
        slider.setAccessibleName("Cut ΔW at rank r")
        slider.setToolTip(CUT_HINT)
        slider.setRange(0, MAX_RANK)
        slider.setPageStep(4)
        return slider

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the plots for the new size."""
        self._row.set_place(event.size())
        super().resizeEvent(event)

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
        text = f"{value}" if value else "off"
        self._value.show_text(text)
        self._slider.speak(text)

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
    target, source = truncation.target_accuracy, truncation.source_accuracy
    costs = [
        _accuracy_text("target", target, now.target_accuracy, frame.target_test),
        _accuracy_text("source", source, now.source_accuracy, frame.source_test),
    ]
    return f"Rank {truncation.rank} keeps {kept} of ΔW’s energy. {' '.join(filter(None, costs))}"


def _accuracy_text(
    which: str, truncated: float | None, now: float | None, facts: SplitFacts
) -> str:
    if truncated is None or now is None:
        return ""
    truncated_text, now_text = percent(truncated), percent(now)
    outcome = f"be {truncated_text} instead of {now_text}"
    if truncated_text == now_text:
        outcome = f"stay at {now_text}"
    elif within_noise(truncated, now, facts):
        outcome = f"be {truncated_text} instead of {now_text}, within noise"
    return f"{which.capitalize()} accuracy would {outcome}."
