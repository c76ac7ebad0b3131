"""Activations and gradient around W′: x above its columns, z and δ beside its rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import LayerFrame
from gui.matrices.colour_scale import ColourScales
from gui.matrices.factor_kinds import factor_kind
from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.factor_layout import MIN_VECTOR_THICKNESS
from gui.text.layers import layer_title
from gui.theme import SMALL, SPACE
from gui.widgets.label import Label

MIN_COLUMN_WIDTH = MIN_VECTOR_THICKNESS + 2 * INSET
"""Least width of a column with its margins, in pixels."""


class InputOutputStrip:
    """Single rows and columns, each cell aligned with the weights that it meets."""

    def __init__(self, layer: str, names: Sequence[str], parent: QWidget) -> None:
        """Create the heatmaps.

        Args: layer, names: as in the frame; all names surround W′.  parent: of the widgets.
        """
        self.maps = {name: self._make_map(layer, name, parent) for name in names}
        """Name of a factor -> its picture."""
        self._captions = {name: self._make_caption(name, parent) for name in names}

    def _make_map(self, layer: str, name: str, parent: QWidget) -> Heatmap:
        heatmap = Heatmap(f"{factor_kind(name).title} of {layer_title(layer).lower()}", parent)
        heatmap.setObjectName(f"heatmap.{layer}.{name}")
        return heatmap

    def _make_caption(self, name: str, parent: QWidget) -> Label:
        label = Label(factor_kind(name).title, parent, scale=SMALL, colour="muted")
        label.setToolTip(factor_kind(name).description)
        return label

    @staticmethod
    def width(small: Label) -> int:
        """Return the width of z and δ beside W′, in pixels; `small` has the captions' font."""
        widest = max(small.advance(factor_kind(name).title) for name in ("outputs", "delta_out"))
        return 2 * (max(MIN_COLUMN_WIDTH, widest) + SPACE)

    def draw(self, layer: LayerFrame, scales: ColourScales) -> None:
        """Show the values of the factors."""
        for name, matrix in layer.factors:
            if name in self.maps:
                self.maps[name].draw(matrix, scales[name])

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
            if factor_kind(name).columns:
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
