"""Layout sizes: the heights of the panes below the stage."""

from __future__ import annotations

from dataclasses import dataclass

from gui.theme import SPACE

MIN_TABS_HEIGHT, MAX_TABS_HEIGHT = 138, 342
"""Pixels for the pages below the stage with their tab bar, in a low and in a very high window."""
TABS_GROWTH = 0.41
"""Pixels for them per pixel that the window is higher than `LOW_WINDOW_HEIGHT`."""
LOW_WINDOW_HEIGHT = 720
"""Pixels."""
STRIP_HEIGHT = 112
"""Pixels for the phases of a step, while the pages keep at least `MIN_TABS_BESIDE_STRIP`."""
MIN_TABS_BESIDE_STRIP = 120
"""Pixels."""


@dataclass(frozen=True, slots=True)
class PaneHeights:
    """Heights of the panes below the stage, in pixels."""

    strip: int
    """For the phases of a step, while one is traced."""
    tabs: int
    """For the pages."""
    tabs_beside_strip: bool
    """Whether there is room for the pages while a step is traced."""


def pane_heights(window_height: int, text_scale: float, *, tracing: bool) -> PaneHeights:
    """Return the heights in an ordinary window. Args: tracing: a step, instead of the pages."""
    growth = round((window_height - LOW_WINDOW_HEIGHT) * TABS_GROWTH)
    height = min(max(MIN_TABS_HEIGHT + growth, MIN_TABS_HEIGHT), MAX_TABS_HEIGHT)
    strip = _strip_height(text_scale)
    tabs = height - strip - SPACE // 2 if tracing else height
    if tabs >= MIN_TABS_BESIDE_STRIP:
        return PaneHeights(strip, tabs, True)
    return PaneHeights(max(strip, height), height, False)


def projector_pane_heights(tabs: int, text_scale: float) -> PaneHeights:
    """Return the heights in presenter mode. Args: tabs: of the page that a card names."""
    return PaneHeights(_strip_height(text_scale), tabs, False)


def _strip_height(text_scale: float) -> int:
    return round(STRIP_HEIGHT * max(1.0, text_scale))
