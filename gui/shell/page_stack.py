"""Page stack: the centre of the window; the stage with the pages below it, or another page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.analysis import AnalysisTabs
from gui.lessons.controller import LessonController
from gui.lessons.run_result import RunResult
from gui.session import Session
from gui.stage.stage import Stage
from gui.step_view.strip import StepButton, StepStrip
from gui.theme import SPACE, appearance
from gui.timeline.bar import TimelineBar
from gui.widgets.box import vbox

if TYPE_CHECKING:
    from gui.compare.page import ComparePage
    from gui.method_guide.page import MethodGuidePage
    from gui.network_page.page import NetworkPage

MIN_TABS_HEIGHT, MAX_TABS_HEIGHT = 138, 342
"""Pixels for the pages below the stage with their tab bar, in a low and in a very high window."""
TABS_GROWTH, LOW_WINDOW_HEIGHT = 0.41, 720
"""Pixels for them per pixel that the window is higher than so many pixels."""
STRIP_HEIGHT, MIN_TABS_BESIDE_STRIP = 112, 120
"""Pixels for the phases of a step, and those that the pages keep beside them at least."""
STAGE, NETWORK, COMPARE, METHOD_GUIDE = "stage", "network", "compare", "choices"
"""Names of the central pages, as a lesson's card gives them."""
PAGES_WITH_TIMELINE = (STAGE, NETWORK)
"""Pages that show the run, above its timeline."""


class PageStack(QStackedWidget):
    """Shows one page at a time; each but the stage is built when it is first shown."""

    page_changed = Signal()
    """`current` is another."""
    lesson_wanted = Signal(str)
    """(name) A lesson to open."""

    def __init__(self, session: Session, controller: LessonController) -> None:
        super().__init__()
        self._session, self._controller = session, controller
        self._compare: ComparePage | None = None
        self._returns_to_guide = False
        """Whether a run that was tried from the method guide leads back to it."""
        self.stage = Stage(session)
        self.timeline = TimelineBar(session)
        self.tabs = AnalysisTabs(session)
        self.tabs.set_step_button(StepButton(self.stage.step_view))
        self.strip = StepStrip(self.stage.step_view)
        self.strip.hide()
        self._centre = QStackedWidget()
        self._centre.addWidget(self.stage)
        self._pages: dict[str, QWidget] = {STAGE: self.stage}
        column = QWidget()
        column.setProperty("role", "page")
        gap, parts = SPACE // 2, (self.timeline, self.strip, self.tabs)
        margins = gap, 0, gap, gap
        self.column = vbox((self._centre, 1), *parts, on=column, spacing=gap, margins=margins)
        self.addWidget(column)
        session.state.playing_changed.connect(self._on_session_playing_changed)
        controller.trial_finished.connect(self._on_controller_trial_finished)

    # ------------------------------------------------------------ pages

    @property
    def current(self) -> str:
        """Name of the page that is shown."""
        shown = self.currentWidget() if self.currentIndex() else self._centre.currentWidget()
        return next(name for name, page in self._pages.items() if page is shown)

    def page(self, name: str) -> QWidget:
        """Return a page; build it if there is none yet."""
        if name not in self._pages:
            page = self._pages[name] = self._new_page(name)
            (self._centre if name in PAGES_WITH_TIMELINE else self).addWidget(page)
        return self._pages[name]

    def show_page(self, name: str) -> None:
        """Show a page; a comparison that is not shown is paused."""
        if name == self.current:
            return
        page = self.page(name)
        if name in PAGES_WITH_TIMELINE:
            if name == NETWORK:
                self.stage.step_view.leave()
            self._centre.setCurrentWidget(page)
            self.setCurrentIndex(0)
        else:
            self.setCurrentWidget(page)
        comparison = self._session.comparison.frame
        if name != COMPARE and comparison is not None and comparison.running:
            self._session.comparison.set_running(False)
        self.page_changed.emit()

    def toggle_comparison(self) -> None:
        """Start, pause or resume the comparison that is shown."""
        if self._compare is not None:
            self._compare.toggle()

    def toggle(self, name: str) -> None:
        """Show a page, or the stage if that page is shown already."""
        self._returns_to_guide = False
        self.show_page(STAGE if name == self.current else name)

    def fit(self, window_height: int, page_height: int | None, *, show_tabs: bool) -> None:
        """Size the panes below the stage.

        Args: page_height: in presenter mode, of the page that a card names; None elsewhere.
        show_tabs: whether the pages are shown; while a step is traced they are if there is room.
        """
        tracing, fits = self.stage.step_view.active, False
        strip = round(STRIP_HEIGHT * max(1.0, appearance.text_scale))
        if page_height is None:
            growth = round((window_height - LOW_WINDOW_HEIGHT) * TABS_GROWTH)
            page_height = min(max(MIN_TABS_HEIGHT + growth, MIN_TABS_HEIGHT), MAX_TABS_HEIGHT)
            rest = page_height - strip - SPACE // 2  # the stage keeps its height
            fits = rest >= MIN_TABS_BESIDE_STRIP
            if tracing and fits:
                page_height = rest
            elif tracing:
                strip = max(strip, page_height)
        self.strip.setFixedHeight(strip)
        self.tabs.setFixedHeight(page_height)
        visible = {self.strip: tracing, self.tabs: show_tabs and (fits or not tracing)}
        # First what goes, then what comes, so that the stage is never squeezed between.
        for pane in sorted(visible, key=visible.__getitem__):
            pane.setVisible(visible[pane])

    def _new_page(self, name: str) -> QWidget:
        page: NetworkPage | ComparePage | MethodGuidePage
        if name == NETWORK:
            from gui.network_page.page import NetworkPage

            page = NetworkPage(self._session)
        elif name == COMPARE:
            from gui.compare.page import ComparePage  # it imports pyqtgraph

            page = self._compare = ComparePage(self._session)
        else:
            from gui.method_guide.page import MethodGuidePage

            page = MethodGuidePage(self._session, self._controller)
            page.lesson_wanted.connect(self.lesson_wanted)
        page.left.connect(self._on_page_left)
        return page

    # ------------------------------------------------------------ handlers

    @Slot()
    def _on_page_left(self) -> None:
        self._returns_to_guide = False
        self.show_page(STAGE)

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if playing and self.current not in PAGES_WITH_TIMELINE:  # what moves is to be seen
            self._returns_to_guide = self.current == METHOD_GUIDE
            self.show_page(STAGE)

    @Slot(str, object)
    def _on_controller_trial_finished(self, _name: str, _record: RunResult) -> None:
        if self._returns_to_guide:
            self._returns_to_guide = False
            self.show_page(METHOD_GUIDE)
