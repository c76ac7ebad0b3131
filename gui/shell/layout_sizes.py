"""How the room below the stage is shared between a step's moments and the pages; without Qt."""

from __future__ import annotations

from dataclasses import dataclass

from gui.theme import SPACE

TABS_HEIGHTS = (138, 342)
"""Of the pages below the stage with their names, in the lowest and in a very high window."""
TABS_GROWTH = 0.41
"""Pixels for them of each pixel that the window is higher than `LOW_WINDOW`."""
LOW_WINDOW = 720
STRIP_HEIGHT = 112
"""Of the moments of a step, where the pages below the stage keep at least the next number."""
LEAST_TABS = 120


@dataclass(frozen=True, slots=True)
class PaneHeights:
    """Pixels of what stands below the stage."""

    strip: int
    """Of the moments of a step, while one is looked into."""
    tabs: int
    """Of the pages."""
    tabs_beside_strip: bool
    """Whether there is room for the pages while a step is looked into."""


def share(window: int, text_scale: float, *, looking: bool) -> PaneHeights:
    """While a step is looked into, its moments take the pages' room, so the stage keeps its."""
    low, high = TABS_HEIGHTS
    room = min(max(low + round((window - LOW_WINDOW) * TABS_GROWTH), low), high)
    strip = round(STRIP_HEIGHT * max(1.0, text_scale))
    left = room - strip - SPACE // 2 if looking else room
    if left >= LEAST_TABS:
        return PaneHeights(strip, left, True)
    return PaneHeights(max(strip, room), room, False)


def share_before_a_room(page: int, text_scale: float) -> PaneHeights:
    """The same where a page is seen only when it is spoken of. Args: page: pixels for it."""
    return PaneHeights(round(STRIP_HEIGHT * max(1.0, text_scale)), page, False)
