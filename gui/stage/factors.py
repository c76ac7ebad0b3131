"""What ΔW is made of: B × A of LoRA, or any other named matrices, beside or below ΔW."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Matrix
from gui.stage.cell import band
from gui.stage.crosshair import Cell
from gui.stage.heatmap import Heatmap
from gui.stage.plan import LOW_RANK
from gui.stage.scale import Scales
from gui.stage.text import SMALL, Text
from gui.stage.words import title

TITLES = {"lora_B": "B", "lora_A": "A", "gradient": "G"}
CAPTIONS = {"gradient": "gradient G of the last step"}


class FactorView(QWidget):
    """The factors of one layer from left to right, each true to its shape."""

    def __init__(
        self, layer: str, names: Sequence[str], parent: QWidget, *, captions_above: bool = False
    ) -> None:
        """Args: layer, names: as in the frame.  captions_above: else they stand underneath."""
        super().__init__(parent)
        self._captions_above = captions_above
        self._names = tuple(names)
        self._layer_shape = (0, 0)
        self.maps = {name: self._make_map(layer, name) for name in names}
        """Name of a factor -> its picture."""
        self._signs = [Text(sign, self, role="muted") for sign in _signs(names)]
        self._captions = {
            name: Text(CAPTIONS.get(name, name), self, scale=SMALL, role="muted")
            for name in names
            if name not in LOW_RANK
        }
        self._cell, self._left, self._axis, self._joint = 2, 0, 0, 0

    def _make_map(self, layer: str, name: str) -> Heatmap:
        heatmap = Heatmap(f"{TITLES.get(name, name)} of {title(layer).lower()}", self)
        heatmap.setObjectName(f"heatmap.{layer}.{name}")
        return heatmap

    def draw(
        self, factors: Sequence[tuple[str, Matrix]], scales: Scales, layer: tuple[int, int]
    ) -> None:
        """Show the values. Args: layer: (out, in) of the layer they belong to."""
        self._layer_shape = layer
        moved = False
        for name, matrix in factors:
            heatmap = self.maps[name]
            moved = moved or heatmap.matrix().shape != matrix.shape
            heatmap.draw(matrix, scales[name])
        if moved:
            self._arrange()

    def arrange(self, cell: int, left: int, axis: int, joint: int) -> None:
        """Stand from `left` on, the middle of all pictures and signs at the height `axis`.

        Args: joint: width of the room round a sign, which also comes before the first picture.
        """
        self._cell, self._left, self._axis, self._joint = cell, left, axis, joint
        for heatmap in self.maps.values():
            heatmap.set_cell(cell)
        self._arrange()

    def _arrange(self) -> None:
        x = self._left
        for name, sign in zip(self._names, self._signs, strict=True):
            heatmap = self.maps[name]
            rows, columns = heatmap.matrix().shape
            sign.centre_on(x + self._joint // 2, self._axis)
            x += self._joint
            top = self._axis - rows * self._cell // 2
            heatmap.place(x, top)
            width = columns * self._cell
            if name in self._captions:
                caption = self._captions[name]
                above = top - caption.height() - 4
                under = top + rows * self._cell + 4
                caption.move(x, above if self._captions_above else under)
                width = max(width, caption.width())
            x += width

    def set_cross(self, cell: Cell | None, *, pinned: bool) -> None:
        """Mark what enters the cell: row i of B, column j of A."""
        for name, heatmap in self.maps.items():
            rows, columns = band(name, heatmap.matrix().shape, self._layer_shape)
            if cell is None or not (rows or columns):
                heatmap.set_cross(None, None)
            else:
                row, column = cell.row if rows else None, cell.column if columns else None
                heatmap.set_cross(row, column, pinned=pinned)

    def restyle(self) -> None:
        """Take the text size in force."""
        for text in (*self._signs, *self._captions.values()):
            text.restyle()
        self._arrange()


def _signs(names: Sequence[str]) -> list[str]:
    """The sign before each factor: "= B × A"; none where the rule is not known."""
    known = ["=", "×"] if tuple(names[:2]) == LOW_RANK else []
    return [*known, *[""] * (len(names) - len(known))]


def caption_width(names: Sequence[str], small: Text) -> int:
    """Pixels of the widest caption among these factors."""
    words = (CAPTIONS.get(name, name) for name in names if name not in LOW_RANK)
    return max((small.advance(word) for word in words), default=0)
