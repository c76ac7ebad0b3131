"""Where everything on the stage stands: whole pixels, computed once for a size and a structure.

Nothing here draws. All rows share one plan, so that their columns line up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.protocol.network_shape import MAX_RANK
from gui.theme import SPACE

Shape = tuple[int, int]
"""(rows, columns) of a matrix."""

LEAST_CELL, MOST_CELL = 2, 32
"""Side of a cell in logical pixels."""
MARGIN = SPACE * 3 // 2
AIR = SPACE * 3 // 2
"""Between columns that no sign joins, at least."""
LEAST_GAP = SPACE * 3 // 4
"""Between two rows, where room is short."""
CALM_GAP = SPACE * 5 // 2
"""Between two rows, where it is not."""
LEAST_CALM_CELL = 4
"""Rather than draw smaller cells than this, move the rows together."""
LOW_RANK = ("lora_B", "lora_A")


@dataclass(frozen=True, slots=True)
class RowShape:
    """What one row has to hold."""

    matrix: Shape
    factors: tuple[tuple[str, Shape], ...] = ()
    """Beside ΔW."""
    below: Shape | None = None
    """A matrix under ΔW with a caption of its own."""
    adapter: tuple[int, int] | None = None
    """(bottleneck, width of the layer) of the adapter that follows the layer."""
    caption: bool = False
    """Whether W carries a line of text under it."""
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
    caption: int
    """Height of a line of small text."""
    sign: int
    """Width of "+" or "=" with the least air around it."""
    times: int
    """The same for the smaller "×" and "=" between factors."""
    trend: int
    """Least width of the column of ‖ΔW‖ / ‖W‖."""
    trend_height: int
    """Least height of the same."""
    adapter_name: int
    """Width of an adapter's name block."""
    adapter_name_height: int
    relu: int
    """Width of "→ ReLU →" with air."""
    sum: int
    """Width of "⊕" with air."""
    factor_name: int = 0
    """Width of the widest name of a factor that has no fixed place."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Positions of the pictures, not of the widgets round them; x from the row's left edge."""

    cell: int
    factor_cell: int
    name_width: int
    weight_x: int
    delta_x: int
    factor_x: int
    """Left end of the slot between ΔW and "="; its width never depends on the rank."""
    factor_width: int
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
    joint: int
    """The same round the signs between factors."""
    row_heights: tuple[int, ...]
    gap: int
    """Air between two rows."""

    @property
    def height(self) -> int:
        """Of all rows with the air between them."""
        return sum(self.row_heights) + self.gap * len(self.row_heights)


def make_plan(rows: Sequence[RowShape], width: int, height: int, text: TextSizes) -> Plan:
    """The plan with the largest cells that fit; the smallest one where none fits.

    Args: width, height: room in logical pixels.
    """
    calm = _largest(rows, width, height, text, CALM_GAP)
    if calm is not None and calm.cell >= LEAST_CALM_CELL:
        return _spread(calm, width, height, text)
    best = _largest(rows, width, height, text, LEAST_GAP)
    if best is None:
        return _tight(rows, LEAST_CELL, _factor_cells(rows, LEAST_CELL)[0], text, LEAST_GAP)
    return _spread(best, width, height, text)


def _largest(
    rows: Sequence[RowShape], width: int, height: int, text: TextSizes, gap: int
) -> Plan | None:
    fitting = [
        plan
        for cell in range(LEAST_CELL, MOST_CELL + 1)
        for factor_cell in _factor_cells(rows, cell)
        if (plan := _tight(rows, cell, factor_cell, text, gap)).width <= width
        and plan.height <= height
    ]
    return max(fitting, key=_merit, default=None)


def _merit(plan: Plan) -> tuple[int, int, int]:
    """B beside ΔW reads best when their rows line up, so equal cells win over larger ones."""
    legible = min(plan.factor_cell, LEAST_CELL)
    return legible, plan.cell + plan.factor_cell, plan.cell


def _factor_cells(rows: Sequence[RowShape], cell: int) -> range:
    if any(row.factors or row.adapter for row in rows):
        return range(1, cell + 1)
    return range(cell, cell + 1)


