"""Where everything on the way stands: whole pixels, for a size and a number of stations."""

from __future__ import annotations

from dataclasses import dataclass

from gui.matrices.heatmap import INSET
from gui.theme import SPACE

LEAST_COLUMN, MOST_COLUMN = 92, 440
"""Width of each network."""
CALM_COLUMN = 132
"""Rather than narrower ones, smaller matrices between them."""
LEAST_STRIP, MOST_STRIP = 26, 96
"""Height of a station's numbers."""
LEAST_ARROW, MOST_ARROW = 30, 96
"""Height of the way from one to the next."""
STRIP_SHARE = 0.46
"""Of the height from one station to the next."""
MOST_STRIP_WIDTH = 404
MOST_LINE = 80
"""Between a network and its equation: where there is more room, it stays empty at the sides."""
LEAST_THUMB = 24
SIGN_ROOM = 2 * SPACE
AROUND = 2 * SIGN_ROOM + 4 * SPACE + 6 * INSET
"""Of what stands between the networks, beside the matrices."""


@dataclass(frozen=True, slots=True)
class NetworkLayout:
    """Sizes in logical pixels."""

    width: int
    column: int
    """Of each network; the equations have what is between them."""
    strip: int
    arrow: int
    thumb: int
    """Side of a matrix between the networks."""
    brief: bool
    """Whether captions are short."""

    @property
    def pitch(self) -> int:
        """From the top of one station to that of the next."""
        return self.strip + self.arrow

    @property
    def middle(self) -> int:
        """Width of the equations."""
        return self.width - 2 * self.column

    @property
    def left_axis(self) -> int:
        """Where the network before flows down."""
        return self.column // 2

    @property
    def right_axis(self) -> int:
        """Where the network now flows down."""
        return self.width - self.column // 2

    @property
    def strip_width(self) -> int:
        """Room for a station's numbers."""
        return min(self.column - 2 * SPACE, MOST_STRIP_WIDTH)


def make_plan(
    width: int, height: int, ways: int, *, line: int, needs: int, side: int
) -> NetworkLayout:
    """The plan that fills the room; where it is too small, the least one, to be scrolled.

    Args: ways: from one station to the next, the last one included.  line: height of a caption.
    needs: width of the equations' words, if there is room.  side: cells of the largest matrix
    along its longer side.
    """
    least_arrow = max(LEAST_ARROW, line + SPACE)
    # The last way has no station below it, as the first station has no way above.
    pitch = max((height - SPACE) // max(ways, 1), LEAST_STRIP + least_arrow)
    strip = min(max(round(pitch * STRIP_SHARE), LEAST_STRIP), MOST_STRIP)
    arrow = min(max(pitch - strip, least_arrow), MOST_ARROW)
    high = strip + arrow - line - SPACE
    wide = (width - 2 * CALM_COLUMN - AROUND) // 3
    if wide < side <= (width - 2 * LEAST_COLUMN - AROUND) // 3:
        wide = side  # rather than a reduced picture of W, columns that are narrow
    thumb = max(min(high, wide), LEAST_THUMB)
    if thumb >= side:  # cells are of whole pixels
        thumb = thumb // side * side
    middle = 3 * thumb + AROUND
    if width - needs >= 2 * LEAST_COLUMN:
        middle = max(middle, needs)
    width = min(width, 2 * MOST_COLUMN + middle + 2 * MOST_LINE)
    column = min(max((width - middle) // 2, LEAST_COLUMN), MOST_COLUMN)
    width = max(width, 2 * column + middle)
    return NetworkLayout(width, column, strip, arrow, thumb, brief=width - 2 * column < needs)
