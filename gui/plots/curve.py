"""One curve of a plot."""

from __future__ import annotations

from dataclasses import dataclass

from gui.state.curve_buffer import Points


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve over steps, with its colours and label."""

    name: str
    label: str
    """Text at its right end; empty: none."""
    colour: str
    """Colour of the line, #rrggbb."""
    steps: Points
    """(n,) ascending."""
    values: Points
    """(n,) finite."""
    dashed: bool = False
    label_colour: str = ""
    """Colour of the label; empty: that of the line."""
    faint: bool = False
    """Drawn thin and pale behind the others: a previous run, or with a label another branch."""
