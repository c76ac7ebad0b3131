"""Where a step lies: the same for the track and for the lanes below it."""

from __future__ import annotations

from dataclasses import dataclass

END = 9
"""Left and right of the first and the last step, for the handle."""


@dataclass(frozen=True, slots=True)
class StepAxis:
    """All steps of a run from left to right."""

    first: int = 0
    last: int = 0
    width: int = 0
    """Of the widget, in pixels."""

    def x(self, step: float) -> int:
        """The pixel of a step."""
        share = (step - self.first) / max(self.last - self.first, 1)
        return END + round(share * max(self.width - 2 * END, 1))

    def step_at(self, x: float) -> int:
        """The step at a pixel, kept within the scale."""
        share = min(max((x - END) / max(self.width - 2 * END, 1), 0.0), 1.0)
        return self.first + round(share * (self.last - self.first))
