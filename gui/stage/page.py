"""The rows of the stage below each other; kept from frame to frame."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import CellAddress, LayerFrame, PartRequest
from gui.matrices.cell_highlight import CellHighlight
from gui.matrices.colour_scale import ColourScales
from gui.matrices.factor_kinds import MADE_FROM
from gui.matrices.heatmap import INSET
from gui.stage.factor_layout import FactorCaptionSizes
from gui.stage.factors import caption_widths
from gui.stage.input_output_strip import InputOutputStrip
from gui.stage.large_layout import is_large, make_large_layout
from gui.stage.layout import StageLayout, TextSizes, make_layout, smallest_layout
from gui.stage.locks import Locks
from gui.stage.row import LayerRow
from gui.stage.row_specs import RowSpec
from gui.stage.sparkline import Sparkline
from gui.state.curve_buffer import CurveBuffer
from gui.text.layers import NORM_RATIO
from gui.theme import SIGN, SMALL, SPACE, appearance, font
from gui.widgets.label import Label

SIGN_PADDING = SPACE * 3 // 2
"""Pixels around a sign between factors; an arrow is wider, and gets less."""


class Page(QWidget):
    """Holds the rows and forwards the signals of each."""

    freeze_requested = Signal(str, bool)
    """(block, frozen) as the user asks for it."""
    hovered = Signal(object)
    moved = Signal(object)
    activated = Signal(object)
    """Cell, of whatever layer."""
    left = Signal()
    unpin_requested = Signal()
    checks_requested = Signal()
    viewport_changed = Signal()
    """Another part of a large layer is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LayerRow] = []
        self._specs: tuple[RowSpec, ...] = ()
        self._turn = 0
        self._small = Label("", self, scale=SMALL)
        self._sign = Label("", self, scale=SIGN)
        self._small.hide()
        self._sign.hide()

    @property
    def rows(self) -> tuple[LayerRow, ...]:
        """The rows from top to bottom."""
        return tuple(self._rows)

    def layer(self, name: str) -> LayerFrame | None:
        """Return the layer of that name as last drawn; None where it is not on the page."""
        for spec in self._specs:
            for layer in spec.parts:
                if layer.name == name:
                    return layer
        return None

    def draw(
        self,
        specs: tuple[RowSpec, ...],
        scales: ColourScales,
        curves: CurveBuffer,
        *,
        paused: bool = True,
    ) -> bool:
        """Show a frame.

        Args: specs: of its rows.  scales: of the stage.  curves: of the sparklines, by layer.
        paused: nothing trains; otherwise the sparklines take turns, one a frame, as they need not
        be as fresh as the matrices.
        Returns: whether rows were rebuilt.
        """
        rebuild = [spec.structure for spec in specs] != [spec.structure for spec in self._specs]
        self._specs = specs
        if rebuild:
            self._rebuild()
        for row, spec in zip(self._rows, specs, strict=True):
            row.draw(spec, scales)
        self._turn = (self._turn + 1) % max(len(self._rows), 1)
        turn = self._rows if paused or rebuild else self._rows[self._turn : self._turn + 1]
        for row in turn:
            row.sparkline.set_curve(*curves.curve(row.layer))
        ceiling = max((row.sparkline.largest for row in self._rows), default=0.0)
        for row in turn:
            row.sparkline.refresh(ceiling)
        return rebuild

    def _rebuild(self) -> None:
        for row in self._rows:
            row.hide()
            row.setParent(None)
            row.deleteLater()
        self._rows = []
        blocks: set[str] = set()
        for spec in self._specs:
            row = LayerRow(spec, self, has_lock=spec.layer.block not in blocks)
            blocks.add(spec.layer.block)
            for view in (row, row.adapter):
                if view is not None:
                    view.name.lock_clicked.connect(self.freeze_requested)
                    view.name.checks_requested.connect(self.checks_requested)
            for linked in row.linked:
                linked.hovered.connect(self.hovered)
                linked.moved.connect(self.moved)
                linked.activated.connect(self.activated)
                linked.left.connect(self.left)
                linked.unpin_requested.connect(self.unpin_requested)
                linked.viewport_changed.connect(self.viewport_changed)
            row.show()
            self._rows.append(row)

    def set_locks(self, locks: Locks) -> None:
        """Show which blocks are frozen."""
        for row in self._rows:
            for view in (row, row.adapter):
                if view is not None:
                    block = view.block
                    reason, from_step = locks.reason(block), locks.waiting.get(block, 0)
                    view.set_lock(locks.frozen(block), reason, from_step)

    @property
    def zoomed(self) -> bool:
        """Whether only a part of any layer is visible."""
        return any(linked.zoomed for row in self._rows for linked in row.linked)

    def show_whole(self) -> None:
        """Show the whole of all layers."""
        for row in self._rows:
            for linked in row.linked:
                linked.show_whole()

    def views(self, top: int, bottom: int) -> dict[str, PartRequest]:
        """Return the visible parts of the large layers between two heights of the page, by name."""
        rows = [row for row in self._rows if row.y() < bottom and row.y() + row.height() > top]
        views = {linked.layer: linked.view() for row in rows for linked in row.linked}
        return {name: view for name, view in views.items() if view is not None}

    def set_cross(self, cell: CellAddress | None, *, pinned: bool) -> None:
        """Mark the cell in every heatmap that it enters, and nothing else."""
        for row in self._rows:
            row.set_cross(cell, pinned=pinned)

    def set_highlights(self, layer: str, highlights: tuple[CellHighlight, ...]) -> None:
        """Ring cells of one layer's ΔW, and none of the others."""
        for row in self._rows:
            row.set_highlights(highlights if row.layer == layer else ())

    def hide_maps(self, names: Collection[str]) -> None:
        """Hide these factors; their places stay empty."""
        for row in self._rows:
            row.hide_maps(names)

    def arrange(self, width: int, height: int) -> StageLayout:
        """Lay all rows out and take the size that they need."""
        text = self._text_sizes()
        needs = [row.needs(text.short_name) for row in self._rows]
        if is_large(needs):
            layout = make_large_layout(needs, width, height, text, self.devicePixelRatioF())
        else:
            layout = make_layout(needs, width, height, text)
        y = 0
        for row, row_height in zip(self._rows, layout.row_heights, strict=True):
            row.move(0, y)
            row.arrange(layout, row_height, text)
            y += row.height()
        self.resize(layout.width, y)
        return layout

    def min_height(self) -> int:
        """Return the height below which rows scroll; 0: none, or large layers, which may scroll."""
        text = self._text_sizes()
        needs = [row.needs(text.short_name) for row in self._rows]
        return 0 if is_large(needs) else smallest_layout(needs, text).height

    def _text_sizes(self) -> TextSizes:
        signs = [row.adapter.sign_widths() for row in self._rows if row.adapter is not None]
        adapters = [row.adapter.name for row in self._rows if row.adapter is not None]
        infos = [factor.info for spec in self._specs for factor in spec.layer.factors]
        sparkline = max(self._small.advance(NORM_RATIO), Sparkline.min_width())
        arrow = QFontMetrics(font()).horizontalAdvance(MADE_FROM)
        return TextSizes(
            name=max(row.name.natural_width() for row in self._rows),
            short_name=max(row.name.short_width() for row in self._rows),
            note=max(row.name.note_width() for row in self._rows),
            sign=self._sign.advance("+") + SPACE,
            factor_captions=FactorCaptionSizes(
                joint=max(self._small.advance("×") + SIGN_PADDING, arrow + 2 * INSET + 1),
                caption=self._small.height(),
                captions=caption_widths(infos, self._small),
            ),
            sparkline=0 if appearance.projecting else sparkline,
            sparkline_if_roomy=sparkline if appearance.projecting else 0,
            sparkline_height=self._sign.height(),
            adapter_name=max((name.stacked_width() for name in adapters), default=0),
            adapter_name_height=max(
                (name.height_for(0, short=True) for name in adapters), default=0
            ),
            relu=max((relu for relu, _ in signs), default=0),
            sum=max((plus for _, plus in signs), default=0),
            activations=InputOutputStrip.width(infos, self._small),
        )
