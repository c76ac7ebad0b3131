"""An adapter as it stands in the network: D → ReLU → U, added to what the layer hands on.

It is fed just that, or, where it stands beside the layer, the layer's own input.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import LayerFrame
from gui.matrices.colour_scale import ColourScales, adapter_part
from gui.matrices.crosshair import CellPosition
from gui.matrices.factor_kinds import ADAPTER_SYMBOLS
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.viewport import blocks_of
from gui.stage.name_block import NameBlock
from gui.stage.plan import AdapterShape, StageLayout, adapter_axis
from gui.stage.text import SMALL, PlainLabel
from gui.text.layers import layer_title, trainable_text
from gui.theme import SPACE

FEED = "input →"
FEED_TIP = "Fed with what the layer is fed: the adapter stands beside the layer, not behind it"
FLOW = "→ ReLU →"
SUM = "⊕"


class AdapterView(QWidget):
    """The two matrices of an adapter, true to shape, under its name and lock."""

    def __init__(self, down: str, up: str, parent: QWidget, *, parallel: bool = False) -> None:
        """Args: down, up: adapter1.down and adapter1.up.  parallel: whether it is fed the input."""
        super().__init__(parent)
        self.unit = down.partition(".")[0]
        self.setObjectName(f"view.{self.unit}")
        self.name = NameBlock(self.unit, self)
        self._maps = (self._make_map(down), self._make_map(up))
        self.linked = tuple(
            LinkedHeatmaps(name, {"updated": heatmap}, self)
            for name, heatmap in zip((down, up), self._maps, strict=True)
        )
        self._feed = PlainLabel(FEED if parallel else "", self, scale=SMALL, role="muted")
        self._feed.setToolTip(FEED_TIP)
        self._flow = PlainLabel(FLOW, self, scale=SMALL, role="muted")
        self._sum = PlainLabel(SUM, self, role="muted")

    def _make_map(self, layer: str) -> Heatmap:
        heatmap = Heatmap(
            f"{ADAPTER_SYMBOLS[adapter_part(layer)]} of {layer_title(self.unit).lower()}", self
        )
        heatmap.setObjectName(f"heatmap.{layer}.updated")
        return heatmap

    def draw(self, down: LayerFrame, up: LayerFrame, scales: ColourScales) -> None:
        """Show the matrices that the network computes with."""
        for layer, heatmap in zip((down, up), self._maps, strict=True):
            blocks = blocks_of(layer.shape, layer.part)
            heatmap.draw(layer.updated, scales[adapter_part(layer.name)], blocks=blocks)
        trainable = down.trainable_parameters + up.trainable_parameters
        total = down.total_parameters + up.total_parameters
        bottleneck, inputs = down.shape
        shape = f"{inputs} → {bottleneck} → {up.shape[0]}"
        short = f"{trainable:,}" if trainable else ""
        self.name.say(shape, trainable_text(trainable, total), short)
        self.name.show_proofs((*down.checks, *up.checks))

    def sign_widths(self) -> tuple[int, int]:
        """Pixels that "→ ReLU →" with "input →", and "⊕", take, with the air beside them."""
        return self._feed_width() + self._flow.width() + 2 * SPACE, self._sum.width() + SPACE

    def _feed_width(self) -> int:
        return self._feed.width() + SPACE // 2 if self._feed.text() else 0

    def height_in(self, plan: StageLayout, shape: AdapterShape) -> int:
        """Pixels from the upper edge of the name to the lower edge of the pictures."""
        return self._axis(plan, shape)[1]

    def _axis(self, plan: StageLayout, shape: AdapterShape) -> tuple[int, int]:
        name = self.name.height_for(self._name_width(plan, shape), short=True)
        return adapter_axis(shape, plan.cells.factor, name)

    def _up_x(self, plan: StageLayout, shape: AdapterShape) -> int:
        """Left edge of U, the same in all rows."""
        beyond = shape[0] * plan.cells.factor + SPACE + self._sum.width()
        return int(INSET + plan.adapter_width - beyond)

    def _name_width(self, plan: StageLayout, shape: AdapterShape) -> int:
        return self._up_x(plan, shape) - SPACE - INSET

    def arrange(self, plan: StageLayout, shape: AdapterShape, top: int) -> None:
        """Stand with the upper edge at `top`, in the plan's slot. Args: shape: in its cells."""
        for heatmap in self._maps:
            heatmap.set_cell_size(plan.cells.factor)
        (down, down_size), (up, up_size) = ((map_, map_.picture_size()) for map_ in self._maps)
        self.name.arrange(self._name_width(plan, shape), short=True)
        self.name.move(INSET, top)
        axis = top + self._axis(plan, shape)[0]
        up_x = self._up_x(plan, shape)
        flow_x = up_x - SPACE - self._flow.width()
        self._flow.move(flow_x, axis - self._flow.height() // 2)
        down_x = flow_x - SPACE - down_size.width()
        down.move_picture(down_x, axis - down_size.height() // 2)
        feed_x = down_x - SPACE // 2 - self._feed.width()
        self._feed.move(feed_x, axis - self._feed.height() // 2)
        up.move_picture(up_x, axis - up_size.height() // 2)
        self._sum.move(up_x + up_size.width() + SPACE, axis - self._sum.height() // 2)

    def set_cross(self, cell: CellPosition | None, *, pinned: bool) -> None:
        """Mark the cell, and what is joined to it: row k of D and column k of U."""
        down, up = self.linked
        if cell is not None and cell.layer == up.layer:
            down.mark_line(cell.column, None, pinned=pinned)
        else:
            down.set_cross(cell, pinned=pinned)
        if cell is not None and cell.layer == down.layer:
            up.mark_line(None, cell.row, pinned=pinned)
        else:
            up.set_cross(cell, pinned=pinned)

    def set_lock(self, frozen: bool, reason: str = "", from_step: int = 0) -> None:
        """Lock and hatching. Args: reason, from_step: as the name block has them."""
        self.name.set_lock(frozen, reason, from_step)
        for heatmap in self._maps:
            heatmap.set_frozen(frozen)

    def restyle(self) -> None:
        """Take the theme and the text size in force."""
        self.name.restyle()
        self._feed.restyle()
        self._flow.restyle()
        self._sum.restyle()


def adapter_shape(down: LayerFrame, up: LayerFrame) -> AdapterShape:
    """(bottleneck, inputs, outputs) of D (m, in) and U (out, m)."""
    bottleneck, inputs = down.shape
    return bottleneck, inputs, up.shape[0]
