"""One row of the stage: name, W + ΔW = W′, factors and adapter of a layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from engine.protocol.messages import CellAddress, LayerFrame, MatrixInfo
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.matrices.crosshair import Crosshair
from gui.matrices.factor_kinds import LAYER_MATRICES, FactorPlacement, factor_caption, placement
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.overlays import CellHighlight
from gui.matrices.viewport import blocks_of
from gui.stage.adapter import AdapterView
from gui.stage.captions import FittingLabel, ViewCaption
from gui.stage.cells import Cells
from gui.stage.name_block import NameBlock
from gui.stage.product import SIGN_TOOLTIPS, Product, draw_factor, make_heatmap
from gui.stage.row_specs import RowSpec
from gui.text.layers import block_name, k90_text, shape_text
from gui.theme import SIGN
from gui.widgets.box import retain_size_when_hidden
from gui.widgets.label import Label

TOP, ABOVE, MATRIX, BELOW, BOTTOM, LINES = range(6)
"""Lines of the grid that a row takes: W + ΔW = W′ is in `MATRIX`, captions above and below it; the
others take what is left.
"""
LEFT, CENTRE, RIGHT = (
    Qt.AlignmentFlag.AlignLeft,
    Qt.AlignmentFlag.AlignHCenter,
    Qt.AlignmentFlag.AlignRight,
)
UPPER, MIDDLE, LOWER = (
    Qt.AlignmentFlag.AlignTop,
    Qt.AlignmentFlag.AlignVCenter,
    Qt.AlignmentFlag.AlignBottom,
)
FROZEN_TOOLTIP = "Hatched: the layer is frozen, so no step changes its ΔW."
FACTORS_OF_LORA = 2
"""B and A alone; with more, something stands in the corner between them."""
HATCHED = "delta"
"""The matrix that is hatched where its layer is frozen; W stays easy to read."""


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
        """Create the widgets that the spec determines, and place them.

        Args: place: from the top.  columns: name -> column of the page's grid.  has_lock: False
        where another row has the lock.
        """
        super().__init__(grid.parent())
        layer = spec.layer
        self.layer, self.block = layer.name, layer.block
        self._spec, self._grid, self._columns, self._line = spec, grid, columns, place * LINES
        self.area = QWidget()
        self.area.setObjectName(f"row.{layer.name}")
        self.name = NameBlock(layer.name, has_lock=has_lock, focused=spec.focused)
        self._maps = {
            name: make_heatmap(layer.name, name, symbol) for name, symbol in LAYER_MATRICES.items()
        }
        self._caption = ViewCaption(layer.name, block_name(layer.name))
        self._product = None if spec.around else self._make_product()
        self._make_factors()
        self.adapter: AdapterView | None = None
        if spec.adapter is not None:
            down, up = spec.adapter
            self.adapter = AdapterView(
                down.name, up.name, crosshair, parallel=spec.parallel, alone=spec.focused
            )
        self._signs = {"plus": self._make_sign("+"), "equals": self._make_sign("=")}
        self.linked = self._link_heatmaps(layer, crosshair)
        self._product_is_of_delta = True
        """Whether ΔW's place shows what factors around it make: itself, or its last step."""
        self._lay_out()

    def _make_factors(self) -> None:
        """Make the matrices outside the product, with captions unless they share a place."""
        of_product = {} if self._product is None else self._product.maps
        infos = [info for info in self._spec.infos if info.name not in of_product]
        self._infos = {info.name: info for info in infos}
        self._factors = {
            info.name: make_heatmap(self.layer, info.name, info.title) for info in infos
        }
        self._captions = {
            info.name: self._make_caption(info) for info in infos if not info.in_place_of
        }

    def _make_product(self) -> Product | None:
        factors = self._spec.placed(FactorPlacement.PRODUCT)
        names = {info.name for info in factors}
        infos = (info for info in self._spec.infos if {info.name, info.in_place_of} & names)
        return Product(self.layer, tuple(infos)) if factors else None

    @staticmethod
    def _make_sign(sign: str) -> Label:
        label = Label(sign, scale=SIGN, colour="muted")
        label.setToolTip(SIGN_TOOLTIPS[sign])
        return label

    def _lay_out(self) -> None:
        for line in (TOP, BOTTOM):
            self._grid.setRowStretch(self._line + line, 1)
        self._add(self.area, TOP, "name", last="spare", lines=LINES)
        if self._spec.focused:
            # The line is as high as A is; the name must not be squeezed into that.
            self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            self._add(self.name, ABOVE, "weight", LEFT | UPPER)
        else:
            self._add(self.name, TOP, "name", MIDDLE, lines=LINES)
        for part, heatmap in self._maps.items():
            self._add(heatmap, MATRIX, part, LEFT | MIDDLE)
        for column, sign in self._signs.items():
            self._add(sign, MATRIX, column, CENTRE | MIDDLE)
        self._add(self._caption, BELOW, "weight", last="equals")
        if self._product is not None:
            self._add(self._product, MATRIX, "product", LEFT | MIDDLE)
        for name in self._infos:
            self._add_factor(name)
        if self.adapter is not None:
            self._add(self.adapter, TOP, "adapter", MIDDLE, lines=LINES)
        for name, caption in self._captions.items():
            retain_size_when_hidden(caption, self._factors[name])
        retain_size_when_hidden(*self._signs.values())

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
        others = (one.title for one in self._spec.infos if one.in_place_of == info.name)
        label = FittingLabel(reserved=max(others, key=len, default=""))
        label.setObjectName(f"letter.{self.layer}.{info.name}")
        _show_caption(label, info)
        return label

    def _add_factor(self, name: str) -> None:
        info, heatmap = self._infos[name], self._factors[name]
        where = placement(info)
        in_product = {one.name for one in self._spec.placed(FactorPlacement.PRODUCT)}
        if {name, info.in_place_of} & in_product:
            self._add_around_delta(info)
        elif where is FactorPlacement.SWITCH:
            self._add(heatmap, MATRIX, info.in_place_of, LEFT | MIDDLE)
        elif where is FactorPlacement.ROUND and info.shared[1]:
            self._add(self._captions[name], ABOVE, "equals", RIGHT | LOWER)
            self._add(heatmap, ABOVE, "updated", LEFT | LOWER)
        else:
            caption = self._captions[name]
            centred = CENTRE if where is FactorPlacement.ROUND else LEFT
            if self._has_round:
                self._add(caption, ABOVE, name, LOWER)
            else:
                self._add(caption, MATRIX, name, UPPER, lines=BELOW - MATRIX + 1)
            self._add(heatmap, MATRIX, name, centred | MIDDLE)
            caption.stackUnder(heatmap)

    def _add_around_delta(self, info: MatrixInfo) -> None:
        """Place a factor as in a product on paper: B left of ΔW, A above it, row by column."""
        heatmap, caption = self._factors[info.name], self._captions.get(info.name)
        factors = self._spec.placed(FactorPlacement.PRODUCT)
        if info.shared[0]:
            column, at = info.in_place_of or info.name, (MATRIX, RIGHT | MIDDLE)
            captioned = BELOW, column, LEFT | UPPER, "delta"
            if not self._spec.focused and len(factors) == FACTORS_OF_LORA:
                captioned = ABOVE, "plus", RIGHT | LOWER, column
        elif info.shared[1]:
            column, at = "delta", (ABOVE, LEFT | LOWER)
            last = "product" if self._has_round else "equals"  # there x has its caption
            captioned = ABOVE, "delta", LEFT | LOWER, last
        else:  # a number for each direction, beside A's rows
            column = [factor.name for factor in factors if factor.shared[0]][-1]
            at, captioned = (ABOVE, RIGHT | LOWER), None
        self._add(heatmap, at[0], column, at[1])
        if caption is not None and captioned is not None:
            line, first, align, last = captioned
            self._add(caption, line, first, align, last=last)
            caption.stackUnder(heatmap)

    @property
    def _has_round(self) -> bool:
        """Whether anything stands around W′: all captions are then above the heatmaps."""
        return bool(self._spec.placed(FactorPlacement.ROUND))

    def _link_heatmaps(self, layer: LayerFrame, crosshair: Crosshair) -> tuple[LinkedHeatmaps, ...]:
        """Link the layer's heatmaps to each other; an adapter's have cells of their own."""
        maps = self._maps | self._factors
        if self._product is not None:
            maps |= self._product.maps
        sides = {factor.name: factor.info.sides for factor in layer.factors}
        alone = self._spec.focused
        own = LinkedHeatmaps(layer.name, maps, self, crosshair, sides, alone=alone)
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
        for heatmap, (matrix, kind) in zip(self._maps.values(), values, strict=True):
            heatmap.draw(matrix, scales[kind], blocks=blocks)
        if self._product is not None:
            self._product.draw(layer, scales)
        for factor in layer.factors:
            if factor.name in self._factors:
                draw_factor(self._factors[factor.name], factor, layer, scales)
        if self.adapter is not None and spec.adapter is not None:
            self.adapter.draw(*spec.adapter, scales)
        self.show_viewport()
        self.name.show_ratio(layer.relative_change, k90_text(layer))
        self.name.show_counts(
            shape_text(*layer.shape),
            layer.trainable_parameters,
            layer.total_parameters,
            is_new=layer.randomly_initialised,
            counted=bool(layer.trainable_parameters) or not layer.trainable,
        )
        self.name.show_checks(layer.measured.checks)

    def show_pictures(self, shown: Mapping[str, str]) -> None:
        """Show what was chosen in each place, where this row has it. Args: shown: place -> name.

        The signs beside a place go, since what then stands there is no term of the equation.
        """
        own = {place: name for place, name in shown.items() if name in self._factors}
        maps = self._maps | self._factors
        for name, info in self._infos.items():
            place = info.in_place_of
            if place in maps:
                maps[name].setVisible(own.get(place) == name)
                maps[place].setVisible(place not in own)
                if place in self._captions:
                    _show_caption(self._captions[place], self._infos[own.get(place, place)])
        chosen = self._infos.get(own.get("delta", ""))
        self._product_is_of_delta = chosen is None or chosen.role == "step"
        for sign in self._signs.values():
            sign.setVisible(not own.keys() & self._maps.keys())
        if self._product is not None:
            self._product.show_pictures(shown, of_delta="delta" not in own)

    def hide_factors(self, names: Collection[str]) -> None:
        """Hide these factors, and B and A around what they do not make; their places stay empty."""
        for name, caption in self._captions.items():
            around = placement(self._infos[name]) is FactorPlacement.PRODUCT
            hidden = name in names or (around and not self._product_is_of_delta)
            self._factors[name].setHidden(hidden)
            caption.setHidden(hidden)

    def set_cross(self, cell: CellAddress | None, *, pinned: bool) -> None:
        """Mark the cell in every heatmap that it enters."""
        self.linked[0].set_cross(cell, pinned=pinned)
        if self.adapter is not None:
            self.adapter.set_cross(cell, pinned=pinned)

    def set_highlights(self, highlights: tuple[CellHighlight, ...]) -> None:
        """Ring cells of ΔW."""
        self._maps["delta"].set_highlights(highlights)

    def set_lock(self, frozen: bool, reason: str = "", from_step: int = 0) -> None:
        """Show lock and hatching of the layer. Arguments as in `NameBlock.set_lock`."""
        self.name.set_lock(frozen, reason, from_step)
        self._maps[HATCHED].set_frozen(frozen)
        self._maps[HATCHED].setToolTip(FROZEN_TOOLTIP if frozen else "")

    def set_cells(self, cells: Cells) -> None:
        """Draw cells of these sizes, and the name as long as there is room for."""
        pixels = int(cells.side * self.area.devicePixelRatioF())
        for linked, part in zip(self.linked, self._spec.parts, strict=True):
            linked.fit_to(part.shape, pixels)
        self._caption.setVisible(bool(pixels))
        if cells.side and self._spec.around and not self._spec.focused:
            # Beside a large layer there is room for any rank, so that none moves anything.
            self._grid.setRowMinimumHeight(self._line + ABOVE, cells.rank_room + 2 * INSET)
            cells = replace(cells, side=cells.rank_room)
        for place, heatmap in self._maps.items():
            heatmap.set_cell_size((cells if place == "delta" else cells.outer).matrix)
        for name, info in self._infos.items():
            heatmap, where = self._factors[name], placement(info)
            beside_delta = where in (FactorPlacement.PRODUCT, FactorPlacement.SCALE)
            large = beside_delta or info.in_place_of not in ("", "weight", "updated")
            heatmap.set_cell_size(
                *(cells if large else cells.outer).of(info, heatmap.matrix().shape)
            )
            if where is FactorPlacement.SCALE or (
                where is FactorPlacement.ASIDE and not self._has_round
            ):
                self._place_caption(info, heatmap)
            elif where is FactorPlacement.PRODUCT and info.shared[1] and name in self._captions:
                # Right of A, also where A is narrower than those of other layers.
                self._captions[name].setContentsMargins(heatmap.width(), 0, 0, 0)
        if self._product is not None:
            self._product.set_cells(cells)
        if self.adapter is not None:
            self.adapter.set_cells(cells.adapter)
        if not self._spec.focused:
            self._place_name(above=cells.above)
            self.name.fit_to(self._maps["delta"].height(), brief=cells.brief)

    def _place_name(self, *, above: bool) -> None:
        """Let the name stand left of the matrices, or in a line above them."""
        if above == self.name.in_line:
            return
        self.name.set_in_line(above)
        for widget in filter(None, (self.name, self.adapter)):
            self._grid.removeWidget(widget)
        if above:
            self._add(self.name, TOP, "weight", LEFT | LOWER, last="spare")
        else:
            self._add(self.name, TOP, "name", MIDDLE, lines=LINES)
        if self.adapter is not None:
            line = ABOVE if above else TOP
            self._add(self.adapter, line, "adapter", MIDDLE, lines=LINES - line)

    def _place_caption(self, info: MatrixInfo, heatmap: Heatmap) -> None:
        """Place it beside a column; below a single row, which is lower than the matrix."""
        middle = (self._maps["delta"].height() + heatmap.height()) // 2
        beside = info.sides[0] == "out"
        margins = (heatmap.width(), 0) if beside else (INSET, middle)
        self._captions[info.name].setContentsMargins(*margins, 0, 0)

    @property
    def delta_width(self) -> int:
        """Width of ΔW, in pixels."""
        return self._maps["delta"].width()

    @property
    def has_product(self) -> bool:
        """Whether ΔW is made of factors."""
        return self._product is not None

    @Slot()
    def show_viewport(self) -> None:
        """Say what is visible of a large layer."""
        self._caption.show_viewport(self.linked[0].viewport)


def _show_caption(label: FittingLabel, info: MatrixInfo) -> None:
    asides = FactorPlacement.ASIDE, FactorPlacement.SCALE
    texts = (factor_caption(info), info.short) if placement(info) in asides else (info.title,)
    label.show_texts(*filter(None, texts))
    label.setToolTip(info.description)
