"""Matrices that are drawn beside ΔW: their numbers, and a description of what these are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.protocol.identity import Plain

Array = NDArray[np.float32]
Values = TypeVar("Values")
"""An array in a message; a tensor within the engine."""
Side = Literal["out", "in", "rank", "one"]
"""What runs along a side: W's rows, its columns, a low-rank update's directions, or nothing."""


class MatrixInfo(Plain, kw_only=True, frozen=True):
    """Description of one kind of matrix: everything that is known of it beside its numbers."""

    name: str
    """lora_B: as in object names, lessons and `CellAddress`."""
    title: str
    """Its symbol in the formulas, B, or a word."""
    role: str
    """factor: ΔW is a product that contains it; scale: it scales rows of W; bias: change of the
    layer's bias; input shift: is added to the layer's input; statistic: of BatchNorm; activation:
    of a sample, drawn around W′; gradient: of the last step; step: of the step that is looked into;
    code, rounding error, truncation, difference; any other word of a strategy's own.
    """
    sides: tuple[Side, Side]
    """What runs along its rows, top to bottom, and along its columns: ("out", "rank") for B."""
    learns: bool = False
    """Whether its numbers are parameters."""
    constant: bool = False
    """Whether no step changes any of its numbers."""
    centre: float = 0.0
    """The number without effect, in the middle of the colour scale."""
    full_colour: float | None = None
    """Distance from `centre` that is drawn in full colour; None: it follows the numbers."""
    scale: str = ""
    """Name of the colour scale that it shares with others, `delta`; empty: it has its own."""
    sign: str = ""
    """Sign before it within a product."""
    symbol: str = ""
    """What one of its numbers is called; empty: as its title."""
    description: str = ""
    """A sentence for the tooltip."""
    caption: str = ""
    """Caption; empty: its title."""
    short: str = ""
    """Caption where space is short; empty: the same."""
    no_step: str = ""
    """Why no step moves its numbers by a gradient of their own, as a sentence; empty: one may."""
    in_place_of: str = ""
    """Name of the matrix in whose place it can be shown: weight, delta, updated, or a factor.

    Empty: it has a place of its own, beside them.
    """
    asked_for: bool = False
    """Whether it is there because somebody asked to see it, so that it is shown at once."""
    derived_as: str = ""
    """Name of the matrix whose derivation covers its cells; empty: its own does."""

    @property
    def shared(self) -> tuple[bool, bool]:
        """Whether its row i belongs to row i of W, and its column j to column j of W."""
        return self.sides[0] == "out", self.sides[1] == "in"

    @property
    def rank_axis(self) -> int | None:
        """The axis with one row or column for each direction; None: there is none."""
        return self.sides.index("rank") if "rank" in self.sides else None

    @property
    def is_vector(self) -> bool:
        """Whether it is a single row or column, at any rank."""
        return "one" in self.sides

    @property
    def makes_delta(self) -> bool:
        """Whether ΔW is computed from it."""
        return self.role == "factor" or (self.learns and self.role != "input shift")

    def full_shape(self, values: tuple[int, ...], layer: tuple[int, int]) -> tuple[int, int]:
        """Return the (rows, columns) of the matrix of which the frame may contain only a part.

        Args: values: shape of the array in the frame.  layer: shape of the layer itself.
        """
        rows, columns = self.shared
        return layer[0] if rows else values[0], layer[1] if columns else values[1]


class Matrix(Plain, Generic[Values], frozen=True):
    """One matrix; it unpacks as (name, values)."""

    info: MatrixInfo
    values: Values
    """(rows, columns), float32."""

    @property
    def name(self) -> str:
        """Name of its kind."""
        return self.info.name

    def __iter__(self) -> Iterator[Any]:
        """Yield name and values."""
        yield self.info.name
        yield self.values
