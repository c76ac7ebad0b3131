"""The axis that maps steps to pixels, the same for the slider and for the lanes below it."""

from __future__ import annotations

from dataclasses import dataclass

MARGIN_PIXELS = 9
"""Pixels left of the first and right of the last step, for the handle."""


@dataclass(frozen=True, slots=True)
class StepAxis:
    """All steps of a run from left to right."""

    first: int = 0
    last: int = 0
    width: int = 0
    """Width of the widget, in pixels."""

    def x(self, step: float) -> int:
        """Return the x of a step, in pixels."""
        share = (step - self.first) / max(self.last - self.first, 1)
        return MARGIN_PIXELS + round(share * max(self.width - 2 * MARGIN_PIXELS, 1))

    def step_at(self, x: float) -> int:
        """Return the step at x, clamped to the axis."""
        share = min(max((x - MARGIN_PIXELS) / max(self.width - 2 * MARGIN_PIXELS, 1), 0.0), 1.0)
        return self.first + round(share * (self.last - self.first))
