"""The rows of the stage below each other, in one grid; kept while their structure stays."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.protocol.messages import LayerFrame, MatrixInfo, PartRequest
from gui.matrices.colour_scale import ColourScales
from gui.matrices.crosshair import Crosshair
from gui.matrices.factor_kinds import FactorPlacement, placement
from gui.matrices.heatmap import INSET
from gui.matrices.viewport import MAX_SMALL_SIDE
from gui.stage.adapter import AdapterView
from gui.stage.cells import (
    LEAST_BESIDE_LARGE_TEXT,
    MAX_PICTURE_SIDE,
    MIN_CELL,
    SCROLLED_CELL,
    Cells,
    Needs,
    focused_cells,
    largest_cells,
    largest_pictures,
)
from gui.stage.picture_choice import PictureChoice
from gui.stage.row import LayerRow
from gui.stage.row_specs import RowSpec
from gui.state.curve_buffer import CurveBuffer
from gui.theme import MARGIN, SIGN, SPACE, appearance, font

PROBES = Cells(MIN_CELL, 1), Cells(8, 8), Cells(8, 8, brief=True), Cells(8, 8, above=True)
"""Cells of different sizes: pages that need the same room for each of them are alike."""
MAX_FOUND = 512
_FOUND: dict[tuple[object, ...], tuple[Cells, bool]] = {}
"""What was found for pages, by room and needs: a window is often as large as it was before."""
LARGER_SIDE = 2 * SPACE
"""Logical pixels by which a large layer's picture has to gain for A to move above ΔW."""
COLUMN_GAP = SPACE
"""Logical pixels between columns without a sign between them, at least."""
MAX_ROW_GAP = SPACE
"""Logical pixels that are added to a row at most, beside the insets of the heatmaps."""


