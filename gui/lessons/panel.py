"""Lesson panel in the left column: the list of lessons, or the present lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.lessons.card.prose import Prose
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import warning_label
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Lesson
from gui.lessons.lesson_list import LessonList
from gui.lessons.library import LessonLibrary
from gui.lessons.toml_reader import LessonError
from gui.matrices.cell_reading import CellReading
from gui.session import Session
from gui.theme import SMALL, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea

if TYPE_CHECKING:
    from gui.lessons.page import LessonPage

MIN_WIDTH = 200  # logical pixels
BUTTONS = {
    "openChoices": (
        "Which one when", "Which method suits what you have, and three pitfalls to run (W)",
    ),
    "lessonsFolder": (
        "Open folder",
        "Open the folder for lessons of your own: a Markdown file in it appears here",
    ),
    "clearAnswers": ("Clear answers", "Forget all answers and how far you came"),
    "keepAnswers": ("Keep them", ""),
    "clearAnswersNow": ("Forget them", ""),
}  # fmt: skip
"""Object name -> (text, tooltip)."""
MAX_PROBLEM_CHARACTERS = 240
"""Longest message shown in full; a longer one is cut, and its tooltip has all of it."""
MAX_ABOUT_SHARE = 0.42
"""Largest share of the panel's height for the summary of a strategy without a lesson."""
FILE_GONE = "{}: the file is gone. This card stays until you leave the lesson."
CLEAR_QUESTION = "Forget all answers and how far you came, in every lesson?"


