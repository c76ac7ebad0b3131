"""One layer as an equation: its name, W + ΔW = W′, and how large ΔW has become."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QWidget

from engine.protocol.messages import LayerFrame
from engine.protocol.network_shape import MAX_RANK
from gui.matrices.cell_highlight import CellHighlight
from gui.matrices.colour_scale import DELTA, WEIGHT, ColourScales
from gui.matrices.crosshair import CellPosition
from gui.matrices.factor_kinds import DIFFERENCE, LAYERS_OWN, band, is_round
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.viewport import blocks_of
from gui.stage.adapter import AdapterView, adapter_shape
from gui.stage.factor_layout import Cells, FactorLayout
from gui.stage.factors import FactorView
from gui.stage.flow import InputOutputStrip
from gui.stage.large_plan import in_pixels, room
from gui.stage.name_block import WIDEST, NameBlock
from gui.stage.plan import RowShape, StageLayout, TextSizes, below_height, is_low
from gui.stage.row_specs import RowSpec
from gui.stage.sparkline import Sparkline
from gui.stage.text import sign
from gui.stage.view_caption import ViewCaption
from gui.text.layers import k90_text, moving, shape, title
from gui.theme import MARGIN, SPACE

LEAST_RULED_GAP = SPACE * 3 // 2
"""Rows closer than this are told apart by the air alone."""
RIM = 2
"""Between a caption and the row below it, at least."""


class LayerRow(QWidget):
    """The widgets of one line; they live as long as the line's structure does."""

    def __init__(self, line: RowSpec, parent: QWidget, *, has_lock: bool = True) -> None:
        """Args: line: decides the widgets.  has_lock: False where another row holds the lock."""
        super().__init__(parent)
        layer = line.layer
        self.setObjectName(f"row.{layer.name}")
        self.layer, self.unit = layer.name, layer.block
        self._line = line
        self._rule = QFrame(self)
        self._rule.setProperty("role", "rule")
        self.name = NameBlock(layer.name, self, has_lock=has_lock)
        self._maps = tuple(self._make_map(layer.name, *names) for names in LAYERS_OWN.items())
        self._plus, self._equals = sign("+", self), sign("=", self)
        self._caption = ViewCaption(title(layer.name).lower(), self)
        beside = [name for name, _ in layer.factors if name != line.below and not is_round(name)]
        around = [name for name, _ in layer.factors if is_round(name)]
        above = bool(around)  # where there are captions above W′ all stand there
        self._beside = (
            FactorView(layer.name, beside, self, captions_above=above) if beside else None
        )
        self._flow = InputOutputStrip(layer.name, around, self) if around else None
        self._below = (
            FactorView(layer.name, [line.below], self, captions_above=True) if line.below else None
        )
        self.adapter = (
            AdapterView(line.adapter[0].name, line.adapter[1].name, self, parallel=line.parallel)
            if line.adapter
            else None
        )
        self.trend = Sparkline(layer.name, self)
        self.linked = self._layer_pass(layer)

    def _make_map(self, layer: str, part: str, symbol: str) -> Heatmap:
        heatmap = Heatmap(f"{symbol} of {title(layer).lower()}", self)
        heatmap.setObjectName(f"heatmap.{layer}.{part}")
        return heatmap

    def _layer_pass(self, layer: LayerFrame) -> tuple[LinkedHeatmaps, ...]:
        """Pictures of the layer point at its cells, an adapter's at their own."""
        maps = dict(zip(LAYERS_OWN, self._maps, strict=True))
        for view in (self._beside, self._below, self._flow):
            maps |= {} if view is None else view.maps
        shape = layer.weight.shape
        bands = {name: band(name, matrix.shape, shape) for name, matrix in layer.factors}
        own = LinkedHeatmaps(layer.name, maps, self, bands)
        own.lens_changed.connect(self._on_lens_changed)
        self._caption.whole_wanted.connect(own.show_whole)
        return (own,) if self.adapter is None else (own, *self.adapter.linked)

    # ------------------------------------------------------------ what it shows

    def draw(self, line: RowSpec, scales: ColourScales, step: int) -> None:
        """Show a frame's values. Args: line: of the same structure.  step: of the frame."""
        layer = line.layer
        self._line = line
        weight, delta, updated = self._maps
        blocks = blocks_of(layer.shape, layer.part)
        weight.draw(layer.weight, scales[WEIGHT], blocks=blocks)
        delta.draw(layer.delta, scales[DELTA], blocks=blocks)
        updated.draw(layer.updated, scales[WEIGHT], blocks=blocks)
        for view in (self._beside, self._below):
            if view is not None:
                view.draw(layer, scales, line.against)
        if self._flow is not None:
            self._flow.draw(layer, scales)
        if self.adapter is not None and line.adapter is not None:
            self.adapter.draw(*line.adapter, scales)
        ratio = layer.delta_norm / layer.weight_norm if layer.weight_norm > 0.0 else 0.0
        self.trend.add(step, ratio, k90_text(layer))
        self._say(layer)

    def _say(self, layer: LayerFrame) -> None:
        trainable, total = layer.trainable_parameters, layer.total_parameters
        if layer.trainable and not trainable:
            full, short = f"{total:,} weights", f"{total:,}"  # before the engine has counted
        else:
            full, short = moving(trainable, total), f"{trainable:,}" if trainable else ""
        self._caption.say(self.linked[0].lens, random_start=self._line.caption)
        most = min(MAX_RANK * sum(layer.shape), total - 1)  # that move at any rank
        self.name.say(
            shape(*layer.shape),
            full,
            short,
            fresh=layer.randomly_initialised,
            widest=max(WIDEST, moving(most, total), key=len),
        )
        self.name.show_proofs(layer.checks)

    def restart(self) -> None:
        """A new run: its curve begins again."""
        self.trend.clear()

    def set_cross(self, cell: CellPosition | None, *, pinned: bool) -> None:
        """Mark the cell on every picture that it enters."""
        self.linked[0].set_cross(cell, pinned=pinned)
        if self.adapter is not None:
            self.adapter.set_cross(cell, pinned=pinned)

    def set_rings(self, rings: tuple[CellHighlight, ...]) -> None:
        """Ring cells of ΔW."""
        self._maps[1].set_rings(rings)

    def hide_maps(self, names: Collection[str]) -> None:
        """Leave the places of the factors of these names empty."""
        for view in (self._beside, self._flow):
            if view is not None:
                view.hide_maps(names)

    def set_lock(self, frozen: bool, reason: str = "", from_step: int = 0) -> None:
        """Lock and hatching of the layer. Args: reason, from_step: as the name block has them."""
        self.name.set_lock(frozen, reason, from_step)
        # ΔW alone is hatched: nothing can change there, and W stays easy to read.
        self._maps[1].set_frozen(frozen)

    # ------------------------------------------------------------ where it stands

    def needs(self, short_name: int) -> RowShape:
        """What the plan has to make room for. Args: short_name: width of short name blocks."""
        shapes = self._line.factor_shapes
        adapter = self._line.adapter
        return RowShape(
            matrix=self._line.layer.shape,
            factors=tuple(
                (name, shape)
                for name, shape in shapes
                if name != self._line.below and not is_round(name)
            ),
            flow=self._flow is not None,
            below=dict(shapes)[self._line.below] if self._line.below else None,
            adapter=None if adapter is None else adapter_shape(*adapter),
            caption=self._line.caption,
            unnamed="" if self._line.against else DIFFERENCE,
            name_height=self.name.height_for(0, short=False),
            short_name_height=self.name.height_for(short_name, short=True),
        )

    def arrange(self, plan: StageLayout, height: int, text: TextSizes) -> None:
        """Lay everything out. Args: height: of the row without the air between rows."""
        needs = self.needs(text.short_name)
        ratio = self.devicePixelRatioF()
        if plan.side:
            needs = in_pixels(needs, plan.side, ratio)
        for linked, part in zip(self.linked, self._line.parts, strict=True):
            linked.set_room(part.shape, room(plan.side, ratio))
        self.resize(plan.width, height + plan.gap)
        self._rule.setVisible(plan.gap >= LEAST_RULED_GAP)
        self._rule.setGeometry(MARGIN, 0, plan.width - 2 * MARGIN, 1)
        matrix = needs.matrix[0] * plan.cell
        block = height - below_height(needs.below, plan.cell, text)
        caption = text.slot.caption if needs.caption else 0
        above = text.slot.caption if needs.flow else 0
        top = plan.gap // 2 + (block - matrix - caption - above) // 2 + above
        middle = top + matrix // 2
        for heatmap, x in zip(
            self._maps, (plan.weight_x, plan.delta_x, plan.updated_x), strict=True
        ):
            heatmap.set_cell(plan.cell)
            heatmap.place(x, top)
        if self._flow is not None:
            self._flow.arrange(plan.cell, self._maps[2], above)
        end = plan.factor_x if plan.slot.captions_below else plan.updated_x
        self._caption.arrange(
            plan.weight_x, top + matrix + INSET, end - plan.weight_x, text.slot.caption
        )
        self._plus.centre_on(plan.delta_x - plan.sign // 2, middle)
        self._equals.centre_on(plan.updated_x - plan.sign // 2, middle)
        low = plan.brief or is_low(needs, plan.cell)
        self.name.arrange(plan.name_width, short=low)
        self.name.move(MARGIN, _beside(middle, self.name.height(), plan.gap // 2, block))
        self._arrange_trend(plan, middle, block)
        self._arrange_factors(plan, needs, middle, text)
        if self.adapter is not None and needs.adapter is not None:
            width = plan.adapter_width + 2 * INSET
            self.adapter.setGeometry(plan.adapter_x - INSET, 0, width, self.height())
            tall = max(self.adapter.height_in(plan, needs.adapter), matrix)
            top = _beside(middle, tall, plan.gap // 2, block)
            self.adapter.arrange(plan, needs.adapter, top)

    def _arrange_trend(self, plan: StageLayout, middle: int, block: int) -> None:
        above = middle - plan.gap // 2
        height = 2 * min(above, block - above)
        self.trend.setVisible(plan.trend_width > 0)
        self.trend.setGeometry(plan.trend_x, middle - height // 2, plan.trend_width, height)

    def _arrange_factors(
        self, plan: StageLayout, needs: RowShape, middle: int, text: TextSizes
    ) -> None:
        if self._beside is not None:
            # Its left end leaves the rim of ΔW free; a sign comes first, so nothing is lost.
            self._beside.setGeometry(plan.factor_x + INSET, 0, plan.slot.width, self.height())
            bottom = self.height() - RIM
            self._beside.arrange(plan.cells, plan.slot, -INSET, middle, bottom)
        if self._below is not None:
            rows, columns = needs.below or (0, 0)
            y = middle - rows * plan.cell // 2 + rows * plan.cell + INSET
            caption = text.slot.captions.get(self._line.below, 0)
            width = max(columns * plan.cell, caption) + 2 * INSET
            self._below.setGeometry(plan.delta_x - INSET, y, width, self.height() - y)
            axis = text.slot.caption + 2 * SPACE + rows * plan.cell // 2
            slot = FactorLayout(width, 0, {self._line.below: (0, width)})
            cells = Cells(*3 * (plan.cell,), large=bool(plan.side))
            self._below.arrange(cells, slot, INSET, axis, 0)

    def restyle(self) -> None:
        """Take the theme and the text size in force."""
        self.name.restyle()
        for text in (self._plus, self._equals, self._caption):
            text.restyle()
        for view in (self._beside, self._below, self._flow, self.adapter):
            if view is not None:
                view.restyle()

    @Slot()
    def _on_lens_changed(self) -> None:
        self._caption.say(self.linked[0].lens, random_start=self._line.caption)


def _beside(middle: int, height: int, top: int, room: int) -> int:
    """Upper edge of what is to be centred on `middle`, moved as needed to stay in the room."""
    return max(min(middle - height // 2, top + room - height), top)
