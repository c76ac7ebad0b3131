"""The left column: the list of lessons, or the one at hand."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.lessons.card.prose import Prose
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Lesson
from gui.lessons.lesson_list import LessonList
from gui.lessons.library import LessonLibrary
from gui.lessons.page import LessonPage
from gui.lessons.toml_reader import LessonError
from gui.matrices.cell_reading import CellReading
from gui.session import Session
from gui.theme import SPACE
from gui.widgets.label import Label
from gui.widgets.surface import scroll_area

WIDTH = 200
SMALL = 0.85
"""Of a lesson's text."""
FOLDER_HINT = "Open the folder for lessons of your own: a Markdown file in it appears here"
CHOICES_HINT = "Which method suits what you have, and three pitfalls to run (W)"
CLEAR_HINT = "Forget all answers and how far you came"
LONGEST_PROBLEM = 240
"""Signs; a longer one is told in whole by its tooltip."""
ABOUT_SHARE = 0.42
"""Of the panel's height, at most, for what is told of a strategy without a lesson."""
GONE = "{}: the file is gone. This card stays until you leave the lesson."
CLEAR = "Forget all answers and how far you came, in every lesson?"


class LessonPanel(QWidget):
    """Two faces: the list, and the lesson that was opened from it."""

    ringed = Signal(str, object)
    """(layer, Rings) of the stage's cells that the card speaks of; without any: none."""

    choices_wanted = Signal()
    """The table of methods is to be shown."""

    def __init__(self, session: Session, guide: LessonController, shelf: LessonLibrary) -> None:
        super().__init__()
        self._session, self._guide, self._shelf = session, guide, shelf
        self.setObjectName("lessonPanel")
        self.contents = LessonList(guide, shelf)
        self.page = LessonPage(guide, session)
        self._problem = CardText(scale=SMALL, wrap=True)
        self._problem.setProperty("role", "warning")
        self._problem.hide()
        self._choices = RunButton("openChoices", scale=SMALL)
        self._choices.show_state("Which one when", primary=False, reason=CHOICES_HINT)
        self._folder = RunButton("lessonsFolder", scale=SMALL)
        self._folder.show_state("Open folder", primary=False, reason=FOLDER_HINT)
        self._clear = RunButton("clearAnswers", scale=SMALL)
        self._clear.show_state("Clear answers", primary=False, reason=CLEAR_HINT)
        self._keep = RunButton("keepAnswers", scale=SMALL)
        self._keep.show_state("Keep them", primary=False)
        self._sure = RunButton("clearAnswersNow", scale=SMALL)
        self._sure.show_state("Forget them")
        self.about = Prose(scale=SMALL, colour="muted")
        self._about_area = scroll_area(self.about)
        self._faces = QStackedWidget()
        self._list = self._new_list()
        self._faces.addWidget(self._list)
        self._faces.addWidget(self.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._faces)
        self.setMinimumWidth(WIDTH)
        self.contents.opened.connect(self._on_contents_opened)
        self._choices.clicked.connect(self.choices_wanted)
        self._folder.clicked.connect(self._on_folder_clicked)
        self._clear.clicked.connect(self._on_clear_clicked)
        self._keep.clicked.connect(self._on_keep_clicked)
        self._sure.clicked.connect(self._on_sure_clicked)
        guide.changed.connect(self._on_guide_changed)
        guide.card_changed.connect(self._on_guide_card_changed)
        shelf.changed.connect(self._on_shelf_changed)
        session.state.settings_changed.connect(self._on_session_settings_changed)
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)
        self._on_guide_changed()
        self._tell_of_strategy()

    def _new_list(self) -> QWidget:
        face = QWidget()
        title = Label("Lessons", bold=True)
        title.setContentsMargins(SPACE, SPACE // 2, 0, 0)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        for button in (self._folder, self._clear, self._keep, self._sure):
            foot.addWidget(button)
        self._ask(False)
        column = QVBoxLayout(face)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(title)
        column.addWidget(self.contents, 1)
        column.addWidget(self._about_area)
        column.addWidget(self._problem)
        column.addWidget(self._choices)
        column.addLayout(foot)
        return face

    @property
    def opened(self) -> bool:
        """Whether a lesson is open; else the list is shown."""
        return self._faces.currentWidget() is self.page

    def open(self, lesson: Lesson) -> None:
        """Take up a lesson from its first card."""
        self.page.show_problem("")
        self._guide.enter(lesson)

    def choose(self, number: int) -> bool:
        """Take up the program's lesson of that number; False where there is none."""
        for lesson in self._shelf.lessons:
            if lesson.number == number:
                self.open(lesson)
                return True
        return False

    def open_named(self, name: str) -> None:
        """Take up the program's lesson of that name, if there is one."""
        for lesson in self._shelf.lessons:
            if lesson.name == name:
                self.open(lesson)

    def card_text(self) -> str:
        """What the card says."""
        return self.page.card.text()

    def show_alone(self, alone: bool) -> None:
        """Show the card without what leads elsewhere, or all."""
        self.page.show_alone(alone)

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """A cell is read on the stage; None: none is."""
        self.page.card.show_reading(reading)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: what is told of a strategy leaves the list the larger part."""
        super().resizeEvent(event)
        self._fit_about()

    def _tell_of_strategy(self) -> None:
        """Of one that no lesson is about."""
        strategies = {lesson.strategy for lesson in (*self._shelf.lessons, *self._shelf.own)}
        info = self._session.state.strategy_info()
        told = info is not None and info.name not in strategies
        if info is not None and told:
            source = f"\n\n*{info.source}*" if info.source else ""
            self.about.show_markdown(f"**{info.label}**\n\n{info.summary} {info.note}{source}")
        self._about_area.setVisible(told)
        self._fit_about()

    def _fit_about(self) -> None:
        wanted = self.about.heightForWidth(max(self.width() - SPACE, 1))
        self._about_area.setFixedHeight(min(wanted, round(ABOUT_SHARE * self.height())))

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if old.strategy != new.strategy:
            self._tell_of_strategy()

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self._tell_of_strategy()

    @Slot()
    def _on_guide_changed(self) -> None:
        open_ = self._guide.lesson is not None
        self.page.refresh()
        if not open_:
            self.contents.refresh()
        self._say(self._guide.answers.problem)
        self._faces.setCurrentWidget(self.page if open_ else self._list)
        self.ringed.emit(*self.page.card.rings())

    @Slot()
    def _on_guide_card_changed(self) -> None:
        self.page.turn()

    @Slot()
    def _on_shelf_changed(self) -> None:
        self.contents.refresh()
        lesson = self._guide.lesson
        if lesson is None:
            return
        renewed, error = self._shelf.find(lesson.key), self._shelf.error_of(lesson)
        if renewed is not None and renewed != lesson:
            self._guide.renew(renewed)
        gone = renewed is None and error is None
        problem = GONE.format(lesson.file.name) if gone else "" if error is None else str(error)
        self.page.show_problem(problem)

    @Slot(object)
    def _on_contents_opened(self, entry: Lesson | LessonError) -> None:
        if isinstance(entry, Lesson):
            self._say("")
            self.open(entry)
        else:
            self._say(str(entry))

    @Slot()
    def _on_folder_clicked(self) -> None:
        self._say(self._shelf.open_folder())

    @Slot()
    def _on_clear_clicked(self) -> None:
        self._ask(True)

    @Slot()
    def _on_keep_clicked(self) -> None:
        self._ask(False)

    @Slot()
    def _on_sure_clicked(self) -> None:
        self._ask(False)
        self._guide.clear()

    def _ask(self, asking: bool) -> None:
        """Whether answers are to be forgotten: only a second press does it."""
        for button in (self._folder, self._clear):
            button.setHidden(asking)
        for button in (self._keep, self._sure):
            button.setVisible(asking)
        self._say(CLEAR if asking else "")

    def _say(self, problem: str) -> None:
        short = len(problem) <= LONGEST_PROBLEM
        self._problem.show_text(problem if short else f"{problem[:LONGEST_PROBLEM].rstrip()} …")
        self._problem.setToolTip("" if short else problem)
        self._problem.setVisible(bool(problem))
