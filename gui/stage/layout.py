"""Layout of the stage: whole pixels, computed once for a size and a structure.

Nothing here draws. All rows share one layout, so that their columns are aligned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from engine.protocol.messages import MatrixInfo
from gui.matrices.factor_kinds import FactorPlacement, placement
from gui.stage.factor_layout import (
    NARROW_RANK_COLUMNS,
    Cells,
    FactorCaptionSizes,
    FactorLayout,
    Shape,
    item_height,
    make_factor_layout,
)
from gui.theme import MARGIN, SPACE

AdapterShape = tuple[int, int, int]
"""(bottleneck, inputs, outputs)."""

MIN_CELL, MAX_CELL = 2, 32
"""Limits of a cell's side, in logical pixels."""
COLUMN_GAP = SPACE * 3 // 2
"""Logical pixels between columns without a sign between them, at least."""
MIN_ROW_GAP = SPACE * 3 // 4
"""Logical pixels between two rows where space is short."""
PREFERRED_ROW_GAP = SPACE * 5 // 2
"""Logical pixels between two rows where it is not."""
MIN_PREFERRED_CELL = 4
"""Rows move together before cells get smaller than this, in logical pixels."""
MIN_CROWDED_FACTORS = 3
"""Factors beside ΔW from which on space is saved: short names, less width for high ranks."""
LEGIBLE_CELL = 2
"""Smaller cells of factors and pictures are avoided before all else; logical pixels."""


@dataclass(frozen=True, slots=True)
class RowShape:
    """Sizes of what a row contains."""

    matrix: Shape
    factors: tuple[tuple[MatrixInfo, Shape], ...] = ()
    """Those beside ΔW."""
    below: Shape | None = None
    """A matrix below ΔW with a caption of its own."""
    adapter: AdapterShape | None = None
    """Shape of the adapter after the layer or parallel to it."""
    caption: bool = False
    """Whether there is a line of text below W."""
    activations: bool = False
    """Whether x, z and δ surround W′."""
    unnamed: str = ""
    """Role of a factor whose caption is in another row; empty: each has its own."""
    name_height: int = 0
    """Height of the name block in full."""
    short_name_height: int = 0
    """Height of the short one, used where the matrix is low."""


@dataclass(frozen=True, slots=True)
class TextSizes:
    """Sizes of the texts on the stage, in logical pixels, at the current text size."""

    name: int
    """Width of the widest full name block."""
    short_name: int
    """Width of the widest short one."""
    note: int
    """Width of the widest line on a failure; 0: nothing fails."""
    sign: int
    """Width of "+" or "=" with the least margins."""
    factor_captions: FactorCaptionSizes
    """Sizes among the factors between ΔW and "="."""
    sparkline: int
    """Least width of the column of ‖ΔW‖ / ‖W‖."""
    sparkline_height: int
    """Least height of a sparkline."""
    adapter_name: int
    """Width of an adapter's name block."""
    adapter_name_height: int
    relu: int
    """Width of "→ ReLU →" with margins, and of "input →" where there is one."""
    sum: int
    """Width of "⊕" with margins."""
    activations: int = 0
    """Width of z and δ, with margins."""
    sparkline_if_roomy: int = 0
    """Least width of the sparklines where large cells, and the width for a high rank, take
    precedence over them; `sparkline` is then 0.
    """


@dataclass(frozen=True, slots=True)
class StageLayout:
    """Positions of the heatmaps, without their insets; x from the row's left edge."""

    cells: Cells
    brief: bool
    """Whether all name blocks are short, also beside a matrix that is high enough."""
    name_width: int
    weight_x: int
    delta_x: int
    factor_x: int
    """Left end of the factors between ΔW and "="."""
    factor_layout: FactorLayout
    updated_x: int
    adapter_x: int
    adapter_width: int
    sparkline_x: int
    sparkline_width: int
    column: int
    """Width of the columns W, ΔW and W′."""
    width: int
    sign: int
    """Width of "+" and "=" with margins."""
    row_heights: tuple[int, ...]
    gap: int
    """Pixels between two rows."""
    activations_width: int = 0
    """Width of what is at the right of W′."""
    side: int = 0
    """Length of the longer side of a large layer's heatmaps; 0: there is none, cells are squares.
    """

    @property
    def cell(self) -> int:
        """Side of a cell of W, ΔW and W′."""
        return self.cells.matrix

    @property
    def height(self) -> int:
        """Height of all rows with the gaps between them."""
        return sum(self.row_heights) + self.gap * len(self.row_heights)


