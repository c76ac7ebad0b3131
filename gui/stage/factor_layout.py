"""The room between ΔW and "=": how wide and high what stands there is. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.protocol.network_shape import MAX_RANK
from gui.matrices.factor_kinds import FactorPlacement, factor_kind, is_product_factor
from gui.theme import SPACE

Shape = tuple[int, int]
"""(rows, columns) of a matrix."""
Factors = Sequence[tuple[str, Shape]]
"""Names and shapes of what one row has in the slot."""

THICK = SPACE
"""A single column is at least so wide, and a single row so high, in logical pixels."""
GAP = SPACE
"""Between two pictures that no sign joins."""
CAPTION_GAP = 4
NARROW_RANK_ROOMS = (16, 10)
"""Columns of B that room is kept for where it is short, the second only beside pictures.

A higher rank than that gets smaller cells.
"""
RANK_ROOM = 48
"""Logical pixels for the rank of B beside a large layer."""
WIDEST_RANK_CELL = 4
WITH_RANK = frozenset({"lora_B", "vera_B"})
"""As wide as the rank, which must move nothing else."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Sides of the cells of one plan, in logical pixels."""

    matrix: int
    """Of W, ΔW and W′, and of the columns that stand beside ΔW."""
    factor: int
    """Of factors that are multiplied, and of adapters."""
    picture: int
    """Of further pictures of the layer's own shape."""
    rank_room: int = MAX_RANK
    """Columns of B that room is kept for."""
    large: bool = False
    """Whether layers are large: what shares a side with its layer is as long as its picture."""

    def side(self, name: str) -> int:
        """Side of the cells of this factor."""
        match factor_kind(name).placement:
            case FactorPlacement.PRODUCT:
                return self.factor
            case FactorPlacement.VECTOR | FactorPlacement.ROUND:
                return self.matrix
            case FactorPlacement.PICTURE:
                return self.picture


@dataclass(frozen=True, slots=True)
class FactorCaptionSizes:
    """Logical pixels that words in the slot need."""

    joint: int
    """Width of the room round a sign."""
    caption: int
    """Height of a line."""
    captions: Mapping[str, int]
    """Name of a factor -> width of its caption, of the short one where it has two."""


@dataclass(frozen=True, slots=True)
class FactorLayout:
    """Where things stand in the room; the same for all rows, so that they line up."""

    width: int
    """It does not depend on the rank."""
    joint: int
    """Width of the room round a sign."""
    places: Mapping[str, tuple[int, int]]
    """Name of a picture that is not multiplied -> its left edge and the room for its caption."""

    @property
    def captions_below(self) -> bool:
        """Whether there are captions under pictures."""
        return any(factor_kind(name).placement is FactorPlacement.PICTURE for name in self.places)


def make_slot(rows: Sequence[Factors], cells: Cells, text: FactorCaptionSizes) -> FactorLayout:
    """The room for these rows: first the products, then each other picture at its place."""
    x = max((_product_width(row, cells, text) for row in rows), default=0)
    others: dict[str, int] = {}
    for name, shape in (pair for row in rows for pair in row if not is_product_factor(pair[0])):
        others[name] = max(others.get(name, 0), _item_width(name, shape, cells, text))
    places = {}
    for name, width in others.items():
        x += GAP if x else text.joint
        places[name] = x, width
        x += width
    return FactorLayout(x, text.joint, places)


def _product_width(row: Factors, cells: Cells, text: FactorCaptionSizes) -> int:
    widths = [
        _item_width(name, shape, cells, text) for name, shape in row if is_product_factor(name)
    ]
    return sum(widths) + text.joint * len(widths)


def _item_width(name: str, shape: Shape, cells: Cells, text: FactorCaptionSizes) -> int:
    """Width of one picture with its caption."""
    side = cells.side(name)
    columns = shape[1]
    if name in WITH_RANK:
        columns = RANK_ROOM if cells.large else cells.rank_room
    picture = max(columns * side, THICK if factor_kind(name).is_vector else 0)
    caption = text.captions.get(name, 0)
    match factor_kind(name).placement:
        case FactorPlacement.PRODUCT:
            return picture
        case FactorPlacement.VECTOR | FactorPlacement.ROUND:
            return picture + (CAPTION_GAP + caption if caption else 0)
        case FactorPlacement.PICTURE:
            return max(picture, caption)


def item_height(name: str, shape: Shape, cells: Cells, caption: int) -> int:
    """Height of one picture with its caption.

    Args: caption: height of a line; 0: it has none.
    """
    picture = max(shape[0] * cells.side(name), THICK if factor_kind(name).is_vector else 0)
    match factor_kind(name).placement:
        case FactorPlacement.PRODUCT:
            return picture
        case FactorPlacement.VECTOR | FactorPlacement.ROUND:
            return max(picture, caption)
        case FactorPlacement.PICTURE:
            return picture + (CAPTION_GAP + caption if caption else 0)


def narrowed(factors: Factors, cells: Cells) -> Cells:
    """The same with the cells of the product small enough to stay in its room at this rank."""
    wide = [
        pair
        for pair in factors
        if is_product_factor(pair[0]) and not factor_kind(pair[0]).is_vector
    ]
    needed = sum(shape[1] for _, shape in wide)
    room = sum(cells.rank_room if name in WITH_RANK else shape[1] for name, shape in wide)
    if needed <= room:
        return cells
    return replace(cells, factor=max(room * cells.factor // needed, 1))


def rank_cell(name: str, shape: Shape) -> int:
    """Logical pixels from direction to direction of a factor beside a large layer."""
    if not is_product_factor(name):
        return 1
    rows, columns = shape
    found = factor_kind(name)
    rank = columns if found.rows else rows if found.columns else max(shape)
    return max(min(WIDEST_RANK_CELL, RANK_ROOM // max(rank, 1)), 1)