class Page(QWidget):
    """Lays the rows out."""

    def __init__(self, specs: tuple[RowSpec, ...], crosshair: Crosshair) -> None:
        super().__init__()
        self._specs = specs
        self._shapes: list[tuple[object, ...]] = []
        self._turn = 0
        self._shown: dict[str, str] | None = None
        self._short_of_width = any(spec.around for spec in specs)
        self._columns = {name: column for column, name in enumerate(_column_names(specs))}
        self._grid = QGridLayout(self)
        self._grid.setSpacing(0)
        self._grid.setContentsMargins(MARGIN, 0, SPACE // 2, 0)
        self._grid.setColumnStretch(self._columns["spare"], 1)
        blocks = [spec.layer.block for spec in specs]
        locks = [block not in blocks[:place] for place, block in enumerate(blocks)]
        self.rows = tuple(
            LayerRow(spec, self._grid, place, self._columns, crosshair, has_lock=locks[place])
            for place, spec in enumerate(specs)
        )
        """The rows from top to bottom."""
        adapters = (row.adapter for row in self.rows if row.adapter is not None)
        self.blocks: tuple[LayerRow | AdapterView, ...] = (*self.rows, *adapters)
        """All that has a name block."""
        self.linked = tuple(linked for row in self.rows for linked in row.linked)

    def shows(self, specs: tuple[RowSpec, ...]) -> bool:
        """Return whether these rows have the widgets of this page."""
        return [spec.structure for spec in specs] == [spec.structure for spec in self._specs]

    @property
    def all_random(self) -> bool:
        """Whether every W is a random start."""
        return all(spec.layer.randomly_initialised for spec in self._specs)

    @property
    def any_new(self) -> bool:
        """Whether any W is a random start."""
        return any(spec.layer.randomly_initialised for spec in self._specs)

    @property
    def has_updates(self) -> bool:
        """Whether there is any layer whose ΔW the strategy makes; a head is trained as it is."""
        return any(spec.layer.block != "head" for spec in self._specs)

    @property
    def trains_head(self) -> bool:
        """Whether a head is trained beside what the strategy makes."""
        return any(spec.layer.block == "head" and spec.layer.trainable for spec in self._specs)

    @property
    def has_product(self) -> bool:
        """Whether ΔW is made of factors behind it in any row."""
        return any(row.has_product for row in self.rows)

    @property
    def _large(self) -> bool:
        """Whether any layer is seen as a picture of a part of it."""
        return any(max(spec.layer.shape) > MAX_SMALL_SIDE for spec in self._specs)

    @property
    def around(self) -> bool:
        """Whether the factors stand around ΔW."""
        return any(spec.around for spec in self._specs)

    @property
    def _focused(self) -> bool:
        """Whether one layer is shown alone."""
        return any(spec.focused for spec in self._specs)

    @property
    def suits(self) -> bool:
        """Whether factors stand where cells are largest: around ΔW only if width is short."""
        return self._focused or self._short_of_width == self.around

    @property
    def infos(self) -> tuple[MatrixInfo, ...]:
        """The descriptions of all factors."""
        return tuple(dict.fromkeys(info for spec in self._specs for info in spec.infos))

    def show_pictures(self, choice: PictureChoice) -> None:
        """Show what was chosen in each place."""
        places = {info.in_place_of for info in self.infos if info.in_place_of}
        chosen = ((place, choice.shown(place)) for place in places)
        shown = {place: info.name for place, info in chosen if info is not None}
        if shown != self._shown:
            self._shown = shown
            for row in self.rows:
                row.show_pictures(shown)

    def layer(self, name: str) -> LayerFrame | None:
        """Return the layer of that name as last drawn; None where it is not on the page."""
        layers = (layer for spec in self._specs for layer in spec.parts)
        return next((layer for layer in layers if layer.name == name), None)

    def draw(
        self,
        specs: tuple[RowSpec, ...],
        scales: ColourScales,
        curves: CurveBuffer,
        *,
        paused: bool = True,
    ) -> bool:
        """Show a frame.

        Args: curves: of the sparklines, by layer.  paused: nothing trains; otherwise the sparklines
        take turns, one a frame, as they need not be as fresh as the matrices.
        Returns: whether the rows have to be arranged anew.
        """
        self._specs = specs
        shapes, self._shapes = self._shapes, [spec.shapes for spec in specs]
        for row, spec in zip(self.rows, specs, strict=True):
            row.draw(spec, scales)
        self._turn = (self._turn + 1) % max(len(self.rows), 1)
        turn = self.rows if paused else self.rows[self._turn : self._turn + 1]
        sparklines = {row.layer: row.name.sparkline for row in self.rows if row.name.sparkline}
        for row in turn:
            sparklines[row.layer].set_curve(*curves.curve(row.layer))
        ceiling = max((sparkline.largest for sparkline in sparklines.values()), default=0.0)
        for row in turn:
            sparklines[row.layer].refresh(ceiling)
        return shapes != self._shapes

    def views(self, top: int, bottom: int, *, middles: bool = False) -> dict[str, PartRequest]:
        """Return the visible parts of the large layers between two heights of the page, by name.

        Args: middles: only of those whose middle is there.
        """
        heights = ((row, row.area.geometry()) for row in self.rows)
        if middles:
            rows = [row for row, area in heights if top <= area.center().y() < bottom]
        else:
            rows = [row for row, area in heights if area.top() < bottom and area.bottom() >= top]
        views = {linked.layer: linked.view() for row in rows for linked in row.linked}
        return {name: view for name, view in views.items() if view is not None}

    # ------------------------------------------------------------ where things are

    def arrange(self, available: QSize) -> None:
        """Take the largest cells with which all rows fit, and the size that these need."""
        self._spread(0)
        rows = len(self.rows)
        cells, self._short_of_width = self._find_cells(available)
        needed = self._needs(cells)
        self._spread(available.width() - needed.width())
        extra = (available.height() - needed.height()) // rows
        extra = min(max(extra, 0), MAX_ROW_GAP)
        for row in self.rows:
            row.show_viewport()
        width = max(available.width(), self._grid.minimumSize().width())
        self.resize(width, needed.height() + extra * rows)
        self._grid.setGeometry(self.rect())

    def _find_cells(self, room: QSize) -> tuple[Cells, bool]:
        """Return the largest cells, and whether width is short; looked up where found before."""
        if self._large:
            cells = largest_pictures(cache(self._needs), room, len(self.rows))
            return cells, self._is_short_of_width(cells, room)
        probes = (self._needs(cells).toTuple() for cells in PROBES)
        structures = tuple(spec.structure for spec in self._specs)
        key = room.toTuple(), *probes, structures, tuple(self._shapes)
        if key not in _FOUND:
            find = focused_cells if self._focused else self._largest_cells
            cells = find(cache(self._needs), room)
            if len(_FOUND) >= MAX_FOUND:
                _FOUND.clear()
            _FOUND[key] = cells, self._is_short_of_width(cells, room)
        return _FOUND[key]

    @staticmethod
    def _largest_cells(needs: Needs, room: QSize) -> Cells:
        large_text = appearance.layout_scale > 1
        return largest_cells(needs, room, LEAST_BESIDE_LARGE_TEXT if large_text else MIN_CELL)

    def _is_short_of_width(self, cells: Cells, room: QSize) -> bool:
        """Return whether cells could be larger, or are, with A above ΔW instead of behind it."""
        product = (
            factor
            for spec in self._specs
            for factor in spec.layer.factors
            if placement(factor.info) is FactorPlacement.PRODUCT and factor.info.shared[1]
        )
        upper = [factor.values.shape for factor in product]
        if not upper:
            return False
        if not self.around and self._large:
            return self._is_short_of_width_for_pictures(cells, room)
        if not self.around:
            needed = self._needs(cells)
            larger = self._needs(replace(cells, matrix=cells.matrix + 1, brief=True, above=False))
            above = sum(rank * (cells.matrix + 1) + 2 * INSET for rank, _ in upper)
            scrolls = needed.height() > room.height() and cells.matrix < SCROLLED_CELL
            scrolls |= appearance.layout_scale > 1 and cells.matrix < LEAST_BESIDE_LARGE_TEXT
            fits = bool(larger.height() + above <= room.height()) or scrolls
            hides_updated = needed.width() > room.width()
            return hides_updated or (fits and larger.width() > room.width())
        behind = (cells.side or max(columns for _, columns in upper) * cells.matrix) + 2 * INSET
        sign = 2 * QFontMetrics(font(SIGN)).horizontalAdvance("×") + 2 * SPACE
        return bool(self._needs(cells).width() + behind + sign > room.width())

    def _is_short_of_width_for_pictures(self, cells: Cells, room: QSize) -> bool:
        if cells.side >= MAX_PICTURE_SIDE:
            return False
        larger = self._needs(replace(cells, side=cells.side + LARGER_SIDE))
        above = len(self.rows) * (cells.rank_room + 2 * INSET)
        scrolls = self._needs(cells).height() > room.height()
        fits = scrolls or larger.height() + above <= room.height()
        return bool(fits and larger.width() > room.width())

    def _needs(self, cells: Cells) -> QSize:
        for row in self.rows:
            row.set_cells(cells)
        self._grid.invalidate()
        return self._grid.minimumSize()

    def _spread(self, spare: int) -> None:
        """Give spare width to signs and gaps."""
        column = max(row.delta_width for row in self.rows) if spare > 0 else 0
        least = QFontMetrics(font(SIGN)).horizontalAdvance("+") + SPACE
        sign = max(min(least + spare // 6, 3 * least, column // 3), least)
        gap = max(min(COLUMN_GAP + spare // 10, 2 * SPACE), COLUMN_GAP)
        widths = {"plus": sign - 2 * INSET, "equals": sign - 2 * INSET, "gap": gap - INSET,
                  "aside gap": gap - INSET, "adapter gap": gap - INSET}  # fmt: skip
        if not any(row.adapter for row in self.rows):
            widths["adapter gap"] = 0
        if self._focused:
            widths["gap"] = 0
        if not any(spec.placed(FactorPlacement.ASIDE) for spec in self._specs):
            widths["aside gap"] = 0
        for name, width in widths.items():
            self._grid.setColumnMinimumWidth(self._columns[name], width)

    def column(self, name: str) -> QRect:
        """Return the place of a column; a picture in it is `INSET` from its left."""
        return self._grid.cellRect(0, self._columns[name])


def _column_names(specs: tuple[RowSpec, ...]) -> list[str]:
    """Return what stands in the columns of the grid; a factor's name is that of its column."""

    def names(*places: FactorPlacement) -> list[str]:
        return [info.name for spec in specs for info in spec.placed(*places)]

    around = [
        info.name
        for spec in specs
        for info in spec.placed(FactorPlacement.ROUND)
        if not info.shared[1]
    ]
    if specs and specs[0].around:
        outer = (info for spec in specs for info in spec.placed(FactorPlacement.PRODUCT))
        before = [info.name for info in outer if info.shared[0]]
        left = ["name", "gap", "weight", "plus", *before, "delta", "product"]
    else:
        left = ["name", "gap", "weight", "plus", "delta", "product"]
    left += names(FactorPlacement.SCALE)
    middle = ("equals", "updated", *around, "aside gap", *names(FactorPlacement.ASIDE))
    return list(dict.fromkeys((*left, *middle, "adapter gap", "adapter", "spare")))
