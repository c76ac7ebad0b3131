"""Projector sizes: text and overlays in presenter mode, for a window of any size."""

from __future__ import annotations

import math

from gui.theme import LESSON_SCALE, TEXT_POINTS, ProjectorScheme

MIN_WINDOW = (1280, 720)
"""(width, height) in pixels that is legible from the last row; larger windows enlarge it."""
TEXT_PIXELS, LESSON_PIXELS = 18.0, 24.4
"""Heights of ordinary text and of a lesson's in `MIN_WINDOW`: the smallest labels on the stage,
0.85 of that, are 15 pixels high."""
CROWDED_TEXT_PIXELS = 14.7
"""Height of ordinary text where a page in the stage's place holds more than the stage does."""
PANEL_SHARE, CROWDED_PANEL_SHARE = 0.365, 0.3
"""Fractions of the width for the lesson: beside the stage, and beside such a page."""
MAX_SCALE_WITH_CONTROLS = 1.6
"""Largest text scale while the controls are shown: their buttons do not grow with it."""
PAGE_SHARE, MIN_PAGE_SHARE = 0.38, 0.22
"""Fractions of the height for a page below the stage: at most, and in any case."""
OVERLAY_SCALE = 3
"""Line width of overlays in `MIN_WINDOW`; it grows more slowly than the window, as cells do."""
POINTS_PER_INCH = 72


def enlargement(width: int, height: int) -> float:
    """Return how many times as large as `MIN_WINDOW` a window of this size in pixels is, ≥ 1."""
    return max(1.0, min(width / MIN_WINDOW[0], height / MIN_WINDOW[1]))


def projector_scheme(
    width: int, height: int, dots_per_inch: float, zoom: float, *, crowded: bool
) -> ProjectorScheme:
    """Return the sizes while lesson and stage are all that is shown.

    Args: width, height: of the window, in pixels.  dots_per_inch: of a logical pixel, as fonts are
    measured.  zoom: the lecturer's factor.  crowded: whether the page holds more than the stage.
    """
    ordinary_pixels = TEXT_POINTS * dots_per_inch / POINTS_PER_INCH
    factor = enlargement(width, height) * zoom / ordinary_pixels
    text = CROWDED_TEXT_PIXELS if crowded else TEXT_PIXELS
    overlay_scale = _overlay_scale(width, height)
    return ProjectorScheme(round(text * factor, 3), LESSON_PIXELS / text, overlay_scale, True)


def scheme_with_controls(width: int, height: int, chosen_scale: float) -> ProjectorScheme:
    """Return the sizes while the controls are shown: as large as the window has space for.

    Args: width, height: of the window, in pixels.  chosen_scale: the user's own text scale.
    """
    scale = max(chosen_scale, min(enlargement(width, height), MAX_SCALE_WITH_CONTROLS))
    return ProjectorScheme(round(scale, 3), LESSON_SCALE, _overlay_scale(width, height), False)


def _overlay_scale(width: int, height: int) -> int:
    return round(OVERLAY_SCALE * math.sqrt(enlargement(width, height)))
