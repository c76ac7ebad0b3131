"""Positions of the factors between ΔW and "=". Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.protocol.network_shape import MAX_RANK
from gui.matrices.factor_kinds import FactorPlacement, factor_kind, is_product_factor
from gui.theme import SPACE

Shape = tuple[int, int]
"""(rows, columns) of a matrix."""
Factors = Sequence[tuple[str, Shape]]
"""Names and shapes of the factors of one row."""

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
RANK_WIDE_FACTORS = frozenset({"lora_B", "vera_B"})
"""Factors as wide as the rank, which must move nothing else."""


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

    def side(self, name: str) -> int:
        """Return the side of the cells of this factor."""
        match factor_kind(name).placement:
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

    @property
    def captions_below(self) -> bool:
        """Whether there are captions below heatmaps."""
        return any(factor_kind(name).placement is FactorPlacement.PICTURE for name in self.places)


def make_factor_layout(
    rows: Sequence[Factors], cells: Cells, text: FactorCaptionSizes
) -> FactorLayout:
    """Return the layout for these rows: first the products, then every other factor."""
    x = max((_product_width(row, cells, text) for row in rows), default=0)
    others: dict[str, int] = {}
    for name, shape in (pair for row in rows for pair in row if not is_product_factor(pair[0])):
        others[name] = max(others.get(name, 0), _item_width(name, shape, cells, text))
    places = {}
    for name, width in others.items():
        x += PICTURE_GAP if x else text.joint
        places[name] = x, width
        x += width
    return FactorLayout(x, text.joint, places)


def _product_width(row: Factors, cells: Cells, text: FactorCaptionSizes) -> int:
    widths = [
        _item_width(name, shape, cells, text) for name, shape in row if is_product_factor(name)
    ]
    return sum(widths) + text.joint * len(widths)


def _item_width(name: str, shape: Shape, cells: Cells, text: FactorCaptionSizes) -> int:
    """Return the width of a heatmap with its caption."""
    side = cells.side(name)
    columns = shape[1]
    if name in RANK_WIDE_FACTORS:
        columns = RANK_WIDTH if cells.large else cells.rank_room
    picture = max(columns * side, MIN_VECTOR_THICKNESS if factor_kind(name).is_vector else 0)
    caption = text.captions.get(name, 0)
    match factor_kind(name).placement:
        case FactorPlacement.PRODUCT:
            return picture
        case FactorPlacement.VECTOR | FactorPlacement.ROUND:
            return picture + (CAPTION_GAP + caption if caption else 0)
        case FactorPlacement.PICTURE:
            return max(picture, caption)


def item_height(name: str, shape: Shape, cells: Cells, caption: int) -> int:
    """Return the height of a heatmap with its caption.

    Args: name, shape: of the factor.  cells: sizes of cells.  caption: height of a line; 0: it has
    none.
    """
    picture = max(
        shape[0] * cells.side(name), MIN_VECTOR_THICKNESS if factor_kind(name).is_vector else 0
    )
    match factor_kind(name).placement:
        case FactorPlacement.PRODUCT:
            return picture
        case FactorPlacement.VECTOR | FactorPlacement.ROUND:
            return max(picture, caption)
        case FactorPlacement.PICTURE:
            return picture + (CAPTION_GAP + caption if caption else 0)


def narrowed_cells(factors: Factors, cells: Cells) -> Cells:
    """Return cells in which the product fits its reserved width at this rank."""
    factors_in_product = [
        pair
        for pair in factors
        if is_product_factor(pair[0]) and not factor_kind(pair[0]).is_vector
    ]
    needed = sum(shape[1] for _, shape in factors_in_product)
    available = sum(
        cells.rank_room if name in RANK_WIDE_FACTORS else shape[1]
        for name, shape in factors_in_product
    )
    if needed <= available:
        return cells
    return replace(cells, factor=max(available * cells.factor // needed, 1))


def rank_cell(name: str, shape: Shape) -> int:
    """Return the logical pixels from direction to direction of a factor beside a large layer."""
    if not is_product_factor(name):
        return 1
    rows, columns = shape
    found = factor_kind(name)
    rank = columns if found.rows else rows if found.columns else max(shape)
    return max(min(MAX_RANK_CELL, RANK_WIDTH // max(rank, 1)), 1)
