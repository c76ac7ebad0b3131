"""An adapter as it stands in the network: D → ReLU → U, added to the layer's output.

Its input is that output, or, if it is parallel to the layer, the layer's input.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from engine.protocol.messages import CellAddress, LayerFrame
from gui.matrices.colour_scale import ColourScales, adapter_part
from gui.matrices.crosshair import Crosshair
from gui.matrices.factor_kinds import ADAPTER_SYMBOLS
from gui.matrices.heatmap import INSET
from gui.matrices.linked_heatmaps import LinkedHeatmaps
from gui.matrices.viewport import blocks_of
from gui.stage.name_block import NameBlock
from gui.stage.product import make_heatmap
from gui.theme import SMALL, SPACE
from gui.widgets.box import hbox
from gui.widgets.label import Label

INPUT_TEXT = "input →"
INPUT_TOOLTIP = "It gets the layer's own input: this adapter runs in parallel to the layer"
RELU_TEXT = "→ ReLU →"
RELU_TOOLTIP = "ReLU: negative values become zero."
SUM_TEXT = "⊕"
SUM_TOOLTIP = "The adapter's output is added to the layer's output."
LETTER_TOOLTIPS = {
    "D": "D, down: projects the adapter’s input onto the few units of its bottleneck.",
    "U": "U, up: projects the bottleneck back to the size of the layer’s output.",
}


class AdapterView(QWidget):
    """The two matrices of an adapter, true to shape, under its name and lock."""

    def __init__(
        self, down: str, up: str, crosshair: Crosshair, *, parallel: bool = False,
        alone: bool = False,
    ) -> None:  # fmt: skip
        """Create it.

        Args: down, up: names of the layers.  parallel: whether its input is the layer's.  alone:
        whether no other layer is shown.
        """
        super().__init__()
        self.block = down.partition(".")[0]
        self.setObjectName(f"view.{self.block}")
        self.name = NameBlock(self.block, has_ratio=False)
        self._maps = tuple(
            make_heatmap(layer, "updated", ADAPTER_SYMBOLS[adapter_part(layer)], self.block)
            for layer in (down, up)
        )
        self.linked = tuple(
            LinkedHeatmaps(name, {"updated": heatmap}, self, crosshair, alone=alone)
            for name, heatmap in zip((down, up), self._maps, strict=True)
        )
        fed, relu = (Label(text, scale=SMALL, colour="muted") for text in (INPUT_TEXT, RELU_TEXT))
        fed.setToolTip(INPUT_TOOLTIP)
        fed.setVisible(parallel)
        into, after = self._maps
        relu.setToolTip(RELU_TOOLTIP)
        self._letters = tuple(
            Label(symbol, self, scale=SMALL, colour="muted") for symbol in ADAPTER_SYMBOLS.values()
        )
        for letter in self._letters:
            letter.setToolTip(LETTER_TOOLTIPS[letter.text()])
        self._lay_out(hbox(1, fed, into, relu, spacing=SPACE - INSET), after)

    def _lay_out(self, chain: QHBoxLayout, after: QWidget) -> None:
        """Place the parts. Args: chain: up to the bottleneck.  after: the matrix behind it."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setHorizontalSpacing(SPACE - INSET)
        self._grid.setRowStretch(0, 1)
        self._grid.setColumnStretch(0, 1)
        # U may reach up beside the name; D may not.
        self._grid.addWidget(self.name, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(chain, 1, 0)
        self._grid.addWidget(after, 0, 1, 3, 1, Qt.AlignmentFlag.AlignBottom)
        added = Label(SUM_TEXT, colour="muted")
        added.setToolTip(SUM_TOOLTIP)
        # The sign comes from a fallback font, and is higher than a line of the font itself.
        added.setContentsMargins(0, SPACE // 2, 0, SPACE // 2)
        self._grid.addWidget(added, 1, 2)

    def draw(self, down: LayerFrame, up: LayerFrame, scales: ColourScales) -> None:
        """Show the matrices that the network computes with."""
        for layer, heatmap in zip((down, up), self._maps, strict=True):
            blocks = blocks_of(layer.shape, layer.part)
            heatmap.draw(layer.updated, scales[adapter_part(layer.name)], blocks=blocks)
        trainable = down.trainable_parameters + up.trainable_parameters
        total = down.total_parameters + up.total_parameters
        bottleneck, inputs = down.shape
        shape = f"{inputs} → {bottleneck} → {up.shape[0]}"
        self.name.show_counts(shape, trainable, total)
        self.name.show_checks((*down.measured.checks, *up.measured.checks))

    def set_cells(self, side: int) -> None:
        """Draw cells of this side, in logical pixels; U's middle is level with D's."""
        for heatmap in self._maps:
            heatmap.set_cell_size(side)
        self.name.set_short(True)
        down, up = self._maps
        self._grid.setRowMinimumHeight(2, max((up.height() - down.height()) // 2, 0))
        self._grid.activate()  # only then does the grid around it hear of a new size

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the letters: D's below it, where there is room, and U's left of its lower end."""
        super().resizeEvent(event)
        down, up = (heatmap.geometry() for heatmap in self._maps)
        d, u = self._letters
        d.move(down.left() + INSET, down.bottom())
        d.setVisible(d.geometry().bottom() <= self.height())
        u.move(up.left() + INSET - u.width() - 1, up.bottom() - u.height())

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
