"""Page stack: the centre of the window; the stage above its timeline, or another page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.lessons.controller import LessonController
from gui.lessons.run_result import RunResult
from gui.session import Session
from gui.stage.stage import Stage
from gui.step_view.strip import StepButton, StepStrip
from gui.theme import SPACE, appearance
from gui.timeline.bar import TimelineBar
from gui.widgets.box import hbox, stand_in, vbox
from gui.widgets.stack import Stack

if TYPE_CHECKING:
    from gui.compare.page import ComparePage
    from gui.cost.page import CostPage
    from gui.method_guide.page import MethodGuidePage
    from gui.network_page.page import NetworkPage
    from gui.runs.page import RunsPage

STAGE, NETWORK, COMPARE, METHOD_GUIDE = "stage", "network", "compare", "choices"
COSTS, RUNS = "costs", "runs"
"""Names of the central pages, as a lesson's card gives them."""
PAGES_WITH_TIMELINE = (STAGE, NETWORK)
"""Pages that show the run, above its timeline."""


class Foot(QWidget):
    """Below the stage: the timeline, and the button that looks into a step, below it if need be."""

    def __init__(self, timeline: QWidget, button: QWidget) -> None:
        super().__init__()
        self._timeline, self._button = timeline, button
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self._box = hbox((timeline, 1), (button, 0, right), on=self)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: they stand below each other before anything is cut."""
        parts = self._timeline.minimumSizeHint(), self._button.sizeHint()
        return QSize(max(size.width() for size in parts), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: one line, or two."""
        super().resizeEvent(event)
        needed = self._timeline.minimumSizeHint().width() + self._button.sizeHint().width()
        stand_in(self._box, self.width(), needed)


class PageStack(Stack):
    """Shows one page at a time; each but the stage is built when it is first shown."""

    page_changed = Signal()
    """`current` is another."""
    lesson_wanted = Signal(str)
    """(name) A lesson to open."""

    def __init__(self, session: Session, controller: LessonController) -> None:
        super().__init__()
        self._session, self._controller = session, controller
        self._compare: ComparePage | None = None
        self._guide: MethodGuidePage | None = None
        self._costs: CostPage | None = None
        self._returns_to_guide = False
        """Whether a run that was tried from the method guide leads back to it."""
        self.stage = Stage(session)
        self.timeline = TimelineBar(session)
        self.strip = StepStrip(self.stage.step_view)
        self.strip.hide()
        self._centre = Stack()
        self._centre.addWidget(self.stage)
        self._pages: dict[str, QWidget] = {STAGE: self.stage}
        self.foot = Foot(self.timeline, StepButton(self.stage.step_view))
        column = QWidget()
        column.setProperty("role", "page")
        gap = SPACE // 2
        self.column = vbox(
            (self._centre, 1), self.strip, self.foot, on=column, margins=(gap, 0, gap, gap)
        )
        self.addWidget(column)
        self.stage.step_view.changed.connect(self.fit)
        appearance.sizes_changed.connect(self.fit)
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

    def show_plan(self, plan: Mapping[str, Any]) -> None:
        """Fill in fields of the costs page, if it is there. Args: plan: these fields."""
        if self._costs is not None:
            self._costs.show_plan(plan)

    def toggle_comparison(self) -> None:
        """Start, pause or resume the comparison that is shown."""
        if self._compare is not None:
            self._compare.toggle()

    def toggle(self, name: str) -> None:
        """Show a page, or the stage if that page is shown already."""
        self._returns_to_guide = False
        self.show_page(STAGE if name == self.current else name)

    @Slot()
    def fit(self) -> None:
        """Show the strip of a step's phases while one is traced."""
        self.strip.fit(self.size())
        self.strip.setVisible(self.stage.step_view.active)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the strip stands as the new width allows."""
        super().resizeEvent(event)
        self.fit()

    def _new_page(self, name: str) -> QWidget:
        page: NetworkPage | ComparePage | CostPage | RunsPage | MethodGuidePage
        if name == NETWORK:
            from gui.network_page.page import NetworkPage

            page = NetworkPage(self._session)
        elif name == COMPARE:
            from gui.compare.page import ComparePage  # it imports pyqtgraph

            page = self._compare = ComparePage(self._session)
        elif name == COSTS:
            from gui.cost.page import CostPage

            page = self._costs = CostPage(self._session)
        elif name == RUNS:
            from gui.runs.page import RunsPage

            page = RunsPage(self._session)
            page.compared.connect(self._on_runs_compared)
        else:
            from gui.method_guide.page import MethodGuidePage

            page = self._guide = MethodGuidePage(self._session, self._controller)
            page.lesson_wanted.connect(self.lesson_wanted)
        page.left.connect(self._on_page_left)
        return page

    # ------------------------------------------------------------ handlers

    @Slot()
    def _on_runs_compared(self) -> None:
        self.show_page(COMPARE)

    @Slot()
    def _on_page_left(self) -> None:
        self._returns_to_guide = False
        self.show_page(STAGE)

    @Slot(bool)
    def _on_session_playing_changed(self, playing: bool) -> None:
        seen = self.current in PAGES_WITH_TIMELINE or (
            self.current == METHOD_GUIDE and self._guide is not None and self._guide.shows_run
        )
        if playing and not seen:  # what moves is to be seen
            self._returns_to_guide = self.current == METHOD_GUIDE
            self.show_page(STAGE)

    @Slot(str, object)
    def _on_controller_trial_finished(self, _name: str, _record: RunResult) -> None:
        if self._returns_to_guide:
            self._returns_to_guide = False
            self.show_page(METHOD_GUIDE)
