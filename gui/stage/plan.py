"""Where everything on the stage stands: whole pixels, computed once for a size and a structure.

Nothing here draws. All rows share one plan, so that their columns line up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from gui.matrices.factor_kinds import DIFFERENCE, FactorPlacement, factor_kind
from gui.stage.factor_layout import (
    NARROW_RANK_ROOMS,
    Cells,
    FactorCaptionSizes,
    FactorLayout,
    Shape,
    item_height,
    make_slot,
)
from gui.theme import MARGIN, SPACE

AdapterShape = tuple[int, int, int]
"""(bottleneck, inputs, outputs)."""

LEAST_CELL, MOST_CELL = 2, 32
"""Side of a cell in logical pixels."""
AIR = SPACE * 3 // 2
"""Between columns that no sign joins, at least."""
LEAST_GAP = SPACE * 3 // 4
"""Between two rows, where room is short."""
CALM_GAP = SPACE * 5 // 2
"""Between two rows, where it is not."""
LEAST_CALM_CELL = 4
"""Rather than draw smaller cells than this, move the rows together."""
CROWDED = 3
"""Matrices beside ΔW from which on room is saved: short names, less room for high ranks."""
LEGIBLE_CELL = 2
"""Factors and further pictures with smaller cells than this are avoided first of all."""


@dataclass(frozen=True, slots=True)
class RowShape:
    """What one row has to hold."""

    matrix: Shape
    factors: tuple[tuple[str, Shape], ...] = ()
    """Beside ΔW."""
    below: Shape | None = None
    """A matrix under ΔW with a caption of its own."""
    adapter: AdapterShape | None = None
    """Of the adapter that follows the layer, or stands beside it."""
    caption: bool = False
    """Whether W carries a line of text under it."""
    flow: bool = False
    """Whether x, z and δ stand round W′."""
    unnamed: str = ""
    """Name of a factor whose caption stands in another row; empty: each has its own."""
    name_height: int = 0
    """Height of the name block in full."""
    short_name_height: int = 0
    """The same where the matrix is low."""


@dataclass(frozen=True, slots=True)
class TextSizes:
    """Logical pixels that the words on the stage need, at the text size in force."""

    name: int
    """Width of the widest name block in full."""
    short_name: int
    """The same where it is short."""
    note: int
    """Width of the widest line that says what fails; 0: nothing does."""
    sign: int
    """Width of "+" or "=" with the least air around it."""
    slot: FactorCaptionSizes
    """Of what stands between ΔW and "="."""
    trend: int
    """Least width of the column of ‖ΔW‖ / ‖W‖."""
    trend_height: int
    """Least height of the same."""
    adapter_name: int
    """Width of an adapter's name block."""
    adapter_name_height: int
    relu: int
    """Width of "→ ReLU →" with air, and of "input →" where there is one."""
    sum: int
    """Width of "⊕" with air."""
    flow: int = 0
    """Width of z and δ, with air."""
    trend_if_roomy: int = 0
    """Least width of the same column where large cells come before it, and before the room that a
    high rank would have; then `trend` is 0."""


@dataclass(frozen=True, slots=True)
class StageLayout:
    """Positions of the pictures, not of the widgets round them; x from the row's left edge."""

    cells: Cells
    brief: bool
    """Whether all name blocks are short, also beside a matrix that is high enough."""
    name_width: int
    weight_x: int
    delta_x: int
    factor_x: int
    """Left end of the slot between ΔW and "="."""
    slot: FactorLayout
    updated_x: int
    adapter_x: int
    adapter_width: int
    trend_x: int
    trend_width: int
    column: int
    """Width of the columns W, ΔW and W′."""
    width: int
    sign: int
    """Width of the room round "+" and round "="."""
    row_heights: tuple[int, ...]
    gap: int
    """Air between two rows."""
    flow_width: int = 0
    """Of what stands at the right of W′."""
    side: int = 0
    """Room for the longer side of a large layer's pictures; 0: there is none, cells are squares."""

    @property
    def cell(self) -> int:
        """Side of a cell of W, ΔW and W′."""
        return self.cells.matrix

    @property
    def height(self) -> int:
        """Of all rows with the air between them."""
        return sum(self.row_heights) + self.gap * len(self.row_heights)


