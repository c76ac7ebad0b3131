"""Card setup: opens what a lesson's card names, and puts the window back as it was."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from gui.analysis import PAGES, AnalysisTabs
from gui.lessons.card_highlight import card_highlight
from gui.lessons.controller import LessonController
from gui.session import Session
from gui.shell.highlight import Highlighter
from gui.shell.page_stack import STAGE, PageStack

STEP = "step"
"""Name that a card gives to the step view."""


class CardSetup(QObject):
    """Opens the page that a card names, and highlights the widgets that it speaks of."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: LessonController,
        page_stack: PageStack,
        tabs: AnalysisTabs,
        show_tab: Callable[[str], None],
    ) -> None:
        """Args: show_tab: opens a page of analysis."""
        super().__init__(window)
        self._window, self._session, self._controller = window, session, controller
        self._page_stack, self._tabs = page_stack, tabs
        self._show_tab = show_tab
        self._opened = ""
        """Page that the card at hand opened; empty: none."""
        self._before = STAGE, PAGES[0]
        """(central page, page of analysis) before the card opened its own."""
        self.highlighter = Highlighter(window)
        self.highlighter.changed.connect(page_stack.stage.hold_pictures)
        controller.card_changed.connect(self._on_controller_card_changed)
        controller.changed.connect(self._on_controller_changed)

    def _open(self, page: str) -> None:
        stack = self._page_stack
        if not self._opened:
            self._before = stack.current, self._tabs.page
        self._opened = page
        if page in PAGES:
            stack.show_page(STAGE)
            self._show_tab(page)
        elif page == STEP:
            stack.show_page(STAGE)
            stack.stage.step_view.enter()
        else:
            stack.show_page(page)

    def _restore(self) -> None:
        opened, self._opened = self._opened, ""
        stack, (page, tab) = self._page_stack, self._before
        if opened in PAGES:
            self._tabs.show_page(tab)
        elif opened == STEP:
            stack.stage.step_view.leave()
        if opened:
            stack.show_page(page)

    @Slot()
    def _on_controller_card_changed(self) -> None:
        card = self._controller.card
        page = "" if card is None else card.page
        self._page_stack.stage.release()  # a cell that the card before had one click
        if page != self._opened:
            self._restore()
        if page:  # also the same one: meanwhile the reader may have turned elsewhere
            self._open(page)
        if card is not None:
            self._page_stack.show_plan(card.plan.fields())
        self._free_keys()
        self._highlight()

    def _highlight(self) -> None:
        self.highlighter.show(card_highlight(self._controller, self._session.state.frame))

    @Slot()
    def _on_controller_changed(self) -> None:
        if self._controller.card is not None:
            self._highlight()

    def _free_keys(self) -> None:
        """Give the keys back to the stage: → must not move a slider that was touched before."""
        focus, lessons = self._window.focusWidget(), self._window.findChild(QWidget, "lessonPanel")
        of_lesson = focus is None or (lessons is not None and lessons.isAncestorOf(focus))
        if not of_lesson:
            self._window.setFocus()
