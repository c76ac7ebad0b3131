"""Where everything on the way stands: whole pixels, for a size and a number of stations."""

from __future__ import annotations

from dataclasses import dataclass

from gui.stage.heatmap import INSET
from gui.theme import SPACE

LEAST_COLUMN, MOST_COLUMN = 136, 420
"""Width of each network."""
LEAST_STRIP, MOST_STRIP = 26, 96
"""Height of a station's numbers."""
LEAST_ARROW, MOST_ARROW = 30, 96
"""Height of the way from one to the next."""
STRIP_SHARE = 0.46
"""Of the height from one station to the next."""
MOST_STRIP_WIDTH = 300
LEAST_THUMB = 24
SIGN_ROOM = 2 * SPACE
AROUND = 2 * SIGN_ROOM + 4 * SPACE + 6 * INSET
"""Of what stands between the networks, beside the matrices."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes in logical pixels."""

    width: int
    column: int
    """Of each network; the equations have what is between them."""
    strip: int
    arrow: int
    thumb: int
    """Side of a matrix between the networks."""

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


def make_plan(width: int, height: int, ways: int, *, line: int, needs: int, side: int) -> Plan:
    """The plan that fills the room; where it is too small, the least one, to be scrolled.

    Args: ways: from one station to the next, the last one included.  line: height of a caption.
    needs: least width of the equations.  side: cells of the largest matrix along its longer side.
    """
    least_arrow = max(LEAST_ARROW, line + SPACE)
    # The last way has no station below it, as the first station has no way above.
    pitch = max((height - SPACE) // max(ways, 1), LEAST_STRIP + least_arrow)
    strip = min(max(round(pitch * STRIP_SHARE), LEAST_STRIP), MOST_STRIP)
    arrow = min(max(pitch - strip, least_arrow), MOST_ARROW)
    high = strip + arrow - line - SPACE
    wide = (width - 2 * LEAST_COLUMN - AROUND) // 3
    thumb = max(min(high, wide), LEAST_THUMB)
    if thumb >= side:  # cells are of whole pixels
        thumb = thumb // side * side
    middle = max(3 * thumb + AROUND, needs)
    column = min(max((width - middle) // 2, LEAST_COLUMN), MOST_COLUMN)
    return Plan(max(width, 2 * column + middle), column, strip, arrow, thumb)
