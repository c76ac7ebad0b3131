"""Scale page: α, r and s with a gauge of s, and the distance that each layer has moved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.messages import Frame, LayerFrame, StrategyInfo
from gui.analysis.bar_table import BarTable, TableCell, TableColumn, TableRow
from gui.analysis.live_page import LivePage
from gui.plots.plot_spec import nice_top
from gui.session import Session
from gui.text.layers import layer_title
from gui.text.numbers import NO_VALUE, number_text, short_number
from gui.theme import TINY, appearance, font
from gui.widgets.label import Label

TEXT_WIDTH = 300
"""Width of the gauge and the text below it, in pixels at the ordinary text size."""
WIDEST_FIGURE = "0.00012"
SCALING_HINT = (
    "s scales the product: ΔW = s · B A\n"
    "α: the numerator of s, a setting\n"
    "r: the rank, the number of columns of B and of rows of A\n"
    "LoRA takes s = α/r, rank-stabilised LoRA s = α/√r"
)
LAYER = TableColumn(("Layer",), hint="One row for each weight matrix")
SCALE = TableColumn(("s",), "0.667", "Scaling: ΔW = s · B A")
MOVED = (
    TableColumn(("Last step ‖W′ₜ − W′ₜ₋₁‖", "Last step"), WIDEST_FIGURE,
                "How much the last step shown changed W′: ‖W′ₜ − W′ₜ₋₁‖", bar=True),
    TableColumn(("‖ΔW‖",), WIDEST_FIGURE,
                "How much W′ has changed since the start: ‖ΔW‖ = ‖W′ − W‖", bar=True),
    TableColumn(("‖ΔW‖ / ‖W‖",), WIDEST_FIGURE,
                "The same, relative to W", bar=True),
)  # fmt: skip
TRACK_HEIGHT = 8
"""Height of the bar, in pixels."""
TICK_LENGTH = 4
"""Length by which a tick stands out of the bar, in pixels."""
BY_RANK, BY_ROOT, BY_START_RANK = "α/r", "α/√r", "α/r₀"
"""As in `StrategyInfo.scaling_rule`."""
RELATIVE_TOLERANCE = 1e-4
"""Relative difference up to which two scalings count as equal: s is a float32."""


class ScalePage(LivePage):
    """For each layer the last step, ‖ΔW‖ and ‖ΔW‖ / ‖W‖; beside them the gauge of s."""

    def __init__(self, session: Session) -> None:
        self.table = BarTable("How much each layer changes", (LAYER, *MOVED))
        self.table.setObjectName("scaleTable")
        self.gauge = Gauge()
        self.gauge.setObjectName("scaleGauge")
        self._figures = Label(bold=True)
        for part in (self._figures, self.gauge):
            part.setToolTip(SCALING_HINT)
        parts = self.table, self._figures, self.gauge
        super().__init__(session, "scale", *parts, width=TEXT_WIDTH)
        self._last_seen: tuple[int, int] = (0, 0)
        self._step_norms: dict[str, float] = {}

    def text(self) -> str:
        """Return the text beside the table."""
        return " ".join(filter(None, (self.figures_text(), super().text())))

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


class Gauge(QWidget):
    """Bar of length s, with a tick below it at α/r and one above it at α/√r."""

    def __init__(self) -> None:
        super().__init__()
        self._scaling: Scaling | None = None
        self.setAccessibleName("Scaling s")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scaling(self, scaling: Scaling) -> None:
        """Show s, α/r and α/√r."""
        if scaling != self._scaling:
            self._scaling = scaling
            texts = [f"s = {short_number(scaling.value)}"]
            texts += [text for text, _, _ in _ticks(scaling)]
            self.setAccessibleDescription(", ".join(texts))
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the bar with a line of text above and below it."""
        return QSize(120, 2 * QFontMetrics(font(TINY)).height() + TRACK_HEIGHT + 2 * TICK_LENGTH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar, then the ticks and their names."""
        scaling = self._scaling
        if scaling is None:
            return
        painter, metrics = QPainter(self), QFontMetrics(font(TINY))
        painter.setFont(font(TINY))
        track = QRectF(0, metrics.height() + TICK_LENGTH, self.width(), TRACK_HEIGHT)
        top = nice_top(max(scaling.value, scaling.by_rank, scaling.by_root) * 1.05)
        painter.fillRect(track, QColor(appearance.theme.rule))
        painter.fillRect(QRectF(track.left(), track.top(), scaling.value / top * self.width(),
                                TRACK_HEIGHT), QColor(appearance.theme.accent))  # fmt: skip
        for text, value, above in _ticks(scaling):
            x = min(round(value / top * self.width()), self.width() - 1)
            painter.setPen(QColor(appearance.theme.text))
            reach = (track.top() - TICK_LENGTH, track.bottom() - 1) if above else (
                track.top(), track.bottom() + TICK_LENGTH - 1)  # fmt: skip
            painter.drawLine(x, round(reach[0]), x, round(reach[1]))
            width = metrics.horizontalAdvance(text) + 1
            left = min(max(x - width / 2, 0), self.width() - width)
            y = 0 if above else track.bottom() + TICK_LENGTH
            painter.setPen(QColor(appearance.theme.muted))
            painter.drawText(QRectF(left, y, width, metrics.height()),
                             Qt.AlignmentFlag.AlignLeft, text)  # fmt: skip
        painter.end()


def _ticks(scaling: Scaling) -> tuple[tuple[str, float, bool], ...]:
    """Return (text, value, whether it stands above the bar) of each tick."""
    return (
        (f"α/√r = {short_number(scaling.by_root)}", scaling.by_root, True),
        (f"α/r = {short_number(scaling.by_rank)}", scaling.by_rank, False),
    )


@dataclass(frozen=True, slots=True)
class Scaling:
    """Scaling s of a low-rank update, and the numbers it is computed from."""

    value: float
    """s."""
    alpha: float
    alpha_follows_rank: bool
    """True: α is kept equal to r."""
    rank: int
    rule: str
    """BY_RANK, BY_ROOT, or empty: neither gives s."""

    @property
    def by_rank(self) -> float:
        """α / r."""
        return self.alpha / self.rank

    @property
    def by_root(self) -> float:
        """α / √r."""
        return self.alpha / math.sqrt(self.rank)


def scaling_of(frame: Frame, strategy: StrategyInfo | None) -> Scaling | None:
    """Return the scaling of the layers that train; None where the strategy has none."""
    scaled = [layer for layer in frame.layers if layer.scaling is not None]
    if not scaled:
        return None
    # A locked layer keeps the s it had.
    layer = next((layer for layer in scaled if layer.trainable), scaled[0])
    settings = frame.settings
    value = layer.scaling or 0.0
    plain = Scaling(value, settings.scaling_alpha, settings.alpha is None, settings.rank, "")
    by_root = strategy is not None and strategy.scaling_rule == BY_ROOT
    rule, expected = (BY_ROOT, plain.by_root) if by_root else (BY_RANK, plain.by_rank)
    fits = math.isclose(value, expected, rel_tol=RELATIVE_TOLERANCE)
    return replace(plain, rule=rule) if fits else plain


def scaling_text(scaling: Scaling) -> str:
    """Return α, r and s as one line."""
    rule = f" = {scaling.rule}" if scaling.rule else ""
    alpha, s = short_number(scaling.alpha), short_number(scaling.value)
    return f"α = {alpha}   r = {scaling.rank}   s{rule} = {s}"


def sentence(frame: Frame, strategy: StrategyInfo | None) -> str:
    """Return the sentence that explains the present scaling."""
    scaling = scaling_of(frame, strategy)
    if scaling is None:
        return f"This method has no α, so there is no s. {_farthest_layer_text(frame)}"
    if strategy is not None and strategy.scaling_rule == BY_START_RANK:
        return _start_rank_text(frame, strategy, scaling)
    moved = "V = W + s·BA" if _has_scale(frame) else "W′"
    effect = _effect_text(scaling.value, moved)
    if not scaling.rule:
        s = short_number(scaling.value)
        return f"s = {s} is neither the present α/r nor α/√r: {effect}."
    return f"{_origin_text(scaling)}: {effect}. {_rank_change_text(scaling)}"


def _origin_text(scaling: Scaling) -> str:
    s = short_number(scaling.value)
    if scaling.rule == BY_ROOT:
        return f"α/√r makes s = {s}"
    times = scaling.by_rank
    tenths = round(10 * times)
    if tenths and math.isclose(10 * times, tenths, rel_tol=1e-9):
        factor = "" if tenths == 10 else short_number(tenths / 10)
        return f"α = {factor}r makes s = {s}"
    return f"α = {short_number(scaling.alpha)} at r = {scaling.rank} makes s = {s}"


def _effect_text(s: float, moved: str) -> str:
    """Return the effect of s on a step of B and A, from ΔW = s · B A."""
    if math.isclose(s, 1.0, rel_tol=RELATIVE_TOLERANCE):
        return "ΔW is BA itself" if moved == "W′" else "V = W + BA"
    words = {2.0: "twice as much", 0.5: "half as much"}
    times_text = words.get(round(s, 6), f"{short_number(s)} times as much")
    return f"the same step of B and A changes {moved} {times_text} as with s = 1"


def _rank_change_text(scaling: Scaling) -> str:
    """Return the sentence about s at another rank."""
    s = scaling.value
    if scaling.rule == BY_ROOT:
        if scaling.alpha_follows_rank:
            return "As α follows r, s = √r grows with the rank."
        return (
            f"At twice the rank s would be {short_number(s / math.sqrt(2))}; by α/r it would halve."
        )
    if scaling.alpha_follows_rank:
        return "As α follows r, s stays 1 whatever the rank."
    return (
        f"At twice the rank s would be {short_number(s / 2)}; "
        f"α = {short_number(2 * scaling.alpha)} would keep it."
    )


def _start_rank_text(frame: Frame, strategy: StrategyInfo, scaling: Scaling) -> str:
    ranks = (
        factor.values.shape[factor.info.rank_axis]
        for layer in frame.layers
        for factor in layer.factors
        if factor.info.rank_axis is not None
    )
    return (
        f"{strategy.label} divides α by the rank it began with, {next(ranks, scaling.rank)}: "
        f"s = {short_number(scaling.value)}, and it stays so while directions are pruned."
    )


def _has_scale(frame: Frame) -> bool:
    """Return whether the rows of W + s · B A are scaled, as in DoRA."""
    return any(factor.info.role == "scale" for layer in frame.layers for factor in layer.factors)


def _farthest_layer_text(frame: Frame) -> str:
    moved = [layer for layer in frame.layers if layer.weight_norm > 0 and layer.delta_norm != 0]
    if not moved:
        return "Nothing has changed yet."
    layer = max(moved, key=lambda layer: layer.relative_change)
    share = layer.relative_change
    if not math.isfinite(share):
        return f"{layer_title(layer.name)} has diverged."
    return f"{layer_title(layer.name)} has changed most: ‖ΔW‖ / ‖W‖ = {number_text(share)}."
