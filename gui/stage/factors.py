"""The matrices that make up ΔW: B × A of LoRA, or other named ones, beside or below ΔW."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Array, LayerFrame, Matrix, MatrixInfo
from gui.matrices.cell_reading import is_product
from gui.matrices.colour_scale import ColourScales
from gui.matrices.factor_kinds import (
    EQUALS,
    MADE_FROM,
    FactorPlacement,
    factor_caption,
    is_product_factor,
    placement,
    short_factor_caption,
)
from gui.matrices.heatmap import Heatmap
from gui.matrices.viewport import blocks_of
from gui.stage.factor_layout import (
    CAPTION_GAP,
    MIN_VECTOR_THICKNESS,
    Cells,
    FactorLayout,
    narrowed_cells,
    rank_cell,
)
from gui.text.layers import layer_title
from gui.theme import SMALL
from gui.widgets.label import Label


class FactorView(QWidget):
    """The factors of one layer from left to right, each true to its shape."""

    def __init__(
        self,
        layer: str,
        infos: Sequence[MatrixInfo],
        parent: QWidget,
        *,
        captions_above: bool = False,
    ) -> None:
        """Create the heatmaps.

        Args: layer: name of the layer.  infos: of the factors.  parent: of the widget.
        captions_above: whether captions are above the heatmaps, not beside or below them.
        """
        super().__init__(parent)
        self._captions_above = captions_above
        self._infos = {info.name: info for info in infos}
        self.maps = {info.name: self._make_map(layer, info) for info in infos}
        """Name of a factor -> its picture."""
        product = [info for info in infos if is_product_factor(info)]
        self._signs = {
            info.name: Label(info.sign if place else EQUALS, self, colour="muted")
            for place, info in enumerate(product)
        }
        self._captions = {
            info.name: self._make_caption(info) for info in infos if info not in product
        }
        self._cells = Cells(2, 2, 2)
        self._factor_layout = FactorLayout(0, 0, dict.fromkeys(self._infos, (0, 0)))
        self._left = self._axis = self._bottom = 0
        self._difference_caption = ""

    def _make_map(self, layer: str, info: MatrixInfo) -> Heatmap:
        title = f"{info.title[:1].upper()}{info.title[1:]}"
        heatmap = Heatmap(f"{title} of {layer_title(layer).lower()}", self)
        heatmap.setObjectName(f"heatmap.{layer}.{info.name}")
        return heatmap

    def _make_caption(self, info: MatrixInfo) -> Label:
        label = Label(factor_caption(info), self, scale=SMALL, colour="muted")
        label.setToolTip(info.description)
        return label

    def draw(self, layer: LayerFrame, scales: ColourScales, difference_caption: str = "") -> None:
        """Show the values of the factors.

        Args: layer: as in the frame.  scales: of the stage.  difference_caption: caption of the
        difference of two branches.
        """
        moved = difference_caption != self._difference_caption
        self._difference_caption = difference_caption
        for factor in layer.factors:
            if factor.name in self.maps:
                moved |= self._draw_map(factor, layer, scales)
        if self._signs:
            first = next(iter(self._signs.values()))
            first.show_text(EQUALS if is_product(layer) else MADE_FROM)
        if moved:
            self._arrange()

    def _draw_map(self, factor: Matrix[Array], layer: LayerFrame, scales: ColourScales) -> bool:
        heatmap, blocks = self.maps[factor.name], None
        info, values = factor.info, factor.values
        if layer.part is not None:
            rows, columns = info.shared
            whole = info.full_shape(values.shape, layer.shape)
            blocks = blocks_of(whole, layer.part, rows=rows, columns=columns)
        size = heatmap.picture_size() if values.shape != heatmap.matrix().shape else None
        heatmap.draw(values, scales.of(info), info.centre, blocks)
        return size is not None and heatmap.picture_size() != size

    def arrange(
        self, cells: Cells, factor_layout: FactorLayout, left: int, axis: int, bottom: int
    ) -> None:
        """Lay the factors out.

        Args: cells: sizes of cells.  factor_layout: positions.  left: x of the first.  axis: y of
        the middle of all heatmaps and signs.  bottom: limit of captions; a heatmap moves up as
        needed.
        """
        self._cells, self._factor_layout = cells, factor_layout
        self._left, self._axis, self._bottom = left, axis, bottom
        self._arrange()

    def _arrange(self) -> None:
        shapes = [(info, self._shape(name)) for name, info in self._infos.items()]
        large = self._cells.large
        cells = self._cells if large else narrowed_cells(shapes, self._cells)
        for info, shape in shapes:
            side = rank_cell(info, shape) if large else cells.side(info)
            thickness = MIN_VECTOR_THICKNESS if info.is_vector else 0
            self.maps[info.name].set_cell_size(side, thickness)
        self._arrange_product()
        for name in self._captions:
            self._arrange_picture(name, *self._factor_layout.places[name])

    def _arrange_product(self) -> None:
        """Place the factors of the product side by side, however wide the rank makes them."""
        x, joint = self._left, self._factor_layout.joint
        for name, sign in self._signs.items():
            picture = self.maps[name].picture_size()
            sign.centre_on(x + joint // 2, self._axis)
            self.maps[name].move_picture(x + joint, self._axis - picture.height() // 2)
            x += joint + picture.width()

    def _arrange_picture(self, name: str, left: int, available: int) -> None:
        label, heatmap = self._captions[name], self.maps[name]
        picture = heatmap.picture_size()
        label.show_text(self._fitting_caption(name, available))
        x = self._left + left
        top = self._axis - picture.height() // 2
        if self._captions_above:
            label.move(x, top - label.height() - CAPTION_GAP)
        elif placement(self._infos[name]) is FactorPlacement.VECTOR:
            label.move(x + picture.width() + CAPTION_GAP, top)
        elif label.text():
            top = min(top, self._bottom - label.height() - CAPTION_GAP - picture.height())
            label.move(x, top + picture.height() + CAPTION_GAP)
        heatmap.move_picture(x, top)

    def _fitting_caption(self, name: str, available: int) -> str:
        """Return the longest caption that fits."""
        label, info = self._captions[name], self._infos[name]
        longest = [factor_caption(info)]
        if info.role == "difference":
            if not self._difference_caption:
                return ""
            longest = [self._difference_caption, self._difference_caption.partition(" at ")[0]]
            label.setToolTip(f"{self._difference_caption}: {info.description}")
        if placement(info) is FactorPlacement.VECTOR:
            return longest[0]
        fitting = (text for text in longest if label.advance(text) <= available)
        return next(fitting, short_factor_caption(info))

    def _shape(self, name: str) -> tuple[int, int]:
        rows, columns = self.maps[name].matrix().shape
        return rows, columns

    def hide_maps(self, names: Collection[str]) -> None:
        """Hide these factors; their places stay empty."""
        for name, heatmap in self.maps.items():
            heatmap.setVisible(name not in names)
            if name in self._captions:
                self._captions[name].setVisible(name not in names)


def caption_widths(infos: Iterable[MatrixInfo], small: Label) -> dict[str, int]:
    """Return the caption's width of each factor, in pixels; `small` has the captions' font."""
    widths: dict[str, int] = {}
    for info in infos:
        text = short_factor_caption(info)
        if text:
            widths[info.name] = max(small.advance(text), widths.get(info.name, 0))
    return widths
