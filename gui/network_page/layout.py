"""Layout of the network page in whole pixels, for a size and a number of stations."""

from __future__ import annotations

from dataclasses import dataclass

from gui.matrices.heatmap import INSET
from gui.theme import SPACE

MIN_COLUMN, MAX_COLUMN = 92, 440
"""Width of each network."""
PREFERRED_COLUMN = 132
"""Width of each network below which the matrices between them shrink first."""
MIN_STRIP, MAX_STRIP = 26, 128
"""Height of a station's activations."""
MIN_ARROW, MAX_ARROW = 30, 192
"""Height between two stations."""
STRIP_SHARE = 0.46
"""Share of the activations in the height from one station to the next."""
MAX_STRIP_WIDTH = 404
MAX_LINE_LENGTH = 80
"""Longest line between a network and its equation; further width stays empty at the sides."""
MIN_THUMB = 24
SIGN_WIDTH = 2 * SPACE
EQUATION_MARGINS = 2 * SIGN_WIDTH + 4 * SPACE + 6 * INSET
"""Width of signs and gaps between the matrices."""
MIN_WIDTH = 2 * MIN_COLUMN + 3 * MIN_THUMB + EQUATION_MARGINS
"""Width of the smallest layout."""


@dataclass(frozen=True, slots=True)
class NetworkLayout:
    """Layout of the networks, in logical pixels."""

    width: int
    column: int
    """Width of each network; the equations are between them."""
    strip: int
    arrow: int
    thumb: int
    """Side of a matrix between the networks."""
    brief: bool
    """True: captions are short."""

    @property
    def middle(self) -> int:
        """Width of the equations."""
        return self.width - 2 * self.column

    @property
    def left_axis(self) -> int:
        """Middle of the network before."""
        return self.column // 2

    @property
    def right_axis(self) -> int:
        """Middle of the network now."""
        return self.width - self.column // 2

    @property
    def strip_width(self) -> int:
        """Largest width of a station's activations."""
        return min(self.column - 2 * SPACE, MAX_STRIP_WIDTH)


def make_layout(
    width: int, height: int, transitions: int, *, line: int, caption_width: int, side: int
) -> NetworkLayout:
    """Return the layout that fills a size; where that is too small, the smallest layout.

    Args: width, height: available pixels.  transitions: number of steps from one station to the
    next, the last one included.  line: height of a caption.  caption_width: preferred width of an
    equation's captions.  side: cells of the largest matrix along its longer side.
    """
    min_arrow = max(MIN_ARROW, line + SPACE)
    # The last transition has no station below it, the first station no transition above it.
    pitch = max((height - SPACE) // max(transitions, 1), MIN_STRIP + min_arrow)
    strip = min(max(round(pitch * STRIP_SHARE), MIN_STRIP), MAX_STRIP)
    arrow = min(max(pitch - strip, min_arrow), MAX_ARROW)
    max_height = strip + arrow - line - SPACE
    max_width = (width - 2 * PREFERRED_COLUMN - EQUATION_MARGINS) // 3
    if max_width < side <= (width - 2 * MIN_COLUMN - EQUATION_MARGINS) // 3:
        max_width = side  # narrow columns rather than a downsampled W
    thumb = max(min(max_height, max_width), MIN_THUMB)
    if thumb >= side:  # cells have whole pixels
        thumb = thumb // side * side
    middle = 3 * thumb + EQUATION_MARGINS
    if width - caption_width >= 2 * MIN_COLUMN:
        middle = max(middle, caption_width)
    width = min(width, 2 * MAX_COLUMN + middle + 2 * MAX_LINE_LENGTH)
    column = min(max((width - middle) // 2, MIN_COLUMN), MAX_COLUMN)
    width = max(width, 2 * column + middle)
    brief = width - 2 * column < caption_width
    return NetworkLayout(width, column, strip, arrow, thumb, brief)
