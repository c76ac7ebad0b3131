"""Kinds of the named matrices beside ΔW: texts, placement, and how they enter a cell."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

Shape = tuple[int, ...]
"""(rows, columns)."""
DIFFERENCE = "difference"
"""Name of W′ − W′ of another branch."""


class FactorPlacement(enum.Enum):
    """Placement of a named matrix beside ΔW."""

    PRODUCT = "product"
    """One of the factors whose product is ΔW, with a sign before it."""
    VECTOR = "vector"
    """A column with one number for each output, as high as ΔW."""
    PICTURE = "picture"
    """A heatmap of its own, with a caption below."""
    ROUND = "round"
    """A row above W′ with a number for each input, or a column at its right, one for each output.
    """


@dataclass(frozen=True, slots=True)
class FactorKind:
    """Description of one name among `LayerFrame.factors`."""

    title: str
    """Symbol in the formulas, or a word; for screen readers and captions."""
    placement: FactorPlacement
    description: str = ""
    """A sentence for the tooltip."""
    caption: str = ""
    """Caption, where the title is not enough."""
    short: str = ""
    """Caption of a small heatmap."""
    rows: bool = False
    """Whether its row i belongs to row i of the layer."""
    columns: bool = False
    """Whether its column j belongs to column j of the layer."""
    is_vector: bool = False
    """Whether it is always a single column or row."""


_PRODUCT, _PICTURE = FactorPlacement.PRODUCT, FactorPlacement.PICTURE


def _vector(title: str, description: str) -> FactorKind:
    return FactorKind(
        title, FactorPlacement.VECTOR, f"{title}: {description}.", rows=True, is_vector=True
    )


FACTOR_KINDS = {
    "lora_B": FactorKind("B", _PRODUCT, rows=True),
    "lora_E": FactorKind("E", _PRODUCT, is_vector=True),
    "lora_A": FactorKind("A", _PRODUCT, columns=True),
    "vera_b": FactorKind("b", _PRODUCT, rows=True, is_vector=True),
    "vera_B": FactorKind("B", _PRODUCT, rows=True),
    "vera_d": FactorKind("d", _PRODUCT, is_vector=True),
    "vera_A": FactorKind("A", _PRODUCT, columns=True),
    "magnitude": _vector("m", "the length of each row of W′, learned beside its direction"),
    "ia3_l": _vector("l", "by how much each output is multiplied; 1 leaves it as it was"),
    "delta_b": _vector("Δb", "how far each bias has moved"),
    "running_mean": _vector("μ", "the running mean of each output, kept by BatchNorm"),
    "running_var": _vector("σ²", "the running variance of each output, kept by BatchNorm"),
    "prompt": FactorKind(
        "p",
        _PICTURE,
        "p: the same numbers added to every input of the layer.",
        caption="p, added to x",
        short="p",
        columns=True,
        is_vector=True,
    ),
    "codes": FactorKind(
        "codes",
        _PICTURE,
        "The 4-bit code of each weight, one of 16 values from −1 to 1.",
        rows=True,
        columns=True,
    ),
    "rounding_error": FactorKind(
        "rounding error",
        _PICTURE,
        "W − the weight before it was rounded, in the colours of ΔW.",
        short="rounding",
        rows=True,
        columns=True,
    ),
    "truncated": FactorKind(
        "rank-r part",
        _PICTURE,
        "The best picture of ΔW that rank r allows, in the colours of ΔW.",
        short="rank r",
        rows=True,
        columns=True,
    ),
    "inputs": FactorKind(
        "x",
        FactorPlacement.ROUND,
        "x: what the layer is fed of the batch's first sample.",
        columns=True,
        is_vector=True,
    ),
    "outputs": FactorKind(
        "z",
        FactorPlacement.ROUND,
        "z = W′ x: what the layer makes of it.",
        rows=True,
        is_vector=True,
    ),
    "delta_out": FactorKind(
        "δ",
        FactorPlacement.ROUND,
        "δ = ∂ℓ/∂z: how that sample's loss would change with each z.",
        rows=True,
        is_vector=True,
    ),
    "loss_gradient": FactorKind(
        "∂L/∂W′",
        _PICTURE,
        "The mean of δ xᵀ over the batch: how the loss would change with each weight.",
        caption="gradient ∂L/∂W′",
        short="∂L/∂W′",
        rows=True,
        columns=True,
    ),
    "move": FactorKind(
        "move",
        _PICTURE,
        "W′ after the step − W′ before it.",
        caption="move of W′",
        short="move",
        rows=True,
        columns=True,
    ),
    DIFFERENCE: FactorKind(
        "W′ − other W′",
        _PICTURE,
        "W′ here − W′ of the other branch, in the colours of ΔW.",
        short="W′ − W′",
        rows=True,
        columns=True,
    ),
    "gradient": FactorKind(
        "G", _PICTURE, caption="gradient G of the last step", rows=True, columns=True
    ),
}
LAYER_MATRICES = {"weight": "W", "delta": "ΔW", "updated": "W′"}
"""Matrices that every layer has -> their symbols."""
ADAPTER_SYMBOLS = {"down": "D", "up": "U"}
"""Parts of an adapter -> symbols of their W′."""
RANK_AXES = {
    "lora_B": 1,
    "lora_E": 0,
    "lora_A": 0,
    "vera_B": 1,
    "vera_d": 0,
    "vera_A": 0,
}
"""Factor -> the axis with one row or column for each direction k."""
EQUALS, MADE_FROM = "=", "←"
"""Signs before a product: it is ΔW up to its scaling, or ΔW follows from it."""
_PRODUCT_SIGNS = {
    ("lora_B", "lora_A"): ("×",),
    ("lora_B", "lora_E", "lora_A"): ("×", "×"),
    ("vera_b", "vera_B", "vera_d", "vera_A"): ("⊙", "×", "⊙"),
}
"""Signs between the factors of known products."""


def factor_kind(name: str) -> FactorKind:
    """Return the kind of a named matrix; an unknown one has its name for a title.

    Args: name: among `LayerFrame.factors`.
    """
    return FACTOR_KINDS.get(name) or FactorKind(name, FactorPlacement.PICTURE)


def matrix_symbol(layer: str, matrix: str) -> str:
    """Return the symbol of a matrix in the formulas, or a word for it.

    Args: layer: name of the layer.  matrix: weight, delta, updated or a factor's name.

    >>> matrix_symbol("layer2", "delta"), matrix_symbol("adapter1.down", "updated")
    ('ΔW', 'D')
    """
    part = layer.partition(".")[2]
    if matrix == "updated" and part in ADAPTER_SYMBOLS:
        return ADAPTER_SYMBOLS[part]
    return LAYER_MATRICES.get(matrix) or factor_kind(matrix).title


def factor_caption(name: str, beside: Sequence[str] = ()) -> str:
    """Return the caption of a factor's heatmap; empty for a factor of a product.

    Args: name: of the factor.  beside: names of all factors of the layer.

    >>> factor_caption("delta_b"), factor_caption("lora_B")
    ('Δb', '')
    >>> factor_caption("delta_b", ["prompt", "delta_b"])
    'Δb = W p'
    """
    known = factor_kind(name)
    if is_product_factor(name):
        return ""
    if name == "delta_b" and "prompt" in beside:
        return "Δb = W p"
    return known.caption or known.title


def short_factor_caption(name: str, beside: Sequence[str] = ()) -> str:
    """Return the caption of a factor's heatmap where that is small.

    Args: name: of the factor.  beside: names of all factors of the layer.

    >>> short_factor_caption("rounding_error"), short_factor_caption("codes")
    ('rounding', 'codes')
    """
    return factor_kind(name).short or factor_caption(name, beside)


def is_product_factor(name: str) -> bool:
    """Return whether ΔW is a product that contains the factor.

    Args: name: of the factor.
    """
    return factor_kind(name).placement is FactorPlacement.PRODUCT


def product_factors(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of the names that ΔW is the product of.

    Args: names: of a layer's factors, in order.
    """
    return tuple(name for name in names if is_product_factor(name))


