"""What the named matrices beside ΔW are: their words, their place, what of them enters a cell."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

Shape = tuple[int, ...]
"""(rows, columns)."""
DIFFERENCE = "difference"
"""The name of W′ here − W′ of another branch."""


class FactorSide(enum.Enum):
    """How a named matrix stands beside ΔW."""

    PRODUCT = "product"
    """One of the factors that ΔW is multiplied from, with a sign before it."""
    VECTOR = "vector"
    """A column with one number for each output, as high as ΔW."""
    PICTURE = "picture"
    """A picture of its own, with a caption under it."""
    ROUND = "round"
    """Round W′: a row above it with a number for each input, or a column at its right with one for
    each output."""


@dataclass(frozen=True, slots=True)
class FactorKind:
    """One name of `LayerFrame.factors`."""

    title: str
    """As in the formulas, or a word; for screen readers and captions."""
    place: FactorSide
    means: str = ""
    """What it is, as a sentence."""
    caption: str = ""
    """Where the title alone would not do."""
    short: str = ""
    """A caption for a small picture."""
    rows: bool = False
    """Whether row i of it belongs to row i of the layer."""
    columns: bool = False
    """Whether column j of it belongs to column j of the layer."""
    line: bool = False
    """Whether it is always a single column or row."""


_PRODUCT, _PICTURE = FactorSide.PRODUCT, FactorSide.PICTURE


def _vector(title: str, means: str) -> FactorKind:
    return FactorKind(title, FactorSide.VECTOR, f"{title}: {means}.", rows=True, line=True)


KINDS = {
    "lora_B": FactorKind("B", _PRODUCT, rows=True),
    "lora_E": FactorKind("E", _PRODUCT, line=True),
    "lora_A": FactorKind("A", _PRODUCT, columns=True),
    "vera_b": FactorKind("b", _PRODUCT, rows=True, line=True),
    "vera_B": FactorKind("B", _PRODUCT, rows=True),
    "vera_d": FactorKind("d", _PRODUCT, line=True),
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
        line=True,
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
        FactorSide.ROUND,
        "x: what the layer is fed of the batch's first sample.",
        columns=True,
        line=True,
    ),
    "outputs": FactorKind(
        "z", FactorSide.ROUND, "z = W′ x: what the layer makes of it.", rows=True, line=True
    ),
    "delta_out": FactorKind(
        "δ",
        FactorSide.ROUND,
        "δ = ∂ℓ/∂z: how that sample's loss would change with each z.",
        rows=True,
        line=True,
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
LAYERS_OWN = {"weight": "W", "delta": "ΔW", "updated": "W′"}
"""The matrices that every layer has -> as in the formulas."""
ADAPTERS = {"down": "D", "up": "U"}
"""Parts of an adapter -> their W′, as in the formulas."""
DIRECTIONS = {
    "lora_B": 1,
    "lora_E": 0,
    "lora_A": 0,
    "vera_B": 1,
    "vera_d": 0,
    "vera_A": 0,
}
"""Factor -> the axis along which it has one row or column for each direction k."""
EQUALS, MADE_FROM = "=", "←"
"""Before a product that is ΔW up to its scaling, and before one from which ΔW follows."""
_SIGNS = {
    ("lora_B", "lora_A"): ("×",),
    ("lora_B", "lora_E", "lora_A"): ("×", "×"),
    ("vera_b", "vera_B", "vera_d", "vera_A"): ("⊙", "×", "⊙"),
}
"""Between the factors of the products that are known."""


def kind(name: str) -> FactorKind:
    """What the matrix of that name is; one that is not known has its name for a caption."""
    return KINDS.get(name) or FactorKind(name, FactorSide.PICTURE)


def symbol(layer: str, matrix: str) -> str:
    """What a matrix of a layer is called in the formulas, or in a word.

    >>> symbol("layer2", "delta"), symbol("layer2", "lora_B"), symbol("adapter1.down", "updated")
    ('ΔW', 'B', 'D')
    """
    part = layer.partition(".")[2]
    if matrix == "updated" and part in ADAPTERS:
        return ADAPTERS[part]
    return LAYERS_OWN.get(matrix) or kind(matrix).title


def caption(name: str, beside: Sequence[str] = ()) -> str:
    """The words at the picture; empty for a factor of a product. Args: beside: all names there.

    >>> caption("delta_b"), caption("delta_b", ["prompt", "delta_b"]), caption("lora_B")
    ('Δb', 'Δb = W p', '')
    """
    found = kind(name)
    if is_factor(name):
        return ""
    if name == "delta_b" and "prompt" in beside:
        return "Δb = W p"
    return found.caption or found.title


def short_caption(name: str, beside: Sequence[str] = ()) -> str:
    """The same where the picture is small.

    >>> short_caption("rounding_error"), short_caption("codes")
    ('rounding', 'codes')
    """
    return kind(name).short or caption(name, beside)


def is_factor(name: str) -> bool:
    """Whether ΔW is multiplied from it."""
    return kind(name).place is FactorSide.PRODUCT


def product(names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that ΔW is multiplied from."""
    return tuple(name for name in names if is_factor(name))


def is_round(name: str) -> bool:
    """Whether it stands round W′."""
    return kind(name).place is FactorSide.ROUND


def signs(names: Sequence[str], first: str) -> tuple[str, ...]:
    """The sign before each factor of a product; none inside one that is not known.

    >>> signs(("lora_B", "lora_A"), EQUALS)
    ('=', '×')
    """
    between = _SIGNS.get(tuple(names), ("",) * (len(names) - 1))
    return (first, *between) if names else ()


def band(name: str, factor: Shape, layer: Shape) -> tuple[bool, bool]:
    """Whether a factor has the layer's rows, and whether it has its columns.

    By name where it is known: shapes alone cannot tell B from A where the rank equals a side.
    """
    if name in LAYERS_OWN:
        return True, True
    found = KINDS.get(name)
    if found is not None:
        return found.rows, found.columns
    if factor == layer:
        return True, True
    return (True, False) if factor[0] == layer[0] else (False, factor[1:] == layer[1:])


def whole_shape(name: str, factor: Shape, drawn: Shape, layer: Shape) -> tuple[int, int]:
    """(rows, columns) of the factor itself, where it is depicted in part as its layer is.

    Args: factor, drawn: shapes of the arrays of the factor and of W.  layer: of the layer itself.
    """
    rows, columns = band(name, factor, drawn)
    return layer[0] if rows else factor[0], layer[1] if columns else factor[1]
