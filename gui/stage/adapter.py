"""An adapter as it stands in the network: D → ReLU → U, added to the layer's output.

Its input is that output, or, if it is parallel to the layer, the layer's input.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import CellAddress, LayerFrame
from gui.matrices.colour_scale import ColourScales, adapter_part
from gui.matrices.factor_kinds import ADAPTER_SYMBOLS
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.viewport import blocks_of
from gui.stage.layout import AdapterShape, StageLayout, adapter_axis
from gui.stage.name_block import NameBlock
from gui.text.layers import layer_title, trainable_text
from gui.theme import SMALL, SPACE
from gui.widgets.label import Label

INPUT_TEXT = "input →"
INPUT_TOOLTIP = "Fed with what the layer is fed: the adapter stands beside the layer, not behind it"
RELU_TEXT = "→ ReLU →"
SUM_TEXT = "⊕"


class AdapterView(QWidget):
    """The two matrices of an adapter, true to shape, under its name and lock."""

    def __init__(self, down: str, up: str, parent: QWidget, *, parallel: bool = False) -> None:
        """Create the views of both matrices.

        Args: down, up: names of the layers, adapter1.down and adapter1.up.  parent: of the widget.
        parallel: whether its input is the layer's.
        """
        super().__init__(parent)
        self.block = down.partition(".")[0]
        self.setObjectName(f"view.{self.block}")
        self.name = NameBlock(self.block, self)
        self._maps = (self._make_map(down), self._make_map(up))
        self.linked = tuple(
            LinkedHeatmaps(name, {"updated": heatmap}, self)
            for name, heatmap in zip((down, up), self._maps, strict=True)
        )
        self._input = Label(INPUT_TEXT if parallel else "", self, scale=SMALL, colour="muted")
        self._input.setToolTip(INPUT_TOOLTIP)
        self._relu = Label(RELU_TEXT, self, scale=SMALL, colour="muted")
        self._sum = Label(SUM_TEXT, self, colour="muted")

    def _make_map(self, layer: str) -> Heatmap:
        heatmap = Heatmap(
            f"{ADAPTER_SYMBOLS[adapter_part(layer)]} of {layer_title(self.block).lower()}", self
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
        self.name.show_counts(shape, trainable_text(trainable, total), short)
        self.name.show_checks((*down.measured.checks, *up.measured.checks))

    def sign_widths(self) -> tuple[int, int]:
        """Return the widths of "→ ReLU →" with "input →", and of "⊕", with margins, in pixels."""
        return self._input_width() + self._relu.width() + 2 * SPACE, self._sum.width() + SPACE

    def _input_width(self) -> int:
        return self._input.width() + SPACE // 2 if self._input.text() else 0

    def height_in(self, layout: StageLayout, shape: AdapterShape) -> int:
        """Return the height from the top of the name to the bottom of the matrices, in pixels."""
        return self._axis(layout, shape)[1]

    def _axis(self, layout: StageLayout, shape: AdapterShape) -> tuple[int, int]:
        name = self.name.height_for(self._name_width(layout, shape), short=True)
        return adapter_axis(shape, layout.cells.factor, name)

    def _up_x(self, layout: StageLayout, shape: AdapterShape) -> int:
        """Return the left edge of U, the same in all rows."""
        remainder = shape[0] * layout.cells.factor + SPACE + self._sum.width()
        return int(INSET + layout.adapter_width - remainder)

    def _name_width(self, layout: StageLayout, shape: AdapterShape) -> int:
        return self._up_x(layout, shape) - SPACE - INSET

    def arrange(self, layout: StageLayout, shape: AdapterShape, top: int) -> None:
        """Lay the adapter out in its column of the layout.

        Args: layout: of the stage.  shape: in its cells.  top: upper edge, pixels.
        """
        for heatmap in self._maps:
            heatmap.set_cell_size(layout.cells.factor)
        (down, down_size), (up, up_size) = ((map_, map_.picture_size()) for map_ in self._maps)
        self.name.arrange(self._name_width(layout, shape), short=True)
        self.name.move(INSET, top)
        axis = top + self._axis(layout, shape)[0]
        up_x = self._up_x(layout, shape)
        relu_x = up_x - SPACE - self._relu.width()
        self._relu.move(relu_x, axis - self._relu.height() // 2)
        down_x = relu_x - SPACE - down_size.width()
        down.move_picture(down_x, axis - down_size.height() // 2)
        input_x = down_x - SPACE // 2 - self._input.width()
        self._input.move(input_x, axis - self._input.height() // 2)
        up.move_picture(up_x, axis - up_size.height() // 2)
        self._sum.move(up_x + up_size.width() + SPACE, axis - self._sum.height() // 2)

    def set_cross(self, cell: CellAddress | None, *, pinned: bool) -> None:
        """Mark a cell, and what it is multiplied with: row k of D and column k of U."""
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
        """Show lock and hatching. Arguments as in `NameBlock.set_lock`."""
        self.name.set_lock(frozen, reason, from_step)
        for heatmap in self._maps:
            heatmap.set_frozen(frozen)


def adapter_shape(down: LayerFrame, up: LayerFrame) -> AdapterShape:
    """Return (bottleneck, inputs, outputs) of D (m, in) and U (out, m)."""
    bottleneck, inputs = down.shape
    return bottleneck, inputs, up.shape[0]
