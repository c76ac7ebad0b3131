"""The product that makes up ΔW: = B × A of LoRA, or other named factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Array, LayerFrame, Matrix, MatrixInfo
from gui.matrices.cell_reading import is_product
from gui.matrices.colour_scale import ColourScales
from gui.matrices.factor_kinds import EQUALS, MADE_FROM
from gui.matrices.heatmap import INSET, Heatmap
from gui.matrices.viewport import blocks_of
from gui.stage.cells import Cells
from gui.text.layers import block_name
from gui.theme import SMALL
from gui.widgets.box import hbox, retain_size_when_hidden
from gui.widgets.label import Label

SIGN_TOOLTIPS = {
    "+": "What the network uses, W′, is the sum of W and ΔW, cell by cell.",
    EQUALS: "The matrices on both sides are equal, up to the factor in the title.",
    MADE_FROM: "ΔW is computed from these matrices, but is not simply their product.",
    "×": "Matrix product: each row on the left times each column on the right.",
    "⊙": "Each row of the matrix is multiplied by its own number on the left.",
}
"""Sign between matrices -> what it means."""


class Product(QWidget):
    """The factors from left to right with a sign before each; as wide at any rank."""

    def __init__(self, layer: str, infos: Sequence[MatrixInfo]) -> None:
        """Args: infos: the factors, and what can be shown in their place."""
        super().__init__()
        self._infos = {info.name: info for info in infos}
        self._cells = Cells()
        self.maps = {info.name: make_heatmap(layer, info.name, info.title) for info in infos}
        """Name of a factor -> its heatmap."""
        self._letters = {info.name: self._make_letter(layer, info) for info in infos}
        self._signs: list[Label] = []
        self._row = hbox(on=self)
        middle = Qt.AlignmentFlag.AlignVCenter
        for info in sorted(infos, key=lambda info: _place(info, infos)):
            if not info.in_place_of:
                sign = Label(info.sign, colour="muted", widest=MADE_FROM)
                sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
                self._signs.append(sign)
                self._row.addWidget(sign, 0, middle)
            self._row.addWidget(self.maps[info.name], 0, middle)
        self._row.addStretch()
        retain_size_when_hidden(*self._signs)
        self._show_sign(EQUALS)
        self.show_pictures({})

    def _make_letter(self, layer: str, info: MatrixInfo) -> Label:
        letter = Label(info.title, self, scale=SMALL, colour="muted")
        letter.setObjectName(f"letter.{layer}.{info.name}")
        letter.setToolTip(info.description)
        return letter

    def _show_sign(self, first: str) -> None:
        self._signs[0].show_text(first)
        for sign in self._signs:
            sign.setToolTip(SIGN_TOOLTIPS.get(sign.text(), ""))

    def draw(self, layer: LayerFrame, scales: ColourScales) -> None:
        """Show the values of the factors."""
        other_rank = False
        for factor in layer.factors:
            if factor.name in self.maps:
                heatmap = self.maps[factor.name]
                other_rank |= factor.values.shape != heatmap.matrix().shape
                draw_factor(heatmap, factor, layer, scales)
        sign = EQUALS if is_product(layer) else MADE_FROM
        if sign != self._signs[0].text():
            self._show_sign(sign)
        if other_rank:
            self.set_cells(self._cells)

    def show_pictures(self, shown: Mapping[str, str], *, of_delta: bool = True) -> None:
        """Show what was chosen in the place of each factor.

        Args: shown: place -> name.  of_delta: whether ΔW stands before the product.
        """
        factors = not shown.keys() & self._infos.keys()
        for number, sign in enumerate(self._signs):
            sign.setVisible(factors and (of_delta or number > 0))
        for name, info in self._infos.items():
            place = info.in_place_of or name
            chosen = shown.get(place, place)
            visible = name == (chosen if chosen in self.maps else place)
            self.maps[name].setVisible(visible)
            self._letters[name].setVisible(visible)
        self._row.activate()  # what was hidden has a place only then
        self._place_letters()

    def set_cells(self, cells: Cells) -> None:
        """Draw cells of these sizes."""
        self._cells = cells
        width = sum(sign.width() for sign in self._signs)
        for name, heatmap in self.maps.items():
            info = self._infos[name]
            heatmap.set_cell_size(*cells.of(info, heatmap.matrix().shape))
            if not info.in_place_of:
                along_rank = info.sides[1] == "rank"
                width += cells.rank_room + 2 * INSET if along_rank else heatmap.width()
        self.setMinimumWidth(width)
        self._row.activate()  # only then does the grid around it hear of a new size
        self._place_letters()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the letters at the factors' new places."""
        super().resizeEvent(event)
        self._place_letters()

    def _place_letters(self) -> None:
        """Place each letter above its factor, or beside its top, left or right; or leave it out."""
        taken = [sign.geometry() for sign in self._signs]
        taken += [heatmap.geometry() for heatmap in self.maps.values() if not heatmap.isHidden()]
        for name, letter in self._letters.items():
            at = self.maps[name].geometry().adjusted(INSET, INSET, -INSET, -INSET)
            letter.show_text(self._infos[name].title)
            size = letter.size()
            corners = (
                QPoint(at.left(), at.top() - size.height()),
                QPoint(at.left() - size.width() - 3, 0),
                QPoint(at.right() + 3, 0),
            )
            others = [rect for rect in taken if not rect.contains(at)]
            places = (QRect(corner, size) for corner in corners)
            inside = (place for place in places if self.rect().contains(place))
            free = next((p for p in inside if not any(map(p.intersects, others))), None)
            letter.show_text("" if free is None else letter.text())
            letter.move(at.topLeft() if free is None else free.topLeft())


def _place(info: MatrixInfo, infos: Sequence[MatrixInfo]) -> int:
    """Return the position of a factor; what is shown in its place stands there as well."""
    return [one.name for one in infos].index(info.in_place_of or info.name)


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
