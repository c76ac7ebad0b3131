"""Layout of the stage: whole pixels, computed once for a size and a structure.

Nothing here draws. All rows share one layout, so that their columns are aligned.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.protocol.messages import MatrixInfo
from engine.protocol.network_shape import MAX_RANK
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
"""Logical pixels between two rows, at least."""
MIN_ALIGNED_CELL = 4
"""Cells of factors get smaller than those of ΔW, whose rows they then leave, before those get
smaller than this; logical pixels.
"""
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
    """Sizes of what stands in a row; from them the left edges of the heatmaps, without insets."""

    cells: Cells
    brief: bool
    """Whether all name blocks are short, also beside a matrix that is high enough."""
    name_width: int
    column: int
    """Width of the columns W, ΔW and W′."""
    sign: int
    """Width of "+" and "=" with margins."""
    factor_layout: FactorLayout
    """What stands between ΔW and "="."""
    activations_width: int
    """Width of what is at the right of W′."""
    adapter_width: int
    sparkline_width: int
    row_heights: tuple[int, ...]
    gap: int = MIN_ROW_GAP
    """Pixels between two rows."""
    column_gap: int = COLUMN_GAP
    """Pixels between columns without a sign between them."""
    spare: int = 0
    """Pixels before the sparklines that nothing else takes."""
    side: int = 0
    """Length of the longer side of a large layer's heatmaps; 0: there is none, cells are squares.
    """

    @property
    def cell(self) -> int:
        """Side of a cell of W, ΔW and W′."""
        return self.cells.matrix

    @property
    def weight_x(self) -> int:
        """Left edge of W."""
        return MARGIN + self.name_width + self.column_gap

    @property
    def delta_x(self) -> int:
        """Left edge of ΔW."""
        return self.weight_x + self.column + self.sign

    @property
    def factor_x(self) -> int:
        """Left end of the factors between ΔW and "="."""
        return self.delta_x + self.column

    @property
    def updated_x(self) -> int:
        """Left edge of W′."""
        return self.factor_x + self.factor_layout.width + self.sign

    @property
    def adapter_x(self) -> int:
        """Left edge of the adapters."""
        return self.updated_x + self.column + self.activations_width + self.column_gap

    @property
    def sparkline_x(self) -> int:
        """Left edge of the sparklines, which end at the right margin."""
        adapter = self.adapter_width + self.column_gap if self.adapter_width else 0
        return self.adapter_x + adapter + self.spare

    @property
    def width(self) -> int:
        """Width of all columns with the gaps and margins."""
        return self.sparkline_x + self.sparkline_width + MARGIN

    @property
    def height(self) -> int:
        """Height of all rows with the gaps between them."""
        return sum(self.row_heights) + self.gap * len(self.row_heights)


def make_layout(rows: Sequence[RowShape], width: int, height: int, text: TextSizes) -> StageLayout:
    """Return the layout with the largest cells that fit; the smallest one where none fits.

    Args: rows: their shapes.  width, height: available logical pixels.  text: sizes of the texts.
    """

    def fits(cells: Cells) -> bool:
        layout = tight_layout(rows, cells, text, brief=cells.rank_room < MAX_RANK)
        return layout.width <= width and layout.height <= height

    pictures = any(
        placement(info) is FactorPlacement.PICTURE for row in rows for info, _ in row.factors
    )
    narrow = NARROW_RANK_COLUMNS[: 2 if pictures or text.sparkline_if_roomy else 1]
    candidates = [_largest_cells(fits, room) for room in (MAX_RANK, *narrow)]
    fitting = [cells for cells in candidates if fits(cells)]
    if not fitting:
        return smallest_layout(rows, text)
    cells = max(fitting, key=_score)
    layout = tight_layout(rows, cells, text, brief=cells.rank_room < MAX_RANK)
    return distribute_space(layout, width, height, text)


def smallest_layout(rows: Sequence[RowShape], text: TextSizes) -> StageLayout:
    """Return the layout that takes the least space."""
    return tight_layout(rows, Cells(MIN_CELL, 1, 1, NARROW_RANK_COLUMNS[-1]), text, brief=True)


def largest_fitting(fits: Callable[[int], bool], low: int, high: int) -> int:
    """Return the largest number that fits, by bisection; `low` where none does.

    Args: fits: whether a number does; all smaller ones do as well.  low, high: limits.
    """
    numbers = range(low + 1, high + 1)
    return low + bisect_left(numbers, True, key=lambda number: not fits(number))


def _largest_cells(fits: Callable[[Cells], bool], room: int) -> Cells:
    """Return the largest cells of W, aligned with those of its factors, and what is left beside it.

    Args: fits: whether cells do.  room: columns of B for which width is reserved.
    """

    def legible(cell: int) -> int:
        return min(cell, LEGIBLE_CELL)

    cell = largest_fitting(lambda n: fits(Cells(n, n, legible(n), room)), MIN_CELL, MAX_CELL)
    if cell < MIN_ALIGNED_CELL:
        cell = largest_fitting(
            lambda n: fits(Cells(n, legible(n), legible(n), room)), cell, MIN_ALIGNED_CELL
        )
    factor = largest_fitting(lambda n: fits(Cells(cell, n, legible(cell), room)), 1, cell)
    picture = largest_fitting(lambda n: fits(Cells(cell, factor, n, room)), 1, cell)
    # Where not even a legible picture has fitted, the factors may still have room.
    factor = largest_fitting(lambda n: fits(Cells(cell, n, picture, room)), factor, cell)
    return Cells(cell, factor, picture, room)


def _score(cells: Cells) -> tuple[int, int]:
    """Rate cells; full names and room for a high rank go only where that gives larger ones."""
    legible = min(cells.factor, LEGIBLE_CELL) + min(cells.picture, LEGIBLE_CELL)
    return legible, cells.matrix + cells.factor + cells.picture


def tight_layout(
    rows: Sequence[RowShape], cells: Cells, text: TextSizes, *, brief: bool = False
) -> StageLayout:
    """Return a layout with the smallest gaps."""
    short = brief or all(is_low(row, cells.matrix) for row in rows)
    return StageLayout(
        cells=cells,
        brief=brief,
        name_width=text.short_name if short else text.name,
        column=max((row.matrix[1] for row in rows), default=0) * cells.matrix,
        sign=text.sign,
        factor_layout=make_factor_layout(
            [row.factors for row in rows], cells, text.factor_captions
        ),
        activations_width=text.activations if any(row.activations for row in rows) else 0,
        adapter_width=max((_adapter_width(row, cells.factor, text) for row in rows), default=0),
        sparkline_width=text.sparkline,
        row_heights=tuple(_row_height(row, cells, text, brief=brief) for row in rows),
    )


def distribute_space(layout: StageLayout, width: int, height: int, text: TextSizes) -> StageLayout:
    """Return the layout with the free space given to failures, signs, sparklines and gaps."""
    name = min(max(layout.name_width, text.note), layout.name_width + width - layout.width)
    layout = replace(layout, name_width=name)
    spare = width - layout.width
    gap = layout.gap + (height - layout.height) // max(len(layout.row_heights), 1)
    layout = replace(
        layout,
        sign=min(layout.sign + spare // 4, max(3 * text.sign, layout.column * 2 // 5)),
        gap=min(gap, 4 * SPACE),
        column_gap=min(COLUMN_GAP + spare // 10, 3 * SPACE),
    )
    sparkline = min(layout.sparkline_width + width - layout.width, max(240, layout.column * 3 // 2))
    if sparkline < text.sparkline_if_roomy:
        sparkline = 0
    layout = replace(layout, sparkline_width=sparkline)
    return replace(layout, spare=width - layout.width)


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
