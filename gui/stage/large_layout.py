"""Layout of a stage with large layers: heatmaps as large as fits, rows that scroll."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from engine.protocol.messages import MatrixInfo
from gui.matrices.viewport import MAX_SMALL_SIDE, picture_extent
from gui.stage.factor_layout import MIN_VECTOR_THICKNESS, Cells, Shape, rank_cell
from gui.stage.layout import (
    RowShape,
    StageLayout,
    TextSizes,
    distribute_space,
    largest_fitting,
    tight_layout,
)

MIN_PICTURE_SIDE, MAX_PICTURE_SIDE = 96, 256
"""Limits of a heatmap's side, in logical pixels."""
MIN_UNSCROLLED_SIDE = 128
"""Rows scroll before heatmaps get smaller than this, in logical pixels."""
MIN_VISIBLE_ROWS = 2
"""Rows that are visible at once at least, where they scroll."""
PIXEL_CELLS = Cells(1, 1, 1, large=True)
"""Cells for shapes that are in pixels already."""


def is_large(rows: Sequence[RowShape]) -> bool:
    """Return whether a layer is too large to be drawn in square cells of some pixels."""
    return any(max(row.matrix) > MAX_SMALL_SIDE for row in rows)


def make_large_layout(
    rows: Sequence[RowShape], width: int, height: int, text: TextSizes, ratio: float
) -> StageLayout:
    """Return the layout with the largest heatmaps that fit, unscrolled unless they would be small.

    Args: rows: their shapes.  width, height: available logical pixels.  text: sizes of the texts.
    ratio: device pixels to a logical pixel.
    """
    full, brief = (_largest_side(rows, width, height, text, ratio, brief=b) for b in (False, True))
    saves = full < MIN_UNSCROLLED_SIDE and brief > full
    layout = _layout_with_side(rows, brief if saves else full, text, ratio, brief=saves)
    return distribute_space(layout, max(width, layout.width), max(height, layout.height), text)


def _largest_side(
    rows: Sequence[RowShape], width: int, height: int, text: TextSizes, ratio: float, *, brief: bool
) -> int:
    """Return the side at which all rows are visible, if it is large enough; else two are."""

    def fits(side: int, *, scrolls: bool = False) -> bool:
        layout = _layout_with_side(rows, side, text, ratio, brief=brief)
        visible = MIN_VISIBLE_ROWS * max(layout.row_heights) if scrolls else layout.height
        return layout.width <= width and visible <= height

    side = largest_fitting(fits, MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)
    if side >= MIN_UNSCROLLED_SIDE:
        return side
    return largest_fitting(partial(fits, scrolls=True), MIN_PICTURE_SIDE, MAX_PICTURE_SIDE)


def _layout_with_side(
    rows: Sequence[RowShape], side: int, text: TextSizes, ratio: float, *, brief: bool
) -> StageLayout:
    in_pixels = [row_in_pixels(row, side, ratio) for row in rows]
    return replace(tight_layout(in_pixels, PIXEL_CELLS, text, brief=brief), side=side)


def row_in_pixels(row: RowShape, side: int, ratio: float) -> RowShape:
    """Return the row with sizes in logical pixels in place of rows and columns."""
    matrix = _size_in_pixels(row.matrix, side, ratio)
    factors = tuple((info, _factor_in_pixels(info, shape, matrix)) for info, shape in row.factors)
    adapter = None
    if row.adapter is not None:
        bottleneck, inputs, outputs = row.adapter
        down = _size_in_pixels((bottleneck, inputs), side, ratio)
        up = _size_in_pixels((outputs, bottleneck), side, ratio)
        adapter = max(down[0], up[1]), down[1], up[0]
    below = None if row.below is None else _size_in_pixels(row.below, side, ratio)
    # Each row says under its W what is seen of it.
    in_pixels = replace(row, matrix=matrix, factors=factors, caption=True)
    return replace(in_pixels, below=below, adapter=adapter)


def picture_side(side: int, ratio: float) -> int:
    """Return the device pixels of the longer side of a heatmap."""
    return int(side * ratio)


def _size_in_pixels(shape: Shape, side: int, ratio: float) -> Shape:
    rows, columns = picture_extent(shape, picture_side(side, ratio))
    return math.ceil(rows / ratio), math.ceil(columns / ratio)


def _factor_in_pixels(info: MatrixInfo, shape: Shape, layer_pixels: Shape) -> Shape:
    """Return a factor's size in logical pixels.

    Along a side shared with the layer it is as long as the layer's heatmap.
    """
    (rows, columns), (by_rows, by_columns) = shape, info.shared
    cell, thick = rank_cell(info, shape), MIN_VECTOR_THICKNESS if info.is_vector else 0
    return (
        layer_pixels[0] if by_rows else max(rows * cell, thick if rows == 1 else 0),
        layer_pixels[1] if by_columns else max(columns * cell, thick if columns == 1 else 0),
    )
