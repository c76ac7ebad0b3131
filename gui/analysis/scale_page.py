"""Scale page: α, r and s, and the distance that each layer has moved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from engine.protocol.messages import Frame, LayerFrame
from gui.analysis.bar_table import BarTable, TableCell, TableColumn, TableRow
from gui.analysis.gauge import Gauge
from gui.analysis.live_page import LivePage
from gui.analysis.scale_text import scaling_of, scaling_text, sentence
from gui.session import Session
from gui.text.layers import layer_title
from gui.text.numbers import NO_VALUE, number_text, short_number
from gui.theme import SECONDARY
from gui.widgets.label import Label

TEXT_WIDTH = 300
"""Width of the gauge and the text below it, in pixels at the ordinary text size."""
WIDEST_FIGURE = "0.00012"
LAYER = TableColumn(("Layer",))
SCALE = TableColumn(("s",), "0.667", "Scaling: ΔW = s · B A")
MOVED = (
    TableColumn(("Last step ‖W′ₜ − W′ₜ₋₁‖", "Last step"), WIDEST_FIGURE,
                "How far the last step that was watched moved W′: ‖W′ₜ − W′ₜ₋₁‖", bar=True),
    TableColumn(("‖ΔW‖",), WIDEST_FIGURE,
                "How far it has moved since the start: ‖ΔW‖ = ‖W′ − W‖", bar=True),
    TableColumn(("‖ΔW‖ / ‖W‖",), WIDEST_FIGURE,
                "The same as a share of the pretrained weight", bar=True),
)  # fmt: skip


class ScalePage(LivePage):
    """For each layer the last step, ‖ΔW‖ and ‖ΔW‖ / ‖W‖; beside them the gauge of s."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "scalePage")
        self.table = BarTable("How far each layer moves", (LAYER, *MOVED))
        self.table.setObjectName("scaleTable")
        self.gauge = Gauge()
        self.gauge.setObjectName("scaleGauge")
        self._figures = Label(bold=True)
        self._sentence = Label(scale=SECONDARY, wrap=True)
        self._sentence.setObjectName("scaleSentence")
        self.lay_out(self.table, self._figures, self.gauge, self._sentence, width=TEXT_WIDTH)
        self._last_seen: tuple[int, int] = (0, 0)
        self._step_norms: dict[str, float] = {}

    def text(self) -> str:
        """Return the text beside the table."""
        return " ".join(filter(None, (self.figures_text(), self._sentence.text())))

    def figures_text(self) -> str:
        """Return the numbers above the gauge; empty: the strategy has no scaling."""
        return "" if self._figures.isHidden() else self._figures.text()

    def draw(self, frame: Frame) -> None:
        """Show a frame."""
        strategy = self._session.state.strategy_info(frame.settings)
        scaling = scaling_of(frame, strategy)
        for part in (self._figures, self.gauge):
            part.setVisible(scaling is not None)
        if scaling is not None:
            self._figures.show_text(scaling_text(scaling))
            self.gauge.show_scaling(scaling)
        self._sentence.show_text(sentence(frame, strategy))
        columns = (LAYER, *MOVED) if scaling is None else (LAYER, SCALE, *MOVED)
        self._keep_step_norms(frame)
        self.table.show_rows(
            _rows(frame.layers, self._step_norms, scaled=scaling is not None), columns
        )

    def _keep_step_norms(self, frame: Frame) -> None:
        """Keep the norms of the last watched step, since a run seldom stops at one."""
        run, step = self._last_seen
        if frame.run != run or frame.step < step:
            self._step_norms.clear()
        self._last_seen = (frame.run, frame.step)
        watched = {layer.name: layer.measured.step_norm for layer in frame.layers}
        self._step_norms |= {name: norm for name, norm in watched.items() if norm is not None}


def _rows(
    layers: tuple[LayerFrame, ...], step_norms: Mapping[str, float], *, scaled: bool
) -> list[TableRow]:
    tops = [
        _largest(step_norms.values()),
        _largest(layer.delta_norm for layer in layers),
        _largest(layer.relative_change for layer in layers),
    ]
    rows = []
    for layer in layers:
        values = (step_norms.get(layer.name), layer.delta_norm, layer.relative_change)
        cells = [TableCell(layer_title(layer.name))]
        if scaled:
            cells.append(
                TableCell(NO_VALUE if layer.scaling is None else short_number(layer.scaling))
            )
        cells += [_cell(value, top) for value, top in zip(values, tops, strict=True)]
        rows.append(TableRow(tuple(cells), muted=not layer.trainable))
    return rows


def _largest(values: Iterable[float | None]) -> float:
    finite = (value for value in values if value is not None and math.isfinite(value))
    return max(finite, default=0.0)


def _cell(value: float | None, top: float) -> TableCell:
    if value is None or math.isnan(value):
        return TableCell(NO_VALUE)
    if not math.isfinite(value):
        return TableCell("∞", 1.0)
    return TableCell(number_text(value), value / top if top > 0 else 0.0)