class LessonPanel(QStackedWidget):
    """Stack of two widgets: the list of lessons, and the lesson opened from it."""

    highlights_changed = Signal(str, object)
    """Emitted with (layer, CellHighlights) of the cells that the card refers to; may be empty."""

    method_guide_wanted = Signal()
    """Emitted to show the method guide."""

    def __init__(
        self, session: Session, controller: LessonController, library: LessonLibrary
    ) -> None:
        super().__init__()
        self._session, self._controller, self._library = session, controller, library
        self._page: LessonPage | None = None
        self.setObjectName("lessonPanel")
        self.setMinimumWidth(MIN_WIDTH)
        self.lesson_list = LessonList(controller, library)
        self.about = Prose(scale=SMALL, colour="muted")
        self._about_area = ScrollArea(self.about)
        self._problem = warning_label()
        self._foot = QStackedWidget()
        """The buttons below the list, or those that confirm that the answers are cleared."""
        self._list = self._new_list()
        self.addWidget(self._list)
        self.lesson_list.opened.connect(self._on_lesson_list_opened)
        controller.changed.connect(self._on_controller_changed)
        library.changed.connect(self._on_library_changed)
        session.state.settings_changed.connect(self._show_strategy)
        session.state.catalogue_changed.connect(self._show_strategy)
        self._on_controller_changed()
        self._show_strategy()

    def _new_list(self) -> QWidget:
        buttons = [RunButton(name, scale=SMALL) for name in BUTTONS]
        method_guide, folder, clear, keep, forget = buttons
        for button, (text, hint) in zip(buttons, BUTTONS.values(), strict=True):
            button.show_state(text, reason=hint, primary=button is forget)
        method_guide.clicked.connect(self.method_guide_wanted)
        folder.clicked.connect(self._on_folder_clicked)
        clear.clicked.connect(self._on_clear_clicked)
        keep.clicked.connect(self._on_keep_clicked)
        forget.clicked.connect(self._on_forget_clicked)
        for pair in ((folder, clear), (keep, forget)):
            row = QWidget()
            hbox(*pair, on=row, spacing=SPACE)
            self._foot.addWidget(row)
        title = Label("Lessons", bold=True)
        title.setContentsMargins(SPACE, SPACE // 2, 0, 0)
        below = (self._about_area, self._problem, method_guide, self._foot)
        face = QWidget()
        vbox(title, (self.lesson_list, 1), *below, on=face, spacing=SPACE)
        return face

    @property
    def page(self) -> LessonPage:
        """The page of the open lesson; built for the first one."""
        if self._page is None:
            from gui.lessons.page import LessonPage

            self._page = LessonPage(self._controller, self._session)
            self.addWidget(self._page)
            self._controller.card_changed.connect(self._page.scroll_to_top)
        return self._page

    @property
    def opened(self) -> bool:
        """True: a lesson is open; False: the list is shown."""
        return self.currentWidget() is not self._list

    def open(self, lesson: Lesson) -> None:
        """Open a lesson at its first card."""
        self.page.problem.show_if_any("")
        self._controller.enter(lesson)

    def open_named(self, name: str) -> bool:
        """Open the program's lesson of that name or number. Returns: whether there is one."""
        lessons = (it for it in self._library.lessons if name in (it.name, str(it.number)))
        lesson = next(lessons, None)
        if lesson is not None:
            self.open(lesson)
        return lesson is not None

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """Pass the cell read on the stage to the card; None: none is."""
        if self._page is not None:
            self._page.card.show_reading(reading)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the strategy's summary to the new size."""
        super().resizeEvent(event)
        self._fit_about()

    @Slot()
    def _show_strategy(self) -> None:
        """Show the summary of a strategy that has no lesson; hide it for others."""
        strategies = {lesson.strategy for lesson in (*self._library.lessons, *self._library.own)}
        info = self._session.state.strategy_info()
        has_no_lesson = info is not None and info.name not in strategies
        if info is not None and has_no_lesson:
            source = f"\n\n*{info.source}*" if info.source else ""
            self.about.show_markdown(f"**{info.label}**\n\n{info.summary} {info.note}{source}")
        self._about_area.setVisible(has_no_lesson)
        self._fit_about()

    def _fit_about(self) -> None:
        needed = self.about.heightForWidth(max(self.width() - SPACE, 1))
        self._about_area.setFixedHeight(min(needed, round(MAX_ABOUT_SHARE * self.height())))

    @Slot()
    def _on_controller_changed(self) -> None:
        open_ = self._controller.lesson is not None
        if open_ or self._page is not None:
            self.page.refresh()
            self.highlights_changed.emit(*self.page.card.cell_highlights())
        if not open_:
            self.lesson_list.refresh()
        self._show_problem(self._controller.answers.problem)
        self.setCurrentWidget(self.page if open_ else self._list)

    @Slot()
    def _on_library_changed(self) -> None:
        self.lesson_list.refresh()
        self._show_strategy()
        lesson = self._controller.lesson
        if lesson is None:
            return
        renewed, error = self._library.find(lesson.key), self._library.error_of(lesson)
        if renewed is not None and renewed != lesson:
            self._controller.reload(renewed)
        gone = FILE_GONE.format(lesson.file.name) if renewed is None else ""
        self.page.problem.show_if_any(gone if error is None else str(error))

    @Slot(object)
    def _on_lesson_list_opened(self, entry: Lesson | LessonError) -> None:
        if isinstance(entry, Lesson):
            self._show_problem("")
            self.open(entry)
        else:
            self._show_problem(str(entry))

    @Slot()
    def _on_folder_clicked(self) -> None:
        self._show_problem(self._library.open_folder())

    @Slot()
    def _on_clear_clicked(self) -> None:
        self._foot.setCurrentIndex(1)
        self._show_problem(CLEAR_QUESTION)

    @Slot()
    def _on_keep_clicked(self) -> None:
        self._foot.setCurrentIndex(0)
        self._show_problem("")

    @Slot()
    def _on_forget_clicked(self) -> None:
        self._on_keep_clicked()
        self._controller.clear_answers()

    def _show_problem(self, problem: str) -> None:
        short = len(problem) <= MAX_PROBLEM_CHARACTERS
        cut = problem if short else f"{problem[:MAX_PROBLEM_CHARACTERS].rstrip()} …"
        self._problem.show_if_any(cut)
        self._problem.setToolTip("" if short else problem)
