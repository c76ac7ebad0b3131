"""Left column: the lesson panel, and the card of the sample."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.lessons.controller import LessonController
from gui.lessons.library import LessonLibrary
from gui.lessons.panel import LessonPanel
from gui.sample.card import SampleCard
from gui.session import Session
from gui.shell.columns import natural_width
from gui.shell.page_stack import NETWORK
from gui.theme import SPACE, appearance
from gui.widgets.box import vbox

WIDTH = 224
"""Pixels at the ordinary text size, while no lesson is open."""
MIN_LESSON_WIDTH, MAX_LESSON_WIDTH = 284, 400
"""Pixels at the ordinary text size while a lesson is open, in a narrow and in a very wide window;
larger text widens the column, smaller does not narrow it."""
LESSON_GROWTH = 0.09
"""Pixels for it per pixel that the window is wider than a narrow one."""
MIN_HEIGHT_FOR_BOTH = 900
"""Height of a window in pixels, from which on a lesson's card and the sample's both fit."""
MIN_WIDTH_FOR_OPEN = 2000
"""Width of a window in pixels, from which on the column is open unless somebody folds it."""


class LeftColumn(QWidget):
    """In a low window a lesson's card takes the sample's place, unless it speaks of the sample."""

    def __init__(
        self, session: Session, controller: LessonController, library: LessonLibrary
    ) -> None:
        super().__init__()
        self._controller = controller
        self.setProperty("role", "panel")
        self.lesson_panel = LessonPanel(session, controller, library)
        self.sample = SampleCard(session)
        self.column = vbox((self.lesson_panel, 1), self.sample, on=self, spacing=SPACE)

    def natural_width(self, window_width: int) -> int:
        """Return the width in a window of this width, in pixels."""
        if not self.lesson_panel.opened:
            return round(WIDTH * appearance.layout_scale)
        return natural_width(window_width, MIN_LESSON_WIDTH, MAX_LESSON_WIDTH, LESSON_GROWTH)

    def fit(self, window_height: int) -> None:
        """Show the sample where there is room for it. Args: window_height: in pixels."""
        card = self._controller.card
        names_sample = card is not None and "sample" in card.highlight and card.page != NETWORK
        card_alone = card is not None and not names_sample
        self.sample.setHidden(card_alone and window_height < MIN_HEIGHT_FOR_BOTH)
        self.set_vertical_margins(SPACE)

    def set_vertical_margins(self, pixels: int) -> None:
        """Keep this much free above and below the content."""
        self.column.setContentsMargins(SPACE, pixels, SPACE, pixels)