def surrounds_updated(name: str) -> bool:
    """Return whether the factor stands beside W′.

    Args: name: of the factor.
    """
    return factor_kind(name).placement is FactorPlacement.ROUND


def product_signs(names: Sequence[str], first: str) -> tuple[str, ...]:
    """Return the sign before each factor of a product; inside an unknown one they are empty.

    Args: names: of the product's factors.  first: the sign before the first.

    >>> product_signs(("lora_B", "lora_A"), EQUALS)
    ('=', '×')
    """
    between = _PRODUCT_SIGNS.get(tuple(names), ("",) * (len(names) - 1))
    return (first, *between) if names else ()


def shared_sides(name: str, factor: Shape, layer: Shape) -> tuple[bool, bool]:
    """Return whether a factor shares the layer's rows, and whether it shares its columns.

    By name where it is known: shapes alone cannot tell B from A where the rank equals a side.
    Args: name: of the factor.  factor, layer: shapes of the factor and of W.
    """
    if name in LAYER_MATRICES:
        return True, True
    known = FACTOR_KINDS.get(name)
    if known is not None:
        return known.rows, known.columns
    if factor == layer:
        return True, True
    return (True, False) if factor[0] == layer[0] else (False, factor[1:] == layer[1:])


def full_shape(name: str, factor: Shape, drawn: Shape, layer: Shape) -> tuple[int, int]:
    """Return the (rows, columns) of a factor of which the frame contains only a part.

    Args: name: of the factor.  factor, drawn: shapes of the arrays of the factor and of W.  layer:
    shape of the layer itself.
    """
    rows, columns = shared_sides(name, factor, drawn)
    return layer[0] if rows else factor[0], layer[1] if columns else factor[1]