def make_plan(rows: Sequence[RowShape], width: int, height: int, text: TextSizes) -> StageLayout:
    """The plan with the largest cells that fit; the smallest one where none fits.

    Args: width, height: room in logical pixels.
    """
    calm = _largest(rows, width, height, text, CALM_GAP)
    if calm is not None and calm.cell >= LEAST_CALM_CELL:
        return spread(calm, width, height, text)
    best = _largest(rows, width, height, text, LEAST_GAP)
    return smallest(rows, text) if best is None else spread(best, width, height, text)


def smallest(rows: Sequence[RowShape], text: TextSizes) -> StageLayout:
    """The plan that takes the least room."""
    cells = Cells(LEAST_CELL, 1, 1, NARROW_RANK_ROOMS[-1])
    return tight(rows, cells, text, LEAST_GAP, brief=True)


def _largest(
    rows: Sequence[RowShape], width: int, height: int, text: TextSizes, gap: int
) -> StageLayout | None:
    fitting = []
    for cell in range(LEAST_CELL, MOST_CELL + 1):
        found = []
        for choices in _choices(rows, cell, thrifty=bool(text.trend_if_roomy)):
            # Each falls in the factors' cells: the first that fits is the best of its kind.
            plans = (tight(rows, cells, text, gap, brief=brief) for cells, brief in choices)
            fits = (plan for plan in plans if plan.width <= width and plan.height <= height)
            found += list(islice(fits, 1))
        if not found:
            break
        fitting += found
    return max(fitting, key=_merit, default=None)


def _choices(
    rows: Sequence[RowShape], cell: int, *, thrifty: bool
) -> list[list[tuple[Cells, bool]]]:
    """Cells for factors and pictures beside cells of this side, and whether names are brief.

    A free choice only where such things are drawn; thrift only where they are many, or asked for.
    """
    places = {factor_kind(name).placement for row in rows for name, _ in row.factors}
    factors = FactorPlacement.PRODUCT in places or any(row.adapter for row in rows)
    pictures = FactorPlacement.PICTURE in places
    sides = _sides(cell, free=factors)
    crowded = thrifty or any(_is_crowded(row) for row in rows)
    rooms = NARROW_RANK_ROOMS if pictures or thrifty else NARROW_RANK_ROOMS[:1]
    found = []
    for picture in _sides(cell, free=pictures):
        found.append([(Cells(cell, factor, picture), False) for factor in sides])
        for room in rooms if crowded else ():
            found.append([(Cells(cell, factor, picture, room), True) for factor in sides])
    return found


def _is_crowded(row: RowShape) -> bool:
    """The difference of two branches is worth the room that a high rank would have."""
    return len(row.factors) >= CROWDED or DIFFERENCE in dict(row.factors)


def _sides(cell: int, *, free: bool) -> Sequence[int]:
    return range(cell, 0, -1) if free else (cell,)


def _merit(plan: StageLayout) -> tuple[int, int, int, int]:
    """B beside ΔW reads best when their rows line up, so equal cells win over larger ones."""
    cells = plan.cells
    legible = min(cells.factor, LEGIBLE_CELL) + min(cells.picture, LEGIBLE_CELL)
    return legible, cells.matrix + cells.factor + cells.picture, cells.rank_room, cells.matrix


def tight(
    rows: Sequence[RowShape], cells: Cells, text: TextSizes, gap: int, *, brief: bool = False
) -> StageLayout:
    """Everything with the least air."""
    cell = cells.matrix
    short = brief or all(is_low(row, cell) for row in rows)
    column = max((row.matrix[1] for row in rows), default=0) * cell
    adapter = max((_adapter_width(row, cells.factor, text) for row in rows), default=0)
    plan = StageLayout(
        cells=cells,
        brief=brief,
        name_width=text.short_name if short else text.name,
        weight_x=0,
        delta_x=0,
        factor_x=0,
        slot=make_slot([row.factors for row in rows], cells, text.slot),
        updated_x=0,
        adapter_x=0,
        adapter_width=adapter,
        trend_x=0,
        trend_width=text.trend,
        column=column,
        width=0,
        sign=text.sign,
        row_heights=tuple(_row_height(row, cells, text, brief=brief) for row in rows),
        gap=gap,
        flow_width=text.flow if any(row.flow for row in rows) else 0,
    )
    return _place(plan, AIR)


