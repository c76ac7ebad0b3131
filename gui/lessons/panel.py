"""Lesson panel in the left column: the list of lessons, or the present lesson."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
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
from gui.theme import SMALL, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea

if TYPE_CHECKING:
    from gui.lessons.page import LessonPage

MIN_WIDTH, MAX_GROWTH = 200, 1.5
"""Least width in pixels at the ordinary text size, and how much larger text widens it at most."""
BUTTONS = {
    "keepAnswers": ("Cancel", ""),
    "clearAnswersNow": ("Delete", ""),
    "restoreAnswers": ("Undo", "Bring the answers back"),
}  # fmt: skip
"""Object name -> (text, tooltip)."""
LEAVE_FIRST, NONE_MARKED = "Leave the lesson first", "Mark a lesson in the list first"
MAX_ABOUT_SHARE = 0.42
"""Largest share of the panel's height for the summary of a strategy without a lesson."""
FILE_GONE = "{}: the file is gone. This card stays until you leave the lesson."
CLEAR_QUESTION, CLEARED = "Delete all answers and progress {}?", "Answers and progress are deleted."


class LessonPanel(QStackedWidget):
    """Stack of two widgets: the list of lessons, and the lesson opened from it."""

    highlights_changed = Signal(str, object)
    """Emitted with (layer, CellHighlights) of the cells that the card refers to; may be empty."""
    list_wanted = Signal()
    """Emitted when something led to the list, which may be folded away."""

    def __init__(
        self, session: Session, controller: LessonController, library: LessonLibrary
    ) -> None:
        super().__init__()
        self._session, self.controller, self.library = session, controller, library
        self._page: LessonPage | None = None
        self.setObjectName("lessonPanel")
        self.lesson_list = LessonList(controller, library)
        self.about = Prose(scale=SMALL, colour="muted")
        self._about_area = ScrollArea(self.about)
        self._problem = warning_label()
        self._told: Path | None = None
        """The file whose mistake is told below the list."""
        self._to_clear = ""
        """Key of the lesson whose answers are about to be deleted; empty: of all."""
        self._confirm = QWidget()
        """The buttons that confirm that the answers are deleted, or not."""
        self._list = self._new_list()
        self.addWidget(self._list)
        self.lesson_list.opened.connect(self._on_lesson_list_opened)
        controller.changed.connect(self._on_controller_changed)
        controller.next_wanted.connect(self._on_controller_next_wanted)
        library.changed.connect(self._on_library_changed)
        session.state.settings_changed.connect(self._show_strategy)
        session.state.catalogue_changed.connect(self._show_strategy)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        self._on_controller_changed()
        self._show_strategy()

    def _new_list(self) -> QWidget:
        buttons = [RunButton(name, scale=SMALL) for name in BUTTONS]
        keep, delete, self._undo = buttons
        for button, (text, hint) in zip(buttons, BUTTONS.values(), strict=True):
            button.show_state(text, reason=hint, primary=button is keep)
        keep.clicked.connect(self._on_keep_clicked)
        delete.clicked.connect(self._on_delete_clicked)
        self._undo.clicked.connect(self._on_undo_clicked)
        hbox(keep, delete, on=self._confirm, spacing=SPACE)
        self._undo.hide()
        self._confirm.hide()
        self._keep = keep
        title = Label("Lessons", bold=True)
        title.setContentsMargins(SPACE, 0, 0, 0)
        self.menu_button = IconButton(
            "ellipsis", "More about lessons", object_name="lessonsMenu", size=28, frame=False
        )
        head = hbox((title, 1), self.menu_button)
        about = hbox((self._about_area, 1), margins=(SPACE, 0, 0, 0))
        below = (about, self._problem, self._confirm, self._undo)
        face = QWidget()
        vbox(head, (self.lesson_list, 1), *below, on=face, spacing=SPACE)
        return face

    @property
    def page(self) -> LessonPage:
        """The page of the open lesson; built for the first one."""
        if self._page is None:
            from gui.lessons.page import LessonPage

            self._page = LessonPage(self.controller, self._session, self.library)
            self.addWidget(self._page)
            self.controller.card_changed.connect(self._page.scroll_to_top)
            for button in self._page.list_buttons:
                button.clicked.connect(self.list_wanted)
        return self._page

    @property
    def opened(self) -> bool:
        """True: a lesson is open; False: the list is shown."""
        return self.currentWidget() is not self._list

    def may_be(self, height: int) -> bool:
        """Return whether it may be as low as this: a card that asks something is shown whole."""
        card = self.controller.card
        return card is None or card.question is None or self.page.fits(height)

    def open(self, lesson: Lesson) -> None:
        """Open a lesson at its first card."""
        self.page.problem.show_if_any("")
        self.controller.enter(lesson)
        self.page.setFocus()

    def focus_list(self) -> None:
        """Give the keyboard to the list, if it is shown."""
        if self.lesson_list.isVisible():
            self.lesson_list.setFocus()

    def handle_digit(self, digit: int) -> None:
        """Open a lesson; on a card, choose an option of its question. Args: digit: 1…9."""
        if self.controller.lesson is None or self.controller.finished:
            self.open_named(str(digit))
        else:
            self.page.card.choose_option(digit - 1)
            self.page.show_blue_button()

    def handle_letter(self, key: int) -> bool:
        """Choose an option of an open question by a, b, c …; else the letter keeps its meaning.

        Args: key: as a `Qt.Key`.  Returns: whether it chose one.
        """
        card = self.controller.card
        options = 0 if card is None or card.choice is None else len(card.choice.options)
        index = key - Qt.Key.Key_A
        asked = self.isVisible() and self.controller.question_is_open
        if not (asked and 0 <= index < options):
            return False
        self.handle_digit(index + 1)
        return True

    def handle_enter(self) -> bool:
        """Press the blue button of the lesson that is seen. Returns: whether there is one."""
        seen = self.opened and self.isVisible() and not appearance.projecting
        return seen and self.page.press_blue_button()

    def read_on(self) -> bool:
        """Show what stands below on the card. Returns: whether there was more of it."""
        return self.opened and self.page.read_on()

    def open_named(self, name: str) -> bool:
        """Open the program's lesson of that name or number. Returns: whether there is one."""
        lessons = (it for it in self.library.lessons if name in (it.name, str(it.number)))
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
        strategies = {lesson.strategy for lesson in (*self.library.lessons, *self.library.own)}
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
        open_ = self.controller.lesson is not None
        if open_ or self._page is not None:
            self.page.refresh()
            self.highlights_changed.emit(*self.page.card.cell_highlights())
        if not open_:
            self.lesson_list.refresh()
        else:
            self._undo.hide()
        self._show_problem(self.controller.answers.problem)
        face = self.page if open_ else self._list
        focused = self.window().focusWidget()
        if face is not self.currentWidget() and focused and self.isAncestorOf(focused):
            self.window().setFocus()  # what is hidden must not have the keyboard
        self.setCurrentWidget(face)

    @Slot()
    def _on_library_changed(self) -> None:
        self.lesson_list.refresh()
        self._show_strategy()
        if self._told is not None:  # it may have been mended, or be another one now
            self._tell(self.library.error_in(self._told))
        lesson = self.controller.lesson
        if lesson is None:
            return
        renewed, error = self.library.find(lesson.key), self.library.error_of(lesson)
        if renewed is not None and renewed != lesson:
            self.controller.reload(renewed)
        gone = FILE_GONE.format(lesson.file.name) if renewed is None else ""
        self.page.problem.show_if_any(gone if error is None else str(error))

    @Slot(object)
    def _on_lesson_list_opened(self, entry: Lesson | LessonError) -> None:
        if isinstance(entry, Lesson):
            self._tell(None)
            self.open(entry)
        else:
            self._tell(entry)

    def _tell(self, error: LessonError | None) -> None:
        """Show what is wrong with a file, from now on as it is saved; None: nothing."""
        self._told = None if error is None else error.file
        self._show_problem("" if error is None else str(error))

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setMinimumWidth(round(MIN_WIDTH * min(appearance.layout_scale, MAX_GROWTH)))

    @Slot()
    def open_folder(self) -> None:
        """Show the folder for the user's own lessons."""
        self._show_problem(self.library.open_folder())

    def why_not_clear_all(self) -> str:
        """Return why answers cannot be deleted now; empty: they can."""
        return LEAVE_FIRST if self.opened else ""

    def why_not_clear_one(self) -> str:
        """Return why the answers of the marked lesson cannot be deleted now; empty: they can."""
        marked = self.lesson_list.current_lesson() is not None
        return self.why_not_clear_all() or ("" if marked else NONE_MARKED)

    def ask_to_clear_all(self) -> None:
        """Ask before the answers of every lesson are deleted."""
        self._ask_to_clear(None)

    def ask_to_clear_one(self) -> None:
        """Ask before the answers of the lesson marked in the list are deleted."""
        self._ask_to_clear(self.lesson_list.current_lesson())

    def _ask_to_clear(self, lesson: Lesson | None) -> None:
        """Ask before answers are deleted. Args: lesson: only of this one; None: of every lesson."""
        self._to_clear = "" if lesson is None else lesson.key
        self.list_wanted.emit()
        self._undo.hide()
        self._confirm.show()
        self._keep.setFocus()
        of = "of every lesson" if lesson is None else f"of “{lesson.title}”"
        self._show_problem(CLEAR_QUESTION.format(of))

    @Slot()
    def _on_keep_clicked(self) -> None:
        self._confirm.hide()
        self._show_problem("")

    @Slot()
    def _on_delete_clicked(self) -> None:
        self._confirm.hide()
        self.controller.clear_answers(self._to_clear)
        self._show_problem(CLEARED)
        self._undo.show()

    @Slot()
    def _on_undo_clicked(self) -> None:
        self._undo.hide()
        self.controller.restore_answers()
        self._show_problem("")

    @Slot()
    def _on_controller_next_wanted(self) -> None:
        lesson = self.controller.lesson
        following = None if lesson is None else self.library.following(lesson)
        if following is not None:
            self.open(following)

    def _show_problem(self, problem: str) -> None:
        self._problem.show_if_any(problem)
