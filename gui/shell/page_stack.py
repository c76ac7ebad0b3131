"""The middle of the window: the stage and what stands below it, or a page in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from gui.analysis import AnalysisTabs
from gui.lessons.controller import LessonController
from gui.lessons.run_result import RunResult
from gui.session import Session
from gui.shell.layout_sizes import PaneHeights
from gui.stage.stage import Stage
from gui.step_view.button import StepButton
from gui.step_view.strip import StepStrip
from gui.theme import SPACE
from gui.timeline import TimelineBar

if TYPE_CHECKING:
    from gui.compare.page import ComparePage

STAGE, NETWORK, COMPARE, CHOICES = "stage", "network", "compare", "choices"
WITH_RUN = (STAGE, NETWORK)
"""Places where the run is seen, above its timeline."""


class PageStack(QStackedWidget):
    """One place is shown at a time; each but the stage is made when it is first wanted."""

    turned = Signal()
    """Another place is shown."""
    lesson_wanted = Signal(str)
    """Name of a lesson to read."""

    def __init__(self, session: Session, guide: LessonController) -> None:
        super().__init__()
        self._session, self._guide = session, guide
        self._compare: ComparePage | None = None
        self._back_to_choices = False
        """Whether what was tried from the table leads back to it."""
        self.stage = Stage(session)
        self.timeline = TimelineBar(session)
        self.tabs = AnalysisTabs(session)
        self.tabs.setCornerWidget(StepButton(self.stage.microscope))
        self.strip = StepStrip(self.stage.microscope)
        self.strip.hide()
        self._centre = QStackedWidget()
        self._centre.addWidget(self.stage)
        self._pages: dict[str, QWidget] = {STAGE: self.stage}
        self.addWidget(self._new_column())
        session.state.playing_changed.connect(self._on_session_playing_changed)
        guide.tried.connect(self._on_guide_tried)

    def _new_column(self) -> QWidget:
        column = QWidget()
        column.setProperty("role", "page")
        self.column = layout = QVBoxLayout(column)
        layout.setContentsMargins(SPACE // 2, 0, SPACE // 2, SPACE // 2)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self._centre, 1)
        for part in (self.timeline, self.strip, self.tabs):
            layout.addWidget(part)
        return column

    # ------------------------------------------------------------ places

    @property
    def place(self) -> str:
        """stage, network, compare or choices."""
        shown = self.currentWidget() if self.currentIndex() else self._centre.currentWidget()
        return next(name for name, page in self._pages.items() if page is shown)

    def page(self, place: str) -> QWidget:
        """What stands there; made if it is not there yet."""
        if place not in self._pages:
            makers: dict[str, Callable[[], QWidget]] = {
                NETWORK: self._new_network, COMPARE: self._new_compare, CHOICES: self._new_choices,
            }  # fmt: skip
            page = self._pages[place] = makers[place]()
            (self._centre if place in WITH_RUN else self).addWidget(page)
        return self._pages[place]

    def show_place(self, place: str) -> None:
        """Show a page; a race that is not seen rests."""
        if place == self.place:
            return
        page = self.page(place)
        if place in WITH_RUN:
            if place == NETWORK:
                self.stage.microscope.leave()
            self._centre.setCurrentWidget(page)
            self.setCurrentIndex(0)
        else:
            self.setCurrentWidget(page)
        comparison = self._session.comparison.frame
        if place != COMPARE and comparison is not None and comparison.running:
            self._session.comparison.set_running(False)
        self.turned.emit()

    def toggle_comparison(self) -> None:
        """Start, pause or go on with the race that is shown."""
        if self._compare is not None:
            self._compare.toggle()

    def toggle(self, place: str) -> None:
        """Show a page, or the stage where that page is shown."""
        self._back_to_choices = False
        self.show_place(STAGE if place == self.place else place)

    def share(self, heights: PaneHeights, *, pages: bool) -> None:
        """Give what stands below the stage its height. Args: pages: whether these are shown."""
        self.strip.setFixedHeight(heights.strip)
        self.tabs.setFixedHeight(heights.tabs)
        looking = self.stage.microscope.on
        pages = pages and (heights.tabs_beside_strip or not looking)
        # First what goes, then what comes, so that the stage is never squeezed between.
        seen = {self.strip: looking, self.tabs: pages}
        for part in sorted(seen, key=seen.__getitem__):
            part.setVisible(seen[part])

    def _new_network(self) -> QWidget:
        from gui.network_page.page import NetworkPage

        page = NetworkPage(self._session)
        page.left.connect(self._on_page_left)
        return page

    def _new_compare(self) -> QWidget:
        from gui.compare.page import ComparePage  # it imports pyqtgraph

        page = self._compare = ComparePage(self._session)
        page.left.connect(self._on_page_left)
        return page

    def _new_choices(self) -> QWidget:
        from gui.method_guide.page import MethodGuidePage

        page = MethodGuidePage(self._session, self._guide)
        page.left.connect(self._on_page_left)
        page.lesson_wanted.connect(self.lesson_wanted)
        return page

    # ------------------------------------------------------------ handlers

    @Slot()
    def _on_page_left(self) -> None:
        self._back_to_choices = False
        self.show_place(STAGE)

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        if playing and self.place not in WITH_RUN:  # what moves is to be seen
            self._back_to_choices = self.place == CHOICES
            self.show_place(STAGE)

    @Slot(str, object)
    def _on_guide_tried(self, _name: str, _record: RunResult) -> None:
        if self._back_to_choices:
            self._back_to_choices = False
            self.show_place(CHOICES)