def make_layout(rows: Sequence[RowShape], width: int, height: int, text: TextSizes) -> StageLayout:
    """Return the layout with the largest cells that fit; the smallest one where none fits.

    Args: rows: their shapes.  width, height: available logical pixels.  text: sizes of the texts.
    """
    preferred = _largest_layout(rows, width, height, text, PREFERRED_ROW_GAP)
    if preferred is not None and preferred.cell >= MIN_PREFERRED_CELL:
        return distribute_space(preferred, width, height, text)
    best = _largest_layout(rows, width, height, text, MIN_ROW_GAP)
    return (
        smallest_layout(rows, text) if best is None else distribute_space(best, width, height, text)
    )


def smallest_layout(rows: Sequence[RowShape], text: TextSizes) -> StageLayout:
    """Return the layout that takes the least space."""
    cells = Cells(MIN_CELL, 1, 1, NARROW_RANK_COLUMNS[-1])
    return tight_layout(rows, cells, text, MIN_ROW_GAP, brief=True)


def _largest_layout(
    rows: Sequence[RowShape], width: int, height: int, text: TextSizes, gap: int
) -> StageLayout | None:
    fitting = []
    for cell in range(MIN_CELL, MAX_CELL + 1):
        found = []
        for choices in _candidate_cells(rows, cell, economical=bool(text.sparkline_if_roomy)):
            # Each falls in the factors' cells: the first that fits is the best of its kind.
            layouts = (
                tight_layout(rows, cells, text, gap, brief=brief) for cells, brief in choices
            )
            fits = (
                layout for layout in layouts if layout.width <= width and layout.height <= height
            )
            found += list(islice(fits, 1))
        if not found:
            break
        fitting += found
    return max(fitting, key=_score, default=None)


def _candidate_cells(
    rows: Sequence[RowShape], cell: int, *, economical: bool
) -> list[list[tuple[Cells, bool]]]:
    """Return cells for factors and pictures beside cells of this side, and whether names are short.

    They vary only where such things are drawn; space is saved only where these are many, or where
    `economical`.
    """
    placements = {placement(info) for row in rows for info, _ in row.factors}
    factors = FactorPlacement.PRODUCT in placements or any(row.adapter for row in rows)
    pictures = FactorPlacement.PICTURE in placements
    sides = _candidate_sides(cell, free=factors)
    crowded = economical or any(_is_crowded(row) for row in rows)
    rooms = NARROW_RANK_COLUMNS if pictures or economical else NARROW_RANK_COLUMNS[:1]
    found = []
    for picture in _candidate_sides(cell, free=pictures):
        found.append([(Cells(cell, factor, picture), False) for factor in sides])
        for room in rooms if crowded else ():
            found.append([(Cells(cell, factor, picture, room), True) for factor in sides])
    return found


def _is_crowded(row: RowShape) -> bool:
    """Return whether the row is crowded; the difference of two branches counts as that."""
    roles = [info.role for info, _ in row.factors]
    return len(roles) >= MIN_CROWDED_FACTORS or "difference" in roles


def _candidate_sides(cell: int, *, free: bool) -> Sequence[int]:
    return range(cell, 0, -1) if free else (cell,)


def _score(layout: StageLayout) -> tuple[int, int, int, int]:
    """Rate a layout. B beside ΔW reads best when their rows align: equal cells beat larger ones."""
    cells = layout.cells
    legible = min(cells.factor, LEGIBLE_CELL) + min(cells.picture, LEGIBLE_CELL)
    return legible, cells.matrix + cells.factor + cells.picture, cells.rank_room, cells.matrix


def tight_layout(
    rows: Sequence[RowShape], cells: Cells, text: TextSizes, gap: int, *, brief: bool = False
) -> StageLayout:
    """Return a layout with the smallest gaps."""
    cell = cells.matrix
    short = brief or all(is_low(row, cell) for row in rows)
    column = max((row.matrix[1] for row in rows), default=0) * cell
    adapter = max((_adapter_width(row, cells.factor, text) for row in rows), default=0)
    layout = StageLayout(
        cells=cells,
        brief=brief,
        name_width=text.short_name if short else text.name,
        weight_x=0,
        delta_x=0,
        factor_x=0,
        factor_layout=make_factor_layout(
            [row.factors for row in rows], cells, text.factor_captions
        ),
        updated_x=0,
        adapter_x=0,
        adapter_width=adapter,
        sparkline_x=0,
        sparkline_width=text.sparkline,
        column=column,
        width=0,
        sign=text.sign,
        row_heights=tuple(_row_height(row, cells, text, brief=brief) for row in rows),
        gap=gap,
        activations_width=text.activations if any(row.activations for row in rows) else 0,
    )
    return _place_columns(layout, COLUMN_GAP)