def _tight(
    rows: Sequence[RowShape], cell: int, factor_cell: int, text: TextSizes, gap: int
) -> Plan:
    """Everything with the least air."""
    column = max((row.matrix[1] for row in rows), default=0) * cell
    slot = max((_factor_width(row, factor_cell, text) for row in rows), default=0)
    adapter = max((_adapter_width(row, factor_cell, text) for row in rows), default=0)
    plan = Plan(
        cell=cell,
        factor_cell=factor_cell,
        name_width=text.short_name if all(is_low(row, cell) for row in rows) else text.name,
        weight_x=0,
        delta_x=0,
        factor_x=0,
        factor_width=slot,
        updated_x=0,
        adapter_x=0,
        adapter_width=adapter,
        trend_x=0,
        trend_width=text.trend,
        column=column,
        width=0,
        sign=text.sign,
        joint=text.times,
        row_heights=tuple(_row_height(row, cell, factor_cell, text) for row in rows),
        gap=gap,
    )
    return _place(plan, AIR)


def _place(plan: Plan, air: int) -> Plan:
    """Set the columns side by side. Args: air: between columns that no sign joins."""
    weight_x = MARGIN + plan.name_width + air
    delta_x = weight_x + plan.column + plan.sign
    factor_x = delta_x + plan.column
    updated_x = factor_x + plan.factor_width + plan.sign
    adapter_x = updated_x + plan.column + air
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


def _spread(plan: Plan, width: int, height: int, text: TextSizes) -> Plan:
    """Share out the room that is left: to the signs, to the curves, to the air before these."""
    spare = width - plan.width
    widest_sign = max(3 * text.sign, plan.column * 2 // 5)
    sign = min(plan.sign + spare // 4, widest_sign)
    air = min(AIR + spare // 10, 3 * SPACE)
    gap = plan.gap + (height - plan.height) // max(len(plan.row_heights), 1)
    wide = _place(replace(plan, sign=sign, gap=min(gap, 4 * SPACE)), air)
    trend = min(plan.trend_width + width - wide.width, max(240, plan.column * 3 // 2))
    # What is left even then stands before the curves, which end at the right margin.
    return replace(wide, trend_x=width - MARGIN - trend, trend_width=trend, width=width)


def _row_height(row: RowShape, cell: int, factor_cell: int, text: TextSizes) -> int:
    matrix = row.matrix[0] * cell
    low = is_low(row, cell)
    name = row.short_name_height if low else row.name_height
    parts = [matrix + (text.caption if row.caption else 0), name, text.trend_height]
    parts += [
        shape[0] * factor_cell + (0 if name in LOW_RANK else text.caption + 4)
        for name, shape in row.factors
    ]
    if row.adapter is not None:
        parts.append(adapter_axis(row.adapter, factor_cell, text.adapter_name_height)[1])
    return max(parts) + below_height(row.below, cell, text)


def below_height(shape: Shape | None, cell: int, text: TextSizes) -> int:
    """Height of what stands under ΔW, with its caption above it; 0 for None."""
    return 0 if shape is None else shape[0] * cell + text.caption + 3 * SPACE


def adapter_axis(adapter: Shape, cell: int, name: int) -> tuple[int, int]:
    """Where D → ReLU → U stands under the adapter's name: its middle, and the height of all.

    U may reach up beside the name; D may not.  Args: adapter: (bottleneck, width of the layer).
    """
    bottleneck, side = adapter
    axis = max(name + SPACE + bottleneck * cell // 2, side * cell // 2)
    return axis, axis + max(bottleneck, side) * cell // 2


def is_low(row: RowShape, cell: int) -> bool:
    """Whether the name block has to be short to stand beside the matrix."""
    return row.matrix[0] * cell < row.name_height


def _factor_width(row: RowShape, cell: int, text: TextSizes) -> int:
    """Width of the slot: for B × A that of the largest rank, so that nothing moves with it."""
    if not row.factors:
        return 0
    widths = [
        (MAX_RANK if name == "lora_B" else shape[1]) * cell
        if name in LOW_RANK
        else max(shape[1] * cell, text.factor_name)
        for name, shape in row.factors
    ]
    return sum(widths) + text.times * len(widths)


def _adapter_width(row: RowShape, cell: int, text: TextSizes) -> int:
    if row.adapter is None:
        return 0
    bottleneck, side = row.adapter
    down = max(side * cell + text.relu, text.adapter_name + SPACE)
    return down + bottleneck * cell + text.sum