def _place(plan: StageLayout, air: int) -> StageLayout:
    """Set the columns side by side. Args: air: between columns that no sign joins."""
    weight_x = MARGIN + plan.name_width + air
    delta_x = weight_x + plan.column + plan.sign
    factor_x = delta_x + plan.column
    updated_x = factor_x + plan.slot.width + plan.sign
    adapter_x = updated_x + plan.column + plan.flow_width + air
    trend_x = adapter_x + (plan.adapter_width + air if plan.adapter_width else 0)
    return replace(
        plan,
        weight_x=weight_x,
        delta_x=delta_x,
        factor_x=factor_x,
        updated_x=updated_x,
        adapter_x=adapter_x,
        trend_x=trend_x,
        width=trend_x + plan.trend_width + MARGIN,
    )


def spread(plan: StageLayout, width: int, height: int, text: TextSizes) -> StageLayout:
    """Share out the room that is left: to what fails, the signs, the curves, the air."""
    name = min(max(plan.name_width, text.note), plan.name_width + width - plan.width)
    plan = _place(replace(plan, name_width=name), AIR)
    spare = width - plan.width
    widest_sign = max(3 * text.sign, plan.column * 2 // 5)
    sign = min(plan.sign + spare // 4, widest_sign)
    air = min(AIR + spare // 10, 3 * SPACE)
    gap = plan.gap + (height - plan.height) // max(len(plan.row_heights), 1)
    wide = _place(replace(plan, sign=sign, gap=min(gap, 4 * SPACE)), air)
    trend = min(plan.trend_width + width - wide.width, max(240, plan.column * 3 // 2))
    if trend < text.trend_if_roomy:
        trend = 0
    # What is left even then stands before the curves, which end at the right margin.
    return replace(wide, trend_x=width - MARGIN - trend, trend_width=trend, width=width)


def _row_height(row: RowShape, cells: Cells, text: TextSizes, *, brief: bool) -> int:
    cell, caption = cells.matrix, text.slot.caption
    matrix = row.matrix[0] * cell
    name = row.short_name_height if brief or is_low(row, cell) else row.name_height
    lines = row.caption + row.flow
    parts = [matrix + lines * caption, name, text.trend_height]
    for factor, shape in row.factors:
        words = 0 if factor == row.unnamed else caption
        parts.append(item_height(factor, shape, cells, words))
    if row.adapter is not None:
        parts.append(adapter_axis(row.adapter, cells.factor, text.adapter_name_height)[1])
    return max(parts) + below_height(row.below, cell, text)


def below_height(shape: Shape | None, cell: int, text: TextSizes) -> int:
    """Height of what stands under ΔW, with its caption above it; 0 for None."""
    return 0 if shape is None else shape[0] * cell + text.slot.caption + 3 * SPACE


def adapter_axis(adapter: AdapterShape, cell: int, name: int) -> tuple[int, int]:
    """Where D → ReLU → U stands under the adapter's name: its middle, and the height of all.

    U may reach up beside the name; D may not.
    """
    bottleneck, _, outputs = adapter
    axis = max(name + SPACE + bottleneck * cell // 2, outputs * cell // 2)
    return axis, axis + max(bottleneck, outputs) * cell // 2


def is_low(row: RowShape, cell: int) -> bool:
    """Whether the name block has to be short to stand beside the matrix."""
    return row.matrix[0] * cell < row.name_height


def _adapter_width(row: RowShape, cell: int, text: TextSizes) -> int:
    if row.adapter is None:
        return 0
    bottleneck, inputs, _ = row.adapter
    down = max(inputs * cell + text.relu, text.adapter_name + SPACE)
    return down + bottleneck * cell + text.sum
