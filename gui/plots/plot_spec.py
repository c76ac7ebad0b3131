"""Description of a plot over steps: its curves, marks, axes and texts. Without Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.state.curve_buffer import Points
from gui.text.numbers import short_number

MIN_LAST_STEP = 10.0
"""The step at the right end at least: a shorter run does not fill the width yet."""


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
    """A plot of curves over steps, between 0 and a top value."""

    curves: tuple[Curve, ...] = ()
    marks: tuple[Mark, ...] = ()
    top: float = 1.0
    """The value at the upper edge, > 0."""
    value_text: Callable[[float], str] = short_number
    """Formats the values of the axis, and those under the pointer."""
    title: str = ""
    """Text above the plot; empty: none."""
    note: str = ""
    """Text in the middle about values that do not fit; empty: they fit."""
    caption: str = ""
    """Text at the bottom right that names the faint curves; empty: there are none."""
    label_marks: bool = False
    """Whether the marks carry their texts."""
    min_last_step: float = MIN_LAST_STEP
    """The step at the right end, at least."""
    shown_step: int | None = None
    """The step that is shown, where the curves go on beyond it."""

    @property
    def last_step(self) -> float:
        """The step at the right end."""
        ends = (float(curve.steps[-1]) for curve in self.curves if len(curve.steps))
        return max([*ends, self.min_last_step])

    @property
    def is_empty(self) -> bool:
        """Whether there is no line to draw yet."""
        return not any(len(curve.steps) > 1 for curve in self.curves)
