"""Description of a plot over steps, and the round numbers of its axes. Without Qt."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from gui.state.curve_buffer import Points
from gui.text.numbers import short_number

MIN_LAST_STEP = 10.0
"""The step at the right end at least: a shorter run does not fill the width yet."""
NICE_MULTIPLES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Multiples of a power of ten at which an axis may end."""
ZERO_SHARE = 0.3
"""An axis begins at 0 where the least value is at most this share of the largest."""
MAX_INTERVALS = 6.0
"""Ticks that the ends of an axis are rounded to, in what is drawn."""
TICK_MULTIPLES = (1.0, 2.0, 5.0, 10.0)
"""Multiples of a power of ten that may lie between two ticks."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve over steps. Colours are names of a theme colour, or #rrggbb."""

    name: str
    label: str
    """Text at its right end; empty: none."""
    colour: str
    steps: Points
    """(n,) ascending."""
    values: Points
    """(n,); the curve has gaps where they are not finite."""
    dashed: bool = False
    dotted: bool = False
    label_colour: str = ""
    """Colour of the label; empty: that of the line."""
    faint: bool = False
    """Drawn thin and pale behind the others: a previous run, or with a label another branch."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line with a text beside it."""

    step: float
    text: str
    colour: str = "muted"
    """Name of a theme colour."""
    dotted: bool = True


@dataclass(frozen=True, slots=True)
class PlotSpec:
    """A plot of curves over steps, between a bottom and a top value."""

    curves: tuple[Curve, ...] = ()
    marks: tuple[Mark, ...] = ()
    top: float = 1.0
    """The value at the upper edge, > 0."""
    bottom: float = 0.0
    """The value at the lower edge, ≥ 0; of a logarithmic axis unused."""
    value_text: Callable[[float], str] = short_number
    """Formats the values of the axis, and those under the pointer."""
    title: str = ""
    """Text above the plot; empty: none."""
    note: str = ""
    """Text in the middle about values that do not fit; empty: they fit."""
    axis_name: str = "step"
    """What the numbers below count; empty: it is not said."""
    label_marks: bool = False
    """Whether the marks carry their texts."""
    min_last_step: float = MIN_LAST_STEP
    """The step at the right end, at least."""
    shown_step: int | None = None
    """The step that is shown, where the curves go on beyond it."""
    named: tuple[Curve, ...] = ()
    """Curves whose values are told under the pointer beside those that have a label."""

    @property
    def last_step(self) -> float:
        """The step at the right end."""
        ends = (float(curve.steps[-1]) for curve in self.curves if len(curve.steps))
        return max([*ends, self.min_last_step])

    @property
    def is_empty(self) -> bool:
        """Whether there is no line to draw yet."""
        return not any(len(curve.steps) > 1 for curve in self.curves)


def nice_top(value: float) -> float:
    """Return a round number at or above a value, for the top of an axis.

    Args: value: the largest that is drawn; 1.0 is returned where it is not finite or ≤ 0.

    >>> nice_top(2.31), nice_top(0.042), nice_top(0.0)
    (2.5, 0.05, 1.0)
    """
    if not math.isfinite(value) or value <= 0:
        return 1.0
    return _round_up(value, (*NICE_MULTIPLES, 20.0))


def nice_ends(low: float, high: float, least: float = 0.0) -> tuple[float, float]:
    """Return round ends of an axis round what is drawn; from 0 where that costs little height.

    Args: low, high: of what is drawn, ≥ 0; 1.0 is the top where they are not finite or 0.
    least: distance of the ends, at least.

    >>> nice_ends(0.82, 0.85, 0.1), nice_ends(0.38, 0.88), nice_ends(0.1, 2.31)
    ((0.78, 0.9), (0.3, 0.9), (0.0, 2.5))
    """
    if not math.isfinite(high) or high <= 0 or not low > ZERO_SHARE * high:
        return 0.0, nice_top(high)
    middle, half = (low + high) / 2, max(high - low, least, 0.01 * high) / 2
    distance = tick_distance(2 * half, MAX_INTERVALS)
    bottom = max(math.floor((middle - half) / distance + 1e-9), 0) * distance
    top = math.ceil((middle + half) / distance - 1e-9) * distance
    return float(f"{bottom:.6g}"), float(f"{top:.6g}")


def tick_distance(span: float, count: float) -> float:
    """Return a round distance of ticks, so that there are about that many intervals or fewer.

    Args: span: of the axis, > 0.  count: intervals that there is room for; 1 at least is used.

    >>> tick_distance(1.0, 3.5), tick_distance(1200.0, 5.0), tick_distance(1.0, 0.4)
    (0.5, 500.0, 1.0)
    """
    return _round_up(span / max(count, 1.0), (*TICK_MULTIPLES, 20.0))


def _round_up(value: float, multiples: tuple[float, ...]) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    factor = next(nice for nice in multiples if value <= nice * power * (1 + 1e-9))
    return float(f"{factor * power:.3g}")
