"""Columns: left column, centre and right column, with dividers that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from gui.shell.splitter import Splitter
from gui.state.preferences import Preferences
from gui.theme import appearance

MAX_SHARE = 0.45
"""Largest share of the width for either side, also where more was dragged in a wider window."""
WRAPPED_SHARE = 0.94
"""Share of its width that the left column keeps before the right one scrolls."""
RIGHT_WIDTH, MAX_RIGHT_WIDTH = 262, 420
"""Pixels of the right column at the ordinary text size, in a narrow and in a very wide window."""
RIGHT_GROWTH, NARROW_WINDOW_WIDTH = 0.15, 1280
"""Pixels for it per pixel that the window is wider than so many pixels."""


def natural_width(window_width: int, least: int, most: int, growth: float) -> int:
    """Return the width of a column in a window of this width, in pixels.

    Args: least, most: at the ordinary text size, in a narrow and in a very wide window.  growth:
    pixels per pixel that the window is wider than a narrow one.
    """
    wide = least + round((window_width - NARROW_WINDOW_WIDTH) * growth)
    return round(min(max(wide, least), most) * appearance.layout_scale)


class Columns(Splitter):
    """Lays the three out; a width that somebody drags is remembered."""

    def __init__(
        self, left: QWidget, centre: QWidget, right: QWidget, preferences: Preferences
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._left, self._centre, self._right = left, centre, right
        self._preferences = preferences
        for index, part in enumerate((left, centre, right)):
            self.addWidget(part)
            self.setStretchFactor(index, int(part is centre))
            self.setCollapsible(index, part is right)
        self.splitterMoved.connect(self._on_self_splitter_moved)

    def fit(self, left: int, *, fixed: bool = False) -> None:
        """Share the width.

        Args: left: natural width of the left column, in pixels.  fixed: whether it has exactly
        that, whatever was dragged.
        """
        most = round(MAX_SHARE * self.width())
        right = natural_width(self.width(), RIGHT_WIDTH, MAX_RIGHT_WIDTH, RIGHT_GROWTH)
        if not fixed:
            left = min(self._preferences.left_width or left, most)
        chosen = self._preferences.right_width
        right = min(right if chosen is None else chosen, most)
        left = 0 if self._left.isHidden() else left
        right = 0 if self._right.isHidden() else right
        handles = sum(part.isVisibleTo(self) for part in (self._left, self._right))
        room = self.width() - handles * self.handleWidth()
        if not fixed:
            least = self._centre.minimumSizeHint().width()
            left, right = self._squeezed(left, right, room - least)
        self.setSizes([left, max(room - left - right, 1), right])

    def _squeezed(self, left: int, right: int, room: int) -> tuple[int, int]:
        """Return the widths of both sides where they share less room than they want.

        The left one wraps its text a little earlier; then the right one scrolls; then both.
        """
        left = max(min(left, room - right), round(WRAPPED_SHARE * left))
        right = min(right, max(room - left, self._right.minimumSizeHint().width()))
        least = self._left.minimumSizeHint().width() if left else 0
        return max(min(left, room - right), least), right

    @Slot()
    def toggle_right(self) -> None:
        """Fold the right column away, or bring it back."""
        if self._right.isHidden():
            return
        left, centre, right = self.sizes()
        natural = natural_width(self.width(), RIGHT_WIDTH, MAX_RIGHT_WIDTH, RIGHT_GROWTH)
        width = self._preferences.right_width = 0 if right else natural
        self.setSizes([left, max(centre + right - width, 1), width])

    @Slot(int, int)
    def _on_self_splitter_moved(self, _position: int, handle: int) -> None:
        left, _, right = self.sizes()
        if handle == 1:
            self._preferences.left_width = left
        else:
            self._preferences.right_width = right
