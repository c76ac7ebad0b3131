"""Positions of the factors between ΔW and "=". Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.protocol.messages import MatrixInfo
from engine.protocol.network_shape import MAX_RANK
from gui.matrices.factor_kinds import FactorPlacement, is_product_factor, placement
from gui.theme import SPACE

Shape = tuple[int, int]
"""(rows, columns) of a matrix."""
Factors = Sequence[tuple[MatrixInfo, Shape]]
"""The factors of one row, with their shapes."""

MIN_VECTOR_THICKNESS = SPACE
"""Least width of a single column, and least height of a single row, in logical pixels."""
PICTURE_GAP = SPACE
"""Logical pixels between two heatmaps without a sign between them."""
CAPTION_GAP = 4
NARROW_RANK_COLUMNS = (16, 10)
"""Columns of B for which width is reserved where space is short; the second only with pictures.

A higher rank gets smaller cells.
"""
RANK_WIDTH = 48
"""Logical pixels for the rank of B beside a large layer."""
MAX_RANK_CELL = 4
"""Logical pixels of a cell along the rank, at most, beside a large layer."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Sides of the cells of a layout, in logical pixels."""

    matrix: int
    """Cells of W, ΔW and W′, and of the columns beside ΔW."""
    factor: int
    """Cells of the factors of a product, and of adapters."""
    picture: int
    """Cells of further matrices of the layer's shape."""
    rank_room: int = MAX_RANK
    """Columns of B for which width is reserved."""
    large: bool = False
    """Whether layers are large: what shares a side with its layer is as long as the layer's
    heatmap.
    """

    def side(self, info: MatrixInfo) -> int:
        """Return the side of the cells of this factor."""
        match placement(info):
            case FactorPlacement.PRODUCT:
                return self.factor
            case FactorPlacement.VECTOR | FactorPlacement.ROUND:
                return self.matrix
            case FactorPlacement.PICTURE:
                return self.picture


@dataclass(frozen=True, slots=True)
class FactorCaptionSizes:
    """Sizes of the texts among the factors, in logical pixels."""

    joint: int
    """Width of a sign with its margins."""
    caption: int
    """Height of a line."""
    captions: Mapping[str, int]
    """Name of a factor -> width of its caption, the short one if it has two."""


@dataclass(frozen=True, slots=True)
class FactorLayout:
    """Positions of the factors, the same in all rows so that they are aligned."""

    width: int
    """Does not depend on the rank."""
    joint: int
    """Width of a sign with its margins."""
    places: Mapping[str, tuple[int, int]]
    """Name of a factor outside the product -> its left edge and the width of its caption."""
    captions_below: bool = False
    """Whether there are captions below heatmaps."""


def make_factor_layout(
    rows: Sequence[Factors], cells: Cells, text: FactorCaptionSizes
) -> FactorLayout:
    """Return the layout for these rows: first the products, then every other factor."""
    x = max((_product_width(row, cells, text) for row in rows), default=0)
    others: dict[str, int] = {}
    captions_below = False
    for info, shape in (pair for row in rows for pair in row if not is_product_factor(pair[0])):
        width = _item_width(info, shape, cells, text)
        others[info.name] = max(others.get(info.name, 0), width)
        captions_below |= placement(info) is FactorPlacement.PICTURE
    places = {}
    for name, width in others.items():
        x += PICTURE_GAP if x else text.joint
        places[name] = x, width
        x += width
    return FactorLayout(x, text.joint, places, captions_below)


def _product_width(row: Factors, cells: Cells, text: FactorCaptionSizes) -> int:
    widths = [
        _item_width(info, shape, cells, text) for info, shape in row if is_product_factor(info)
    ]
    return sum(widths) + text.joint * len(widths)


def _item_width(info: MatrixInfo, shape: Shape, cells: Cells, text: FactorCaptionSizes) -> int:
    """Return the width of a heatmap with its caption."""
    side = cells.side(info)
    columns = shape[1]
    if info.rank_axis == 1:  # the rank must move nothing else, and one pixel cannot give way to it
        columns = RANK_WIDTH if cells.large else cells.rank_room if side > 1 else MAX_RANK
    picture = max(columns * side, MIN_VECTOR_THICKNESS if info.is_vector else 0)
    caption = text.captions.get(info.name, 0)
    match placement(info):
        case FactorPlacement.PRODUCT:
            return picture
        case FactorPlacement.VECTOR | FactorPlacement.ROUND:
            return picture + (CAPTION_GAP + caption if caption else 0)
        case FactorPlacement.PICTURE:
            return max(picture, caption)


def item_height(info: MatrixInfo, shape: Shape, cells: Cells, caption: int) -> int:
    """Return the height of a heatmap with its caption.

    Args: info, shape: of the factor.  cells: sizes of cells.  caption: height of a line; 0: it has
    none.
    """
    picture = max(shape[0] * cells.side(info), MIN_VECTOR_THICKNESS if info.is_vector else 0)
    match placement(info):
        case FactorPlacement.PRODUCT:
            return picture
        case FactorPlacement.VECTOR | FactorPlacement.ROUND:
            return max(picture, caption)
        case FactorPlacement.PICTURE:
            return picture + (CAPTION_GAP + caption if caption else 0)


def narrowed_cells(factors: Factors, cells: Cells) -> Cells:
    """Return cells in which the product fits its reserved width at this rank."""
    product = [
        (info, shape[1])
        for info, shape in factors
        if is_product_factor(info) and not info.is_vector
    ]
    needed = sum(columns for _, columns in product)
    available = sum(
        cells.rank_room if info.rank_axis == 1 else columns for info, columns in product
    )
    if needed <= available:
        return cells
    return replace(cells, factor=max(available * cells.factor // needed, 1))


def rank_cell(info: MatrixInfo, shape: Shape) -> int:
    """Return the logical pixels from direction to direction of a factor beside a large layer."""
    if not is_product_factor(info):
        return 1
    own = (size for size, shared in zip(shape, info.shared, strict=True) if not shared)
    return max(min(MAX_RANK_CELL, RANK_WIDTH // max(own, default=1)), 1)