def _place_columns(layout: StageLayout, gap: int) -> StageLayout:
    """Place the columns side by side, with a gap between those that no sign joins."""
    weight_x = MARGIN + layout.name_width + gap
    delta_x = weight_x + layout.column + layout.sign
    factor_x = delta_x + layout.column
    updated_x = factor_x + layout.factor_layout.width + layout.sign
    adapter_x = updated_x + layout.column + layout.activations_width + gap
    sparkline_x = adapter_x + (layout.adapter_width + gap if layout.adapter_width else 0)
    return replace(
        layout,
        weight_x=weight_x,
        delta_x=delta_x,
        factor_x=factor_x,
        updated_x=updated_x,
        adapter_x=adapter_x,
        sparkline_x=sparkline_x,
        width=sparkline_x + layout.sparkline_width + MARGIN,
    )


def distribute_space(layout: StageLayout, width: int, height: int, text: TextSizes) -> StageLayout:
    """Return the layout with the free space given to failures, signs, sparklines and gaps."""
    name = min(max(layout.name_width, text.note), layout.name_width + width - layout.width)
    layout = _place_columns(replace(layout, name_width=name), COLUMN_GAP)
    spare = width - layout.width
    widest_sign = max(3 * text.sign, layout.column * 2 // 5)
    sign = min(layout.sign + spare // 4, widest_sign)
    column_gap = min(COLUMN_GAP + spare // 10, 3 * SPACE)
    gap = layout.gap + (height - layout.height) // max(len(layout.row_heights), 1)
    wide = _place_columns(replace(layout, sign=sign, gap=min(gap, 4 * SPACE)), column_gap)
    sparkline = min(layout.sparkline_width + width - wide.width, max(240, layout.column * 3 // 2))
    if sparkline < text.sparkline_if_roomy:
        sparkline = 0
    # What is left even then stands before the curves, which end at the right margin.
    return replace(
        wide, sparkline_x=width - MARGIN - sparkline, sparkline_width=sparkline, width=width
    )


def _row_height(row: RowShape, cells: Cells, text: TextSizes, *, brief: bool) -> int:
    cell, caption = cells.matrix, text.factor_captions.caption
    matrix = row.matrix[0] * cell
    name = row.short_name_height if brief or is_low(row, cell) else row.name_height
    caption_lines = row.caption + row.activations
    parts = [matrix + caption_lines * caption, name, text.sparkline_height]
    for factor, shape in row.factors:
        words = 0 if factor.role == row.unnamed else caption
        parts.append(item_height(factor, shape, cells, words))
    if row.adapter is not None:
        parts.append(adapter_axis(row.adapter, cells.factor, text.adapter_name_height)[1])
    return max(parts) + below_height(row.below, cell, text)


def below_height(shape: Shape | None, cell: int, text: TextSizes) -> int:
    """Return the height of what is below ΔW, with its caption above it; 0 for None."""
    return 0 if shape is None else shape[0] * cell + text.factor_captions.caption + 3 * SPACE


def adapter_axis(adapter: AdapterShape, cell: int, name: int) -> tuple[int, int]:
    """Return the middle of D → ReLU → U under the adapter's name, and the height of all.

    U may reach up beside the name; D may not.
    """
    bottleneck, _, outputs = adapter
    axis = max(name + SPACE + bottleneck * cell // 2, outputs * cell // 2)
    return axis, axis + max(bottleneck, outputs) * cell // 2


def is_low(row: RowShape, cell: int) -> bool:
    """Return whether the name block must be short to fit beside the matrix."""
    return row.matrix[0] * cell < row.name_height


def _adapter_width(row: RowShape, cell: int, text: TextSizes) -> int:
    if row.adapter is None:
        return 0
    bottleneck, inputs, _ = row.adapter
    down = max(inputs * cell + text.relu, text.adapter_name + SPACE)
    return down + bottleneck * cell + text.sum
