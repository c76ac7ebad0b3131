"""Placement, captions and symbols of the matrices of a layer."""

from __future__ import annotations

import enum

from engine.protocol.messages import LayerFrame, MatrixInfo


class FactorPlacement(enum.Enum):
    """Placement of a matrix in the row of its layer."""

    PRODUCT = "product"
    """One of the factors whose product is ΔW, with a sign before it."""
    SCALE = "scale"
    """A column between ΔW and "=", with the number by which each row of W is scaled."""
    ASIDE = "aside"
    """Right of W′: no term of the equation."""
    ROUND = "round"
    """A row above W′ with a number for each input, or a column at its right, one for each output.
    """
    SWITCH = "switch"
    """In the place of another matrix, when it is chosen there."""


LAYER_MATRICES = {"weight": "W", "delta": "ΔW", "updated": "W′"}
"""Matrices that every layer has -> their symbols."""
ADAPTER_SYMBOLS = {"down": "D", "up": "U"}
"""Parts of an adapter -> symbols of their W′."""
EQUALS, MADE_FROM = "=", "←"
"""Signs before a product: it is ΔW up to its scaling, or ΔW follows from it."""


def placement(info: MatrixInfo) -> FactorPlacement:
    """Return where a matrix stands. Args: info: its description."""
    if info.in_place_of:
        return FactorPlacement.SWITCH
    places = {
        "factor": FactorPlacement.PRODUCT,
        "activation": FactorPlacement.ROUND,
        "scale": FactorPlacement.SCALE,
    }
    return places.get(info.role, FactorPlacement.ASIDE)


def factor_caption(info: MatrixInfo) -> str:
    """Return the caption; empty for a factor of a product. Args: info: of the matrix."""
    return "" if placement(info) is FactorPlacement.PRODUCT else info.caption or info.title


def matrix_symbol(layer: str, matrix: str, info: MatrixInfo | None = None) -> str:
    """Return the symbol of a matrix in the formulas, or a word for it.

    Args: layer: name of the layer.  matrix: its name.  info: None: it is W, ΔW or W′.

    >>> matrix_symbol("layer2", "delta"), matrix_symbol("adapter1.down", "updated")
    ('ΔW', 'D')
    """
    part = layer.partition(".")[2]
    if matrix == "updated" and part in ADAPTER_SYMBOLS:
        return ADAPTER_SYMBOLS[part]
    return LAYER_MATRICES[matrix] if info is None else info.title


def matrix_shape(layer: LayerFrame, matrix: str) -> tuple[int, int]:
    """Return the (rows, columns) of a matrix of the layer itself; (0, 0) where it has none.

    The frame may contain only a part of it.
    Args: layer: as in the frame.  matrix: as in `CellAddress`.
    """
    if matrix in LAYER_MATRICES:
        return layer.shape
    factor = layer.factor(matrix)
    return (0, 0) if factor is None else factor.info.full_shape(factor.values.shape, layer.shape)
