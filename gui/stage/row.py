"""One row of the stage: name, W + ΔW = W′, factors, adapter and sparkline of a layer."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QWidget

from engine.protocol.messages import CellAddress, LayerFrame
from engine.protocol.network_shape import MAX_RANK
from gui.matrices.cell_highlight import CellHighlight
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.matrices.factor_kinds import LAYER_MATRICES, surrounds_updated
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.viewport import blocks_of
from gui.stage.adapter import AdapterView, adapter_shape
from gui.stage.factor_layout import Cells, FactorLayout
from gui.stage.factors import FactorView
from gui.stage.input_output_strip import InputOutputStrip
from gui.stage.large_layout import picture_side, row_in_pixels
from gui.stage.layout import RowShape, StageLayout, TextSizes, below_height, is_low
from gui.stage.name_block import WIDEST_COUNT, NameBlock
from gui.stage.row_specs import RowSpec
from gui.stage.sparkline import Sparkline
from gui.stage.view_caption import ViewCaption
from gui.text.layers import k90_text, layer_title, shape_text, trainable_text
from gui.theme import MARGIN, SIGN, SPACE
from gui.widgets.label import Label

MIN_RULED_GAP = SPACE * 3 // 2
"""Pixels between rows from which on there is a line between them."""
MIN_CAPTION_GAP = 2
"""Pixels between a caption and the row below it, at least."""


class LayerRow(QWidget):
    """The widgets of one row; they live as long as the structure of its `RowSpec` stays."""

    def __init__(self, spec: RowSpec, parent: QWidget, *, has_lock: bool = True) -> None:
        """Create the widgets.

        Args: spec: determines them.  parent: of the widget.  has_lock: False where another row has
        the lock.
        """
        super().__init__(parent)
        layer = spec.layer
        self.setObjectName(f"row.{layer.name}")
        self.layer, self.block = layer.name, layer.block
        self._spec = spec
        self._rule = QFrame(self)
        self._rule.setProperty("role", "rule")
        self.name = NameBlock(layer.name, self, has_lock=has_lock)
        self._maps = tuple(self._make_map(layer.name, *names) for names in LAYER_MATRICES.items())
        self._plus, self._equals = (
            Label("+", self, scale=SIGN, colour="muted"),
            Label("=", self, scale=SIGN, colour="muted"),
        )
        self._caption = ViewCaption(layer_title(layer.name).lower(), self)
        around = [factor.info for factor in layer.factors if surrounds_updated(factor.info)]
        beside = [
            factor.info for factor in layer.factors if factor.info not in (spec.below, *around)
        ]
        captions_above = bool(around)  # where there are captions above W′ all stand there
        self._beside = (
            FactorView(layer.name, beside, self, captions_above=captions_above) if beside else None
        )
        self._activations = InputOutputStrip(layer.name, around, self) if around else None
        self._below = (
            FactorView(layer.name, [spec.below], self, captions_above=True) if spec.below else None
        )
        self.adapter = (
            AdapterView(spec.adapter[0].name, spec.adapter[1].name, self, parallel=spec.parallel)
            if spec.adapter
            else None
        )
        self.sparkline = Sparkline(layer.name, self)
        self.linked = self._link_heatmaps(layer)

    def _make_map(self, layer: str, part: str, symbol: str) -> Heatmap:
        heatmap = Heatmap(f"{symbol} of {layer_title(layer).lower()}", self)
        heatmap.setObjectName(f"heatmap.{layer}.{part}")
        return heatmap

    def _link_heatmaps(self, layer: LayerFrame) -> tuple[LinkedHeatmaps, ...]:
        """Link the layer's heatmaps to each other; an adapter's have cells of their own."""
        maps = dict(zip(LAYER_MATRICES, self._maps, strict=True))
        for view in (self._beside, self._below, self._activations):
            maps |= {} if view is None else view.maps
        sides = {factor.name: factor.info.sides for factor in layer.factors}
        own = LinkedHeatmaps(layer.name, maps, self, sides)
        own.viewport_changed.connect(self._on_viewport_changed)
        self._caption.overview_requested.connect(own.show_whole)
        return (own,) if self.adapter is None else (own, *self.adapter.linked)

    # ------------------------------------------------------------ what it shows

    def draw(self, spec: RowSpec, scales: ColourScales) -> None:
        """Show the values of a frame.

        Args: spec: of the same structure.  scales: of the stage.
        """
        layer = spec.layer
        self._spec = spec
        weight, delta, updated = self._maps
        blocks = blocks_of(layer.shape, layer.part)
        weight.draw(layer.weight, scales[WEIGHT], blocks=blocks)
        delta.draw(layer.delta, scales[DELTA], blocks=blocks)
        updated.draw(layer.updated, scales[WEIGHT], blocks=blocks)
        for view in (self._beside, self._below):
            if view is not None:
                view.draw(layer, scales, spec.difference_caption)
        if self._activations is not None:
            self._activations.draw(layer, scales)
        if self.adapter is not None and spec.adapter is not None:
            self.adapter.draw(*spec.adapter, scales)
        self.sparkline.set_value(layer.relative_change, k90_text(layer))
        self._show_texts(layer)

    def _show_texts(self, layer: LayerFrame) -> None:
        trainable, total = layer.trainable_parameters, layer.total_parameters
        if layer.trainable and not trainable:
            full, short = f"{total:,} weights", f"{total:,}"  # before the engine has counted
        else:
            full, short = trainable_text(trainable, total), f"{trainable:,}" if trainable else ""
        self._caption.show_viewport(self.linked[0].viewport, random_start=self._spec.caption)
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
        for view in (self._beside, self._activations):
            if view is not None:
                view.hide_maps(names)

    def set_lock(self, frozen: bool, reason: str = "", from_step: int = 0) -> None:
        """Show lock and hatching of the layer. Arguments as in `NameBlock.set_lock`."""
        self.name.set_lock(frozen, reason, from_step)
        # ΔW alone is hatched: nothing can change there, and W stays easy to read.
        self._maps[1].set_frozen(frozen)

    # ------------------------------------------------------------ where it stands

    def needs(self, short_name: int) -> RowShape:
        """Return the sizes that the layout must allow for.

        Args: short_name: width of short name blocks.
        """
        shapes = self._spec.factor_shapes
        adapter = self._spec.adapter
        return RowShape(
            matrix=self._spec.layer.shape,
            factors=tuple(
                (info, shape)
                for info, shape in shapes
                if info != self._spec.below and not surrounds_updated(info)
            ),
            activations=self._activations is not None,
            below=dict(shapes)[self._spec.below] if self._spec.below else None,
            adapter=None if adapter is None else adapter_shape(*adapter),
            caption=self._spec.caption,
            unnamed="" if self._spec.difference_caption else "difference",
            name_height=self.name.height_for(0, short=False),
            short_name_height=self.name.height_for(short_name, short=True),
        )

    def arrange(self, layout: StageLayout, height: int, text: TextSizes) -> None:
        """Place all widgets.

        Args: layout: of the stage.  height: of the row without the gap.  text: sizes of the texts.
        """
        needs = self.needs(text.short_name)
        ratio = self.devicePixelRatioF()
        if layout.side:
            needs = row_in_pixels(needs, layout.side, ratio)
        for linked, part in zip(self.linked, self._spec.parts, strict=True):
            linked.fit_to(part.shape, picture_side(layout.side, ratio))
        self.resize(layout.width, height + layout.gap)
        self._rule.setVisible(layout.gap >= MIN_RULED_GAP)
        self._rule.setGeometry(MARGIN, 0, layout.width - 2 * MARGIN, 1)
        matrix = needs.matrix[0] * layout.cell
        inner_height = height - below_height(needs.below, layout.cell, text)
        caption = text.factor_captions.caption if needs.caption else 0
        above = text.factor_captions.caption if needs.activations else 0
        top = layout.gap // 2 + (inner_height - matrix - caption - above) // 2 + above
        middle = top + matrix // 2
        self._arrange_equation(layout, top, matrix, text)
        if self._activations is not None:
            self._activations.arrange(layout.cell, self._maps[2], above)
        low = layout.brief or is_low(needs, layout.cell)
        self.name.arrange(layout.name_width, short=low)
        self.name.move(
            MARGIN, _clamped_top(middle, self.name.height(), layout.gap // 2, inner_height)
        )
        self._arrange_sparkline(layout, middle, inner_height)
        self._arrange_factors(layout, needs, middle, text)
        if self.adapter is not None and needs.adapter is not None:
            width = layout.adapter_width + 2 * INSET
            self.adapter.setGeometry(layout.adapter_x - INSET, 0, width, self.height())
            content_height = max(self.adapter.height_in(layout, needs.adapter), matrix)
            top = _clamped_top(middle, content_height, layout.gap // 2, inner_height)
            self.adapter.arrange(layout, needs.adapter, top)

    def _arrange_equation(
        self, layout: StageLayout, top: int, matrix: int, text: TextSizes
    ) -> None:
        """Place W + ΔW = W′ and the caption of W, `matrix` pixels high from `top` on."""
        for heatmap, x in zip(
            self._maps, (layout.weight_x, layout.delta_x, layout.updated_x), strict=True
        ):
            heatmap.set_cell_size(layout.cell)
            heatmap.move_picture(x, top)
        end = layout.factor_x if layout.factor_layout.captions_below else layout.updated_x
        self._caption.arrange(
            layout.weight_x,
            top + matrix + INSET,
            end - layout.weight_x,
            text.factor_captions.caption,
        )
        middle = top + matrix // 2
        self._plus.centre_on(layout.delta_x - layout.sign // 2, middle)
        self._equals.centre_on(layout.updated_x - layout.sign // 2, middle)

    def _arrange_sparkline(self, layout: StageLayout, middle: int, inner_height: int) -> None:
        above = middle - layout.gap // 2
        height = 2 * min(above, inner_height - above)
        self.sparkline.setVisible(layout.sparkline_width > 0)
        self.sparkline.setGeometry(
            layout.sparkline_x, middle - height // 2, layout.sparkline_width, height
        )

    def _arrange_factors(
        self, layout: StageLayout, needs: RowShape, middle: int, text: TextSizes
    ) -> None:
        if self._beside is not None:
            # Its left end leaves the rim of ΔW free; a sign comes first, so nothing is lost.
            self._beside.setGeometry(
                layout.factor_x + INSET, 0, layout.factor_layout.width, self.height()
            )
            bottom = self.height() - MIN_CAPTION_GAP
            self._beside.arrange(layout.cells, layout.factor_layout, -INSET, middle, bottom)
        if self._below is not None and self._spec.below is not None:
            rows, columns = needs.below or (0, 0)
            y = middle - rows * layout.cell // 2 + rows * layout.cell + INSET
            name = self._spec.below.name
            caption = text.factor_captions.captions.get(name, 0)
            width = max(columns * layout.cell, caption) + 2 * INSET
            self._below.setGeometry(layout.delta_x - INSET, y, width, self.height() - y)
            axis = text.factor_captions.caption + 2 * SPACE + rows * layout.cell // 2
            factor_layout = FactorLayout(width, 0, {name: (0, width)}, captions_below=True)
            cells = Cells(*3 * (layout.cell,), large=bool(layout.side))
            self._below.arrange(cells, factor_layout, INSET, axis, 0)

    @Slot()
    def _on_viewport_changed(self) -> None:
        self._caption.show_viewport(self.linked[0].viewport, random_start=self._spec.caption)


def _clamped_top(middle: int, height: int, top: int, space: int) -> int:
    """Return the upper edge of what is centred on `middle`, moved as needed to stay inside."""
    return max(min(middle - height // 2, top + space - height), top)
