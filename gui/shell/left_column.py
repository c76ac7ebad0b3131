"""The left column: the lessons, and the sample that is looked at."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.lessons.controller import LessonController
from gui.lessons.library import LessonLibrary
from gui.lessons.panel import LessonPanel
from gui.sample import SampleCard
from gui.session import Session
from gui.shell.page_stack import NETWORK
from gui.theme import SPACE, appearance

WIDTH = 224
LESSON_WIDTHS = (284, 400)
"""While a lesson is open, in a narrow and in a very wide window; in pixels at the ordinary text
size; larger text widens it, smaller does not narrow it."""
LESSON_GROWTH = 0.09
"""Pixels for it of each pixel that the window is wider than `NARROW`."""
NARROW = 1280
BOTH_HEIGHT = 900
"""Of a window, from which on there is room for a lesson's card and the sample's."""


class LeftColumn(QWidget):
    """In a low window a lesson's card has the sample's room, unless it speaks of the sample."""

    def __init__(self, session: Session, guide: LessonController, shelf: LessonLibrary) -> None:
        super().__init__()
        self._guide = guide
        self.setProperty("role", "panel")
        self.lessons, self.sample = LessonPanel(session, guide, shelf), SampleCard(session)
        self.column = QVBoxLayout(self)
        self.column.setSpacing(SPACE)
        self.column.addWidget(self.lessons, 1)
        self.column.addWidget(self.sample)
        self.share(NARROW, 0)

    def share(self, width: int, height: int) -> None:
        """Take a part of a window of this size."""
        low, high = LESSON_WIDTHS
        wide = min(max(low + round((width - NARROW) * LESSON_GROWTH), low), high)
        scale = max(1.0, appearance.text_scale)
        self.setFixedWidth(round((wide if self.lessons.opened else WIDTH) * scale))
        card = self._guide.card
        beside = card is not None and "sample" in card.highlight and card.page != NETWORK
        alone = card is not None and not beside
        self.sample.setHidden(alone and height < BOTH_HEIGHT)
        self.set_air(SPACE)

    def set_air(self, above: int) -> None:
        """Keep so many pixels above and below what stands here."""
        self.column.setContentsMargins(SPACE, above, SPACE, above)
