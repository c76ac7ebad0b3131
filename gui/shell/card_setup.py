"""Sets the window up for the card at hand, and gives it back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from gui.analysis import PAGES
from gui.lessons.controller import LessonController
from gui.shell.highlight import Highlighter
from gui.shell.page_stack import STAGE

if TYPE_CHECKING:
    from gui.window import Window

STEP, COSTS = "step", "costs"


class CardSetup(QObject):
    """Opens the page that a card names, and rings the parts that it speaks of."""

    def __init__(self, window: Window, guide: LessonController) -> None:
        super().__init__(window)
        self._window, self._guide = window, guide
        self._opened = ""
        self._before = STAGE, PAGES[0]
        """The place in the middle and the page below the stage, before the card opened its own."""
        self.highlighter = Highlighter(window)
        guide.card_changed.connect(self._on_guide_card_changed)

    def _open(self, page: str) -> None:
        window, middle = self._window, self._window.page_stack
        if not self._opened:
            self._before = middle.place, middle.tabs.page
        self._opened = page
        if page in PAGES:
            middle.show_place(STAGE)
            window.show_tab(page)
        elif page == STEP:
            middle.show_place(STAGE)
            middle.stage.step_view.enter()
        elif page == COSTS:
            window.show_costs(True)
        else:
            middle.show_place(page)

    def _give_back(self) -> None:
        opened, self._opened = self._opened, ""
        middle, (place, page) = self._window.page_stack, self._before
        if opened in PAGES:
            middle.tabs.show_page(page)
        elif opened == STEP:
            middle.stage.step_view.leave()
        elif opened == COSTS:
            self._window.show_costs(False)
        if opened:
            middle.show_place(place)

    @Slot()
    def _on_guide_card_changed(self) -> None:
        card = self._guide.card
        page = "" if card is None else card.page
        self._window.stage.release()  # a cell that the card before had one click
        if page != self._opened:
            self._give_back()
        if page:  # also the same one: meanwhile the reader may have turned elsewhere
            self._open(page)
        self.highlighter.show(() if card is None else card.highlight)
