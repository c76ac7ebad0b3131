"""The rows of the stage one below the other; kept from frame to frame."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import LayerFrame, ViewRequest
from gui.matrices.cell_highlight import CellHighlight
from gui.matrices.colour_scale import ColourScales
from gui.matrices.crosshair import CellPosition
from gui.matrices.factor_kinds import MADE_FROM
from gui.matrices.heatmap import INSET
from gui.stage.factor_layout import FactorCaptionSizes
from gui.stage.factors import caption_widths
from gui.stage.flow import InputOutputStrip
from gui.stage.large_plan import is_large, make_large_plan
from gui.stage.locks import Locks
from gui.stage.plan import StageLayout, TextSizes, make_plan, smallest
from gui.stage.row import LayerRow
from gui.stage.row_specs import RowSpec
from gui.stage.sparkline import Sparkline
from gui.stage.sparkline_data import Point
from gui.stage.text import SMALL, PlainLabel
from gui.text.layers import NORM_RATIO
from gui.theme import SPACE, font, look

AROUND = SPACE * 3 // 2
"""Air around a sign between factors; an arrow is wider, and does with less."""


class Page(QWidget):
    """Holds one row for each line and passes on what the user does to any of them."""

    freeze_asked = Signal(str, bool)
    """(unit, frozen) as the user asks for it."""
    hovered = Signal(object)
    moved = Signal(object)
    pressed = Signal(object)
    """Cell, of whatever layer."""
    left = Signal()
    released = Signal()
    proofs_wanted = Signal()
    lens_changed = Signal()
    """Something else is seen of a large layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LayerRow] = []
        self._lines: tuple[RowSpec, ...] = ()
        self._turn = 0
        self._small = PlainLabel("", self, scale=SMALL)
        self._sign = PlainLabel("", self, scale=1.3)
        self._small.hide()
        self._sign.hide()

    @property
    def rows(self) -> tuple[LayerRow, ...]:
        """The rows from top to bottom."""
        return tuple(self._rows)

    def layer(self, name: str) -> LayerFrame | None:
        """The layer of that name as last drawn; None where it is not on the page."""
        for line in self._lines:
            for layer in line.parts:
                if layer.name == name:
                    return layer
        return None

    def draw(
        self,
        lines: tuple[RowSpec, ...],
        scales: ColourScales,
        step: int,
        past: Mapping[str, Sequence[Point]] | None = None,
        *,
        still: bool = True,
    ) -> bool:
        """Show a frame's lines.

        Args: past: layer -> points of its small curve before the frame.  still: whether nothing
        trains; else the small curves take turns, one a frame, for they need not be as fresh as
        the matrices.
        Returns: whether rows had to be made anew.
        """
        rebuild = [line.structure for line in lines] != [line.structure for line in self._lines]
        self._lines = lines
        if rebuild:
            self._rebuild()
        for row, line in zip(self._rows, lines, strict=True):
            for point in (past or {}).get(row.layer, ()):
                row.trend.course.add(*point)
            row.draw(line, scales, step)
        ceiling = max((row.trend.course.largest for row in self._rows), default=0.0)
        for row in self._rows:
            row.trend.set_ceiling(ceiling)
        self._turn = (self._turn + 1) % max(len(self._rows), 1)
        for row in self._rows if still or rebuild else self._rows[self._turn : self._turn + 1]:
            row.trend.refresh()
        return rebuild

    def _rebuild(self) -> None:
        for row in self._rows:
            row.hide()
            row.setParent(None)
            row.deleteLater()
        courses = {row.layer: row.trend.course for row in self._rows}
        self._rows = []
        units: set[str] = set()
        for line in self._lines:
            row = LayerRow(line, self, has_lock=line.layer.block not in units)
            units.add(line.layer.block)
            for view in (row, row.adapter):
                if view is not None:
                    view.name.lock_clicked.connect(self.freeze_asked)
                    view.name.proofs_wanted.connect(self.proofs_wanted)
            # The same layer with other pictures beside it, as under the X-ray: its curve goes on.
            row.trend.go_on(courses.get(row.layer))
            for linked in row.linked:
                linked.hovered.connect(self.hovered)
                linked.moved.connect(self.moved)
                linked.pressed.connect(self.pressed)
                linked.left.connect(self.left)
                linked.released.connect(self.released)
                linked.lens_changed.connect(self.lens_changed)
            row.show()
            self._rows.append(row)

    def restart(self) -> None:
        """A new run: curves begin again."""
        for row in self._rows:
            row.restart()

    def set_locks(self, locks: Locks) -> None:
        """Show which units are frozen."""
        for row in self._rows:
            for view in (row, row.adapter):
                if view is not None:
                    unit = view.unit
                    reason, from_step = locks.reason(unit), locks.waiting.get(unit, 0)
                    view.set_lock(locks.frozen(unit), reason, from_step)

    @property
    def zoomed(self) -> bool:
        """Whether less than all is seen of any layer."""
        return any(linked.zoomed for row in self._rows for linked in row.linked)

    def show_whole(self) -> None:
        """Back to the overview of all layers."""
        for row in self._rows:
            for linked in row.linked:
                linked.show_whole()

    def views(self, top: int, bottom: int) -> dict[str, ViewRequest]:
        """What is seen of the large layers between two heights of the page, by name."""
        near = [row for row in self._rows if row.y() < bottom and row.y() + row.height() > top]
        found = {linked.layer: linked.view() for row in near for linked in row.linked}
        return {name: view for name, view in found.items() if view is not None}

    def set_cross(self, cell: CellPosition | None, *, pinned: bool) -> None:
        """Mark the cell wherever it enters, and nothing else."""
        for row in self._rows:
            row.set_cross(cell, pinned=pinned)

    def set_rings(self, layer: str, rings: tuple[CellHighlight, ...]) -> None:
        """Ring cells of one layer's ΔW, and none of the others."""
        for row in self._rows:
            row.set_rings(rings if row.layer == layer else ())

    def hide_maps(self, names: Collection[str]) -> None:
        """Leave the places of the factors of these names empty."""
        for row in self._rows:
            row.hide_maps(names)

    def restyle(self) -> None:
        """Take the theme and the text size in force."""
        self._small.restyle()
        self._sign.restyle()
        for row in self._rows:
            row.restyle()

    def arrange(self, width: int, height: int) -> StageLayout:
        """Lay all rows out in the room given and take the size that they need."""
        text = self._text_sizes()
        needs = [row.needs(text.short_name) for row in self._rows]
        if is_large(needs):
            plan = make_large_plan(needs, width, height, text, self.devicePixelRatioF())
        else:
            plan = make_plan(needs, width, height, text)
        y = 0
        for row, row_height in zip(self._rows, plan.row_heights, strict=True):
            row.move(0, y)
            row.arrange(plan, row_height, text)
            y += row.height()
        self.resize(plan.width, y)
        return plan

    def least_height(self) -> int:
        """Pixels below which rows scroll; 0: there are none, or the layers are large and may."""
        text = self._text_sizes()
        needs = [row.needs(text.short_name) for row in self._rows]
        return 0 if is_large(needs) else smallest(needs, text).height

    def _text_sizes(self) -> TextSizes:
        signs = [row.adapter.sign_widths() for row in self._rows if row.adapter is not None]
        adapters = [row.adapter.name for row in self._rows if row.adapter is not None]
        captions: dict[str, int] = {}
        for line in self._lines:
            names = [name for name, _ in line.layer.factors]
            for name, width in caption_widths(names, self._small).items():
                captions[name] = max(width, captions.get(name, 0))
        trend = max(self._small.advance(NORM_RATIO), Sparkline.least_width())
        arrow = QFontMetrics(font()).horizontalAdvance(MADE_FROM)
        return TextSizes(
            name=max(row.name.natural_width() for row in self._rows),
            short_name=max(row.name.short_width() for row in self._rows),
            note=max(row.name.note_width() for row in self._rows),
            sign=self._sign.advance("+") + SPACE,
            slot=FactorCaptionSizes(
                joint=max(self._small.advance("×") + AROUND, arrow + 2 * INSET + 1),
                caption=self._small.height(),
                captions=captions,
            ),
            trend=0 if look.projecting else trend,
            trend_if_roomy=trend if look.projecting else 0,
            trend_height=self._sign.height(),
            adapter_name=max((name.stacked_width() for name in adapters), default=0),
            adapter_name_height=max(
                (name.height_for(0, short=True) for name in adapters), default=0
            ),
            relu=max((relu for relu, _ in signs), default=0),
            sum=max((plus for _, plus in signs), default=0),
            flow=InputOutputStrip.width(self._small),
        )
