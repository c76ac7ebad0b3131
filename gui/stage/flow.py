"""What goes through a layer, round its W′: x above its columns, z and δ beside its rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import LayerFrame
from gui.matrices.colour_scale import ColourScales
from gui.matrices.factor_kinds import factor_kind
from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.factor_layout import THICK
from gui.stage.text import SMALL, PlainLabel
from gui.text.layers import layer_title
from gui.theme import SPACE

COLUMN = THICK + 2 * INSET
"""Least width of a column with the air round it."""


class InputOutputStrip:
    """Single rows and columns, each cell in line with the weights that it meets."""

    def __init__(self, layer: str, names: Sequence[str], parent: QWidget) -> None:
        """Args: layer, names: as in the frame; all of them stand round W′."""
        self.maps = {name: self._make_map(layer, name, parent) for name in names}
        """Name of a factor -> its picture."""
        self._captions = {name: self._make_caption(name, parent) for name in names}

    def _make_map(self, layer: str, name: str, parent: QWidget) -> Heatmap:
        heatmap = Heatmap(f"{factor_kind(name).title} of {layer_title(layer).lower()}", parent)
        heatmap.setObjectName(f"heatmap.{layer}.{name}")
        return heatmap

    def _make_caption(self, name: str, parent: QWidget) -> PlainLabel:
        words = PlainLabel(factor_kind(name).title, parent, scale=SMALL, role="muted")
        words.setToolTip(factor_kind(name).description)
        return words

    @staticmethod
    def width(small: PlainLabel) -> int:
        """Pixels for z and δ beside W′. Args: small: has the captions' font."""
        widest = max(small.advance(factor_kind(name).title) for name in ("outputs", "delta_out"))
        return 2 * (max(COLUMN, widest) + SPACE)

    def draw(self, layer: LayerFrame, scales: ColourScales) -> None:
        """Show the values of those factors that are drawn here."""
        for name, matrix in layer.factors:
            if name in self.maps:
                self.maps[name].draw(matrix, scales[name])

    def arrange(self, cell: int, updated: Heatmap, above: int) -> None:
        """Stand round W′. Args: above: room over it, for the row and for captions."""
        picture = updated.picture_size()
        left, top = updated.x() + INSET, updated.y() + INSET
        x = left + picture.width() + SPACE
        for name, heatmap in self.maps.items():
            heatmap.set_cell_size(cell, THICK)
            words = self._captions[name]
            if factor_kind(name).columns:
                heatmap.move_picture(
                    left, top - above + (above - heatmap.picture_size().height()) // 2
                )
                words.move(left - SPACE // 2 - words.width(), top - above)
                continue
            width = heatmap.picture_size().width()
            heatmap.move_picture(x, top)
            words.move(x + (width - words.width()) // 2, top - above)
            x += max(COLUMN, words.width(), width) + SPACE

    def hide_maps(self, names: Collection[str]) -> None:
        """Leave the places of these empty."""
        for name, heatmap in self.maps.items():
            heatmap.setVisible(name not in names)
            self._captions[name].setVisible(name not in names)

    def restyle(self) -> None:
        """Take the text size in force."""
        for words in self._captions.values():
            words.restyle()
