"""The product that makes up ΔW: = B × A of LoRA, or other named factors."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Array, LayerFrame, Matrix, MatrixInfo
from gui.matrices.cell_reading import is_product
from gui.matrices.colour_scale import ColourScales
from gui.matrices.factor_kinds import EQUALS, MADE_FROM
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.viewport import blocks_of
from gui.stage.cells import Cells
from gui.text.layers import block_name
from gui.widgets.box import hbox
from gui.widgets.label import Label


class Product(QWidget):
    """The factors from left to right with a sign before each; as wide at any rank."""

    def __init__(self, layer: str, infos: Sequence[MatrixInfo]) -> None:
        super().__init__()
        self._infos = {info.name: info for info in infos}
        self._cells = Cells()
        self.maps = {info.name: make_heatmap(layer, info.name, info.title) for info in infos}
        """Name of a factor -> its heatmap."""
        signs = (EQUALS, *(info.sign for info in infos[1:]))
        self._signs = [Label(sign, colour="muted", widest=MADE_FROM) for sign in signs]
        middle = Qt.AlignmentFlag.AlignVCenter
        self._row = row = hbox(on=self)
        for sign, heatmap in zip(self._signs, self.maps.values(), strict=True):
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row.addWidget(sign, 0, middle)
            row.addWidget(heatmap, 0, middle)
        row.addStretch()

    def draw(self, layer: LayerFrame, scales: ColourScales) -> None:
        """Show the values of the factors."""
        other_rank = False
        for factor in layer.factors:
            if factor.name in self.maps:
                heatmap = self.maps[factor.name]
                other_rank |= factor.values.shape != heatmap.matrix().shape
                draw_factor(heatmap, factor, layer, scales)
        self._signs[0].show_text(EQUALS if is_product(layer) else MADE_FROM)
        if other_rank:
            self.set_cells(self._cells)

    def set_cells(self, cells: Cells) -> None:
        """Draw cells of these sizes."""
        self._cells = cells
        width = sum(sign.width() for sign in self._signs)
        for name, heatmap in self.maps.items():
            info = self._infos[name]
            heatmap.set_cell_size(*cells.of(info, heatmap.matrix().shape))
            along_rank = info.sides[1] == "rank"
            width += cells.rank_room + 2 * INSET if along_rank else heatmap.width()
        self.setMinimumWidth(width)
        self._row.activate()  # only then does the grid around it hear of a new size

    def joint(self) -> int:
        """Return the width of a sign, in pixels."""
        return self._signs[0].width()


def make_heatmap(layer: str, name: str, title: str, unit: str = "") -> Heatmap:
    """Return an empty heatmap, for screen readers the `title` of the `unit`, else of the layer."""
    heatmap = Heatmap(f"{title[:1].upper()}{title[1:]} of {block_name(unit or layer)}")
    heatmap.setObjectName(f"heatmap.{layer}.{name}")
    return heatmap


def draw_factor(
    heatmap: Heatmap, factor: Matrix[Array], layer: LayerFrame, scales: ColourScales
) -> None:
    """Show the values of a factor."""
    info, blocks = factor.info, None
    if layer.part is not None:
        rows, columns = info.shared
        whole = info.full_shape(factor.values.shape, layer.shape)
        blocks = blocks_of(whole, layer.part, rows=rows, columns=columns)
    heatmap.draw(factor.values, scales.of(info), info.centre, blocks)
