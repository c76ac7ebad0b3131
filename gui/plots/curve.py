"""What a plot is told to draw."""

from __future__ import annotations

from dataclasses import dataclass

from gui.state.curve_buffer import Points


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot."""

    name: str
    label: str
    """What stands at its end; empty: nothing."""
    colour: str
    """As #rrggbb."""
    steps: Points
    """(n,) rising."""
    values: Points
    """(n,) finite."""
    dashed: bool = False
    label_colour: str = ""
    """Of the label; empty: as the line."""
    ghost: bool = False
    """Of the run before: thin and faint, behind the others."""
