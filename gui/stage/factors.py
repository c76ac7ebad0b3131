"""The matrices that make up ΔW: B × A of LoRA, or other named ones, beside or below ΔW."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import LayerFrame, Matrix
from gui.matrices.cell_reading import is_product
from gui.matrices.colour_scale import ColourScales, neutral_value
from gui.matrices.factor_kinds import (
    DIFFERENCE,
    EQUALS,
    MADE_FROM,
    FactorPlacement,
    factor_caption,
    factor_kind,
    full_shape,
    product_factors,
    product_signs,
    shared_sides,
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
        self, layer: str, names: Sequence[str], parent: QWidget, *, captions_above: bool = False
    ) -> None:
        """Create the heatmaps.

        Args: layer, names: as in the frame.  parent: of the widget.  captions_above: whether
        captions are above the heatmaps, not beside or below them.
        """
        super().__init__(parent)
        self._captions_above = captions_above
        self._names = tuple(names)
        self.maps = {name: self._make_map(layer, name) for name in names}
        """Name of a factor -> its picture."""
        factors = product_factors(names)
        self._signs = {
            name: Label(sign, self, colour="muted")
            for name, sign in zip(factors, product_signs(factors, EQUALS), strict=True)
        }
        self._captions = {
            name: self._make_caption(name) for name in names if name not in self._signs
        }
        self._cells, self._factor_layout = (
            Cells(2, 2, 2),
            FactorLayout(0, 0, dict.fromkeys(names, (0, 0))),
        )
        self._left = self._axis = self._bottom = 0
        self._difference_caption = ""

    def _make_map(self, layer: str, name: str) -> Heatmap:
        label = factor_kind(name).title
        heatmap = Heatmap(f"{label[:1].upper()}{label[1:]} of {layer_title(layer).lower()}", self)
        heatmap.setObjectName(f"heatmap.{layer}.{name}")
        return heatmap

    def _make_caption(self, name: str) -> Label:
        label = Label(factor_caption(name, self._names), self, scale=SMALL, colour="muted")
        label.setToolTip(factor_kind(name).description)
        return label

    def draw(self, layer: LayerFrame, scales: ColourScales, difference_caption: str = "") -> None:
        """Show the values of the factors.

        Args: layer: as in the frame.  scales: of the stage.  difference_caption: caption of the
        difference of two branches.
        """
        moved = difference_caption != self._difference_caption
        self._difference_caption = difference_caption
        for name, matrix in layer.factors:
            if name in self.maps:
                moved |= self._draw_map(name, matrix, layer, scales)
        if self._signs:
            first = next(iter(self._signs.values()))
            first.show_text(EQUALS if is_product(layer) else MADE_FROM)
        if moved:
            self._arrange()

    def _draw_map(self, name: str, matrix: Matrix, layer: LayerFrame, scales: ColourScales) -> bool:
        heatmap, blocks = self.maps[name], None
        if layer.part is not None:
            rows, columns = shared_sides(name, matrix.shape, layer.weight.shape)
            whole = full_shape(name, matrix.shape, layer.weight.shape, layer.shape)
            blocks = blocks_of(whole, layer.part, rows=rows, columns=columns)
        size = heatmap.picture_size() if matrix.shape != heatmap.matrix().shape else None
        heatmap.draw(matrix, scales[name], float(neutral_value(name)), blocks)
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
        shapes = [(name, self._shape(name)) for name in self._names]
        large = self._cells.large
        cells = self._cells if large else narrowed_cells(shapes, self._cells)
        for name, heatmap in self.maps.items():
            side = rank_cell(name, self._shape(name)) if large else cells.side(name)
            heatmap.set_cell_size(side, MIN_VECTOR_THICKNESS if factor_kind(name).is_vector else 0)
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
        elif factor_kind(name).placement is FactorPlacement.VECTOR:
            label.move(x + picture.width() + CAPTION_GAP, top)
        elif label.text():
            top = min(top, self._bottom - label.height() - CAPTION_GAP - picture.height())
            label.move(x, top + picture.height() + CAPTION_GAP)
        heatmap.move_picture(x, top)

    def _fitting_caption(self, name: str, available: int) -> str:
        """Return the longest caption that fits."""
        label, longest = self._captions[name], [factor_caption(name, self._names)]
        if name == DIFFERENCE:
            if not self._difference_caption:
                return ""
            longest = [self._difference_caption, self._difference_caption.partition(" at ")[0]]
            label.setToolTip(f"{self._difference_caption}: {factor_kind(name).description}")
        if factor_kind(name).placement is FactorPlacement.VECTOR:
            return longest[0]
        fitting = (text for text in longest if label.advance(text) <= available)
        return next(fitting, short_factor_caption(name, self._names))

    def _shape(self, name: str) -> tuple[int, int]:
        rows, columns = self.maps[name].matrix().shape
        return rows, columns

    def hide_maps(self, names: Collection[str]) -> None:
        """Hide these factors; their places stay empty."""
        for name, heatmap in self.maps.items():
            heatmap.setVisible(name not in names)
            if name in self._captions:
                self._captions[name].setVisible(name not in names)


def caption_widths(names: Sequence[str], small: Label) -> dict[str, int]:
    """Return the caption's width of each factor, in pixels; `small` has the captions' font."""
    label = {name: short_factor_caption(name, names) for name in names}
    return {name: small.advance(text) for name, text in label.items() if text}
