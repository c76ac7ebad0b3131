"""How large things are on a projector: for a window of any size, in pixels. Nothing here draws."""

from __future__ import annotations

import math

from gui.theme import LESSON_SCALE, TEXT_POINTS, ProjectorScheme

LEAST_WINDOW = (1280, 720)
"""What has to be legible from the last row; larger windows show the same larger."""
TEXT, LESSON = 18.0, 24.4
"""Heights of the ordinary text and of a lesson's: of the smallest labels on the stage, 0.85 of the
text, 15 pixels are left."""
CROWDED_TEXT = 14.7
"""The same of a page in the stage's place that holds more than the stage does."""
PANEL_SHARE, CROWDED_PANEL_SHARE = 0.365, 0.3
"""Of the width, for the lesson: beside the stage, and beside such a page."""
MOST_WITH_CONTROLS = 1.6
"""Of the ordinary text size: the controls' buttons do not grow with it."""
PAGE_SHARE, LEAST_PAGE_SHARE = 0.38, 0.22
"""Of the height, for a page below the stage: if the stage does not need it, and in any case."""
MARK = 3
"""Weight of the marks on a matrix; it grows more slowly than the window, as cells do."""
POINTS_PER_INCH = 72


def enlargement(width: int, height: int) -> float:
    """How many times as large as in `LEAST_WINDOW`; never smaller."""
    return max(1.0, min(width / LEAST_WINDOW[0], height / LEAST_WINDOW[1]))


def projection(
    width: int, height: int, dots_per_inch: float, zoom: float, *, crowded: bool
) -> ProjectorScheme:
    """The sizes in a window of that size.

    Args: dots_per_inch: of a logical pixel, as fonts are measured.  zoom: what the lecturer adds.
    crowded: whether a page in the stage's place holds more than the stage does.
    """
    ordinary = TEXT_POINTS * dots_per_inch / POINTS_PER_INCH
    times = enlargement(width, height) * zoom / ordinary
    text = CROWDED_TEXT if crowded else TEXT
    return ProjectorScheme(round(text * times, 3), LESSON / text, _mark(width, height), True)


def with_controls(width: int, height: int, chosen: float) -> ProjectorScheme:
    """The same while the controls are back: as much larger as the window leaves room for.

    Args: chosen: the user's own text size.
    """
    text = max(chosen, min(enlargement(width, height), MOST_WITH_CONTROLS))
    return ProjectorScheme(round(text, 3), LESSON_SCALE, _mark(width, height), False)


def _mark(width: int, height: int) -> int:
    return round(MARK * math.sqrt(enlargement(width, height)))
