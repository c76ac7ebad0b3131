"""The plan of a stage with large layers: pictures as large as the room gives, rows that scroll."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from gui.matrices.factor_kinds import FactorPlacement, factor_kind
from gui.matrices.viewport import MAX_SMALL_SIDE, picture_extent
from gui.stage.factor_layout import THICK, Cells, Shape, rank_cell
from gui.stage.plan import (
    CALM_GAP,
    RowShape,
    StageLayout,
    TextSizes,
    spread,
    tight,
)

LEAST, MOST = 96, 256
"""Side of a picture in logical pixels."""
CALM = 128
"""Rather than draw smaller pictures than this, let the rows scroll."""
STEP = 2
SEEN = 2
"""Rows that are to be seen at once at least, where they scroll."""
PIXELS = Cells(1, 1, 1, large=True)
"""Shapes are in pixels already."""


def is_large(rows: Sequence[RowShape]) -> bool:
    """Whether a layer is too large to be drawn in square cells of some pixels."""
    return any(max(row.matrix) > MAX_SMALL_SIDE for row in rows)


def make_large_plan(
    rows: Sequence[RowShape], width: int, height: int, text: TextSizes, ratio: float
) -> StageLayout:
    """The plan with the largest pictures that fit, all rows at once if they need not be small.

    Args: width, height: room in logical pixels.  ratio: pixels of the screen in a logical one.
    """
    full = _largest(rows, width, height, text, ratio, brief=False)
    plan = full
    if full is None or full.side < CALM:
        brief = _largest(rows, width, height, text, ratio, brief=True)
        if brief is not None and (full is None or brief.side > full.side):
            plan = brief
    if plan is None:
        plan = _plan(rows, LEAST, text, ratio, brief=True)
    return spread(plan, max(width, plan.width), max(height, plan.height), text)


def _largest(
    rows: Sequence[RowShape],
    width: int,
    height: int,
    text: TextSizes,
    ratio: float,
    *,
    brief: bool,
) -> StageLayout | None:
    """All rows at once where they are large enough so; else as many as can be compared."""
    scrolling = None
    for side in range(MOST, LEAST - 1, -STEP):
        plan = _plan(rows, side, text, ratio, brief=brief)
        if plan.width > width:
            continue
        if plan.height <= height and side >= CALM:
            return plan
        if scrolling is None and SEEN * max(plan.row_heights) <= height:
            scrolling = plan
    return scrolling


def _plan(
    rows: Sequence[RowShape], side: int, text: TextSizes, ratio: float, *, brief: bool = False
) -> StageLayout:
    drawn = [in_pixels(row, side, ratio) for row in rows]
    return replace(tight(drawn, PIXELS, text, CALM_GAP, brief=brief), side=side)


def in_pixels(row: RowShape, side: int, ratio: float) -> RowShape:
    """The row with the logical pixels that its pictures take, in place of rows and columns."""
    matrix = _extent(row.matrix, side, ratio)
    factors = tuple(
        (name, _factor(name, shape, row.matrix, matrix, side, ratio)) for name, shape in row.factors
    )
    adapter = None
    if row.adapter is not None:
        bottleneck, inputs, outputs = row.adapter
        down = _extent((bottleneck, inputs), side, ratio)
        up = _extent((outputs, bottleneck), side, ratio)
        adapter = max(down[0], up[1]), down[1], up[0]
    below = None if row.below is None else _extent(row.below, side, ratio)
    # Each row says under its W what is seen of it.
    drawn = replace(row, matrix=matrix, factors=factors, caption=True)
    return replace(drawn, below=below, adapter=adapter)


def room(side: int, ratio: float) -> int:
    """Pixels of the screen for the longer side of a picture."""
    return int(side * ratio)


def _extent(shape: Shape, side: int, ratio: float) -> Shape:
    rows, columns = picture_extent(shape, room(side, ratio))
    return math.ceil(rows / ratio), math.ceil(columns / ratio)


def _factor(name: str, shape: Shape, layer: Shape, drawn: Shape, side: int, ratio: float) -> Shape:
    """Along a side that it shares with the layer a factor is as long as the layer's picture."""
    if factor_kind(name).placement is FactorPlacement.PICTURE and shape == layer:
        return drawn
    rows, columns = shape
    cell = rank_cell(name, shape)
    thick = THICK if factor_kind(name).is_vector else 0
    return (
        drawn[0] if factor_kind(name).rows else max(rows * cell, thick if rows == 1 else 0),
        drawn[1]
        if factor_kind(name).columns
        else max(columns * cell, thick if columns == 1 else 0),
    )
