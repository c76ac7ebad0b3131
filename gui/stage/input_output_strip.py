"""Activations and gradient around W′: x above its columns, z and δ beside its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import LayerFrame, MatrixInfo
from gui.matrices.colour_scale import ColourScales
from gui.matrices.factor_kinds import surrounds_updated
from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.factor_layout import MIN_VECTOR_THICKNESS
from gui.text.layers import layer_title
from gui.theme import SMALL, SPACE
from gui.widgets.label import Label

MIN_COLUMN_WIDTH = MIN_VECTOR_THICKNESS + 2 * INSET
"""Least width of a column with its margins, in pixels."""


class InputOutputStrip:
    """Single rows and columns, each cell aligned with the weights that it meets."""

    def __init__(self, layer: str, infos: Sequence[MatrixInfo], parent: QWidget) -> None:
        """Create the heatmaps.

        Args: layer: name of the layer.  infos: of matrices that surround W′.  parent: of the
        widgets.
        """
        self.maps = {info.name: self._make_map(layer, info, parent) for info in infos}
        """Name of a factor -> its picture."""
        self._captions = {info.name: self._make_caption(info, parent) for info in infos}
        self._rows = {info.name for info in infos if info.shared[1]}
        """Names of those that are rows above W′; the others are columns beside it."""

    def _make_map(self, layer: str, info: MatrixInfo, parent: QWidget) -> Heatmap:
        heatmap = Heatmap(f"{info.title} of {layer_title(layer).lower()}", parent)
        heatmap.setObjectName(f"heatmap.{layer}.{info.name}")
        return heatmap

    def _make_caption(self, info: MatrixInfo, parent: QWidget) -> Label:
        label = Label(info.title, parent, scale=SMALL, colour="muted")
        label.setToolTip(info.description)
        return label

    @staticmethod
    def width(infos: Iterable[MatrixInfo], small: Label) -> int:
        """Return the width of the columns beside W′, in pixels; `small` has the captions' font."""
        columns = {info.name: info.title for info in infos
                   if surrounds_updated(info) and not info.shared[1]}  # fmt: skip
        widest = max(map(small.advance, columns.values()), default=0)
        return len(columns) * (max(MIN_COLUMN_WIDTH, widest) + SPACE)

    def draw(self, layer: LayerFrame, scales: ColourScales) -> None:
        """Show the values of the factors."""
        for factor in layer.factors:
            if factor.name in self.maps:
                self.maps[factor.name].draw(factor.values, scales.of(factor.info))

    def arrange(self, cell: int, updated: Heatmap, above: int) -> None:
        """Place the heatmaps around W′.

        Args: cell: its side in pixels.  updated: the heatmap of W′.  above: height available above
        it.
        """
        picture = updated.picture_size()
        left, top = updated.x() + INSET, updated.y() + INSET
        x = left + picture.width() + SPACE
        for name, heatmap in self.maps.items():
            heatmap.set_cell_size(cell, MIN_VECTOR_THICKNESS)
            label = self._captions[name]
            if name in self._rows:
                heatmap.move_picture(
                    left, top - above + (above - heatmap.picture_size().height()) // 2
                )
                label.move(left - SPACE // 2 - label.width(), top - above)
                continue
            width = heatmap.picture_size().width()
            heatmap.move_picture(x, top)
            label.move(x + (width - label.width()) // 2, top - above)
            x += max(MIN_COLUMN_WIDTH, label.width(), width) + SPACE

    def hide_maps(self, names: Collection[str]) -> None:
        """Hide these factors; their places stay empty."""
        for name, heatmap in self.maps.items():
            heatmap.setVisible(name not in names)
            self._captions[name].setVisible(name not in names)
