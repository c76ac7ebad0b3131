"""One row of the stage: name, W + ΔW = W′, factors, adapter and sparkline of a layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.protocol.messages import CellAddress, LayerFrame, MatrixInfo
from engine.protocol.network_shape import MAX_RANK
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.matrices.crosshair import Crosshair
from gui.matrices.factor_kinds import (
    LAYER_MATRICES,
    FactorPlacement,
    factor_caption,
    placement,
)
from gui.matrices.heatmap import INSET
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.overlays import CellHighlight
from gui.matrices.viewport import blocks_of
from gui.stage.adapter import AdapterView
from gui.stage.captions import FittingLabel, ViewCaption
from gui.stage.cells import Cells
from gui.stage.name_block import WIDEST_COUNT, NameBlock
from gui.stage.product import Product, draw_factor, make_heatmap
from gui.stage.row_specs import RowSpec
from gui.stage.sparkline import Sparkline
from gui.text.layers import block_name, k90_text, shape_text, trainable_text
from gui.theme import SIGN
from gui.widgets.label import Label
from gui.widgets.surface import rule

TOP, ABOVE, MATRIX, BELOW, CAPTION_UNDER, UNDER, BOTTOM, LINES = range(8)
"""Lines of the grid that a row takes: W + ΔW = W′ is in `MATRIX`, captions above and below it, and
a matrix `UNDER` ΔW; the others take what is left.
"""
LEFT, CENTRE, RIGHT = (
    Qt.AlignmentFlag.AlignLeft,
    Qt.AlignmentFlag.AlignHCenter,
    Qt.AlignmentFlag.AlignRight,
)
UPPER, MIDDLE = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignVCenter


class LayerRow(QObject):
    """The widgets of one row; they live as long as the structure of its `RowSpec` stays."""

    def __init__(
        self,
        spec: RowSpec,
        grid: QGridLayout,
        place: int,
        columns: Mapping[str, int],
        crosshair: Crosshair,
        *,
        has_lock: bool,
    ) -> None:
        """Create the widgets that the spec determines.

        Args: place: from the top.  columns: name -> column of the page's grid.  has_lock: False
        where another row has the lock.
        """
        super().__init__(grid.parent())
        layer = spec.layer
        self.layer, self.block = layer.name, layer.block
        self._spec, self._grid, self._columns, self._line = spec, grid, columns, place * LINES
        self.area, self.rule = QWidget(), rule()
        self.area.setObjectName(f"row.{layer.name}")
        self.name = NameBlock(layer.name, has_lock=has_lock)
        self._maps = tuple(make_heatmap(layer.name, *names) for names in LAYER_MATRICES.items())
        self._caption = ViewCaption(layer.name, block_name(layer.name))
        self._product = Product(layer.name, spec.product) if spec.product else None
        self._infos = {info.name: info for info in spec.infos if info not in spec.product}
        self._factors = {
            name: make_heatmap(layer.name, name, info.title) for name, info in self._infos.items()
        }
        self._captions = {name: self._make_caption(info) for name, info in self._infos.items()}
        self.adapter: AdapterView | None = None
        if spec.adapter is not None:
            down, up = spec.adapter
            self.adapter = AdapterView(down.name, up.name, crosshair, parallel=spec.parallel)
        self.sparkline = Sparkline(layer.name)
        self.linked = self._link_heatmaps(layer, crosshair)
        self._lay_out()

    def _lay_out(self) -> None:
        for line in (TOP, BOTTOM):
            self._grid.setRowStretch(self._line + line, 1)
        whole, lines = (MATRIX, 1) if self._spec.below else (TOP, LINES)
        self._add(self.area, TOP, "name", last="sparkline", lines=LINES)
        self._add(self.rule, TOP, "name", UPPER, last="sparkline", lines=LINES)
        self._add(self.name, whole, "name", MIDDLE, lines=lines)
        for part, heatmap in zip(LAYER_MATRICES, self._maps, strict=True):
            self._add(heatmap, MATRIX, part, LEFT | MIDDLE)
        for sign, column in (("+", "plus"), ("=", "equals")):
            self._add(Label(sign, scale=SIGN, colour="muted"), MATRIX, column, CENTRE | MIDDLE)
        end = "product" if self._spec.beside else "equals"
        self._add(self._caption, BELOW, "weight", last=end)
        if self._product is not None:
            self._add(self._product, MATRIX, "product", LEFT | MIDDLE)
        for name in self._infos:
            self._add_factor(name)
        if self.adapter is not None:
            self._add(self.adapter, TOP, "adapter", MIDDLE, lines=LINES)
        self._add(self.sparkline, whole, "sparkline", lines=lines)
        self.rule.raise_()
        for widget in (*self._factors.values(), *self._captions.values()):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)

    def _add(
        self, widget: QWidget, line: int, column: str,
        align: Qt.AlignmentFlag | None = None, *, last: str = "", lines: int = 1,
    ) -> None:  # fmt: skip
        """Place a widget. Args: line, column: where.  last: last column.  lines: how many."""
        first = self._columns[column]
        across = self._columns[last or column] - first + 1
        self._grid.addWidget(
            widget, self._line + line, first, lines, across, align or Qt.AlignmentFlag(0)
        )

    def _make_caption(self, info: MatrixInfo) -> FittingLabel:
        label = FittingLabel()
        label.setToolTip(info.description)
        around = placement(info) is FactorPlacement.ROUND
        label.show_texts(*((info.title,) if around else _captions(info)))
        return label

    def _add_factor(self, name: str) -> None:
        info, heatmap, caption = self._infos[name], self._factors[name], self._captions[name]
        where = placement(info)
        if info == self._spec.below:
            self._add(caption, CAPTION_UNDER, "delta", last="product")
            self._add(heatmap, UNDER, "delta", LEFT | UPPER)
        elif where is FactorPlacement.ROUND and info.shared[1]:
            self._add(caption, ABOVE, "equals", RIGHT | MIDDLE)
            self._add(heatmap, ABOVE, "updated", LEFT | MIDDLE)
        else:
            centred = CENTRE if where is FactorPlacement.ROUND else LEFT
            line, lines = (ABOVE, 1) if self._spec.around else (MATRIX, BELOW - MATRIX + 1)
            self._add(caption, line, name, UPPER, lines=lines)
            self._add(heatmap, MATRIX, name, centred | MIDDLE)
            caption.stackUnder(heatmap)

    def _link_heatmaps(self, layer: LayerFrame, crosshair: Crosshair) -> tuple[LinkedHeatmaps, ...]:
        """Link the layer's heatmaps to each other; an adapter's have cells of their own."""
        maps = dict(zip(LAYER_MATRICES, self._maps, strict=True)) | self._factors
        if self._product is not None:
            maps |= self._product.maps
        sides = {factor.name: factor.info.sides for factor in layer.factors}
        own = LinkedHeatmaps(layer.name, maps, self, crosshair, sides)
        own.viewport_changed.connect(self.show_viewport)
        self._caption.overview_requested.connect(own.show_whole)
        return (own,) if self.adapter is None else (own, *self.adapter.linked)

    # ------------------------------------------------------------ what it shows

    def draw(self, spec: RowSpec, scales: ColourScales) -> None:
        """Show the values of a frame, by a spec of the same structure."""
        layer = spec.layer
        self._spec = spec
        blocks = blocks_of(layer.shape, layer.part)
        values = (layer.weight, WEIGHT), (layer.delta, DELTA), (layer.updated, WEIGHT)
        for heatmap, (matrix, kind) in zip(self._maps, values, strict=True):
            heatmap.draw(matrix, scales[kind], blocks=blocks)
        if self._product is not None:
            self._product.draw(layer, scales)
        for factor in layer.factors:
            if factor.name in self._factors:
                draw_factor(self._factors[factor.name], factor, layer, scales)
            if factor.info.role == "difference":
                self._show_difference(factor.info, spec.difference_caption)
        if self.adapter is not None and spec.adapter is not None:
            self.adapter.draw(*spec.adapter, scales)
        self.sparkline.set_value(layer.relative_change, k90_text(layer))
        self._show_texts(layer)

    def _show_difference(self, info: MatrixInfo, text: str) -> None:
        label = self._captions[info.name]
        shorter = text, text.partition(" at ")[0], _captions(info)[-1]
        label.show_texts(*(shorter if text else ()))
        label.setToolTip(f"{text}: {info.description}" if text else info.description)

    def _show_texts(self, layer: LayerFrame) -> None:
        trainable, total = layer.trainable_parameters, layer.total_parameters
        if layer.trainable and not trainable:
            full, short = f"{total:,} weights", f"{total:,}"  # before the engine has counted
        else:
            full, short = trainable_text(trainable, total), f"{trainable:,}" if trainable else ""
        self.show_viewport()
        most_trainable = min(MAX_RANK * sum(layer.shape), total - 1)  # that move at any rank
        self.name.show_counts(
            shape_text(*layer.shape),
            full,
            short,
            is_new=layer.randomly_initialised,
            widest=max(WIDEST_COUNT, trainable_text(most_trainable, total), key=len),
        )
        self.name.show_checks(layer.measured.checks)

    def set_cross(self, cell: CellAddress | None, *, pinned: bool) -> None:
        """Mark the cell in every heatmap that it enters."""
        self.linked[0].set_cross(cell, pinned=pinned)
        if self.adapter is not None:
            self.adapter.set_cross(cell, pinned=pinned)

    def set_highlights(self, highlights: tuple[CellHighlight, ...]) -> None:
        """Ring cells of ΔW."""
        self._maps[1].set_highlights(highlights)

    def hide_maps(self, names: Collection[str]) -> None:
        """Hide these factors; their places stay empty."""
        for name, heatmap in self._factors.items():
            heatmap.setHidden(name in names)
            self._captions[name].setHidden(name in names)

    def set_lock(self, frozen: bool, reason: str = "", from_step: int = 0) -> None:
        """Show lock and hatching of the layer. Arguments as in `NameBlock.set_lock`."""
        self.name.set_lock(frozen, reason, from_step)
        # ΔW alone is hatched: nothing can change there, and W stays easy to read.
        self._maps[1].set_frozen(frozen)

    def set_cells(self, cells: Cells) -> None:
        """Draw cells of these sizes, and the name as long as there is room for."""
        pixels = int(cells.side * self.area.devicePixelRatioF())
        for linked, part in zip(self.linked, self._spec.parts, strict=True):
            linked.fit_to(part.shape, pixels)
        self._caption.setVisible(bool(pixels) or self._spec.caption)
        for heatmap in self._maps:
            heatmap.set_cell_size(cells.matrix)
        for name, info in self._infos.items():
            heatmap = self._factors[name]
            below = info == self._spec.below
            size = cells.of(info, heatmap.matrix().shape)
            heatmap.set_cell_size(*((cells.matrix,) if below else size))
            if info in self._spec.beside and not self._spec.around:
                # Beside a column; below a picture, which may be lower than the matrix.
                middle = (self._maps[0].height() + heatmap.height()) // 2
                beside = placement(info) is FactorPlacement.VECTOR
                margins = (heatmap.width(), 0) if beside else (INSET, middle)
                self._captions[name].setContentsMargins(*margins, 0, 0)
        if self._product is not None:
            self._product.set_cells(cells)
        if self.adapter is not None:
            self.adapter.set_cells(cells.factor)
        self.name.fit_to(self._maps[0].height(), brief=cells.brief)

    @property
    def matrix_width(self) -> int:
        """Width of W, ΔW and W′, in pixels."""
        return self._maps[0].width()

    @property
    def joint(self) -> int:
        """Width of the first sign of the product; 0: there is none."""
        return 0 if self._product is None else self._product.joint()

    @Slot()
    def show_viewport(self) -> None:
        """Say what is visible of a large layer."""
        self._caption.show_viewport(self.linked[0].viewport, random_start=self._spec.caption)


def _captions(info: MatrixInfo) -> tuple[str, ...]:
    """Return the captions of a factor, the longest first."""
    return tuple(filter(None, (factor_caption(info), info.short)))
