"""The left column: the lessons, and the card of the one at hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QListWidgetItem, QVBoxLayout, QWidget

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.controls.text import Text
from gui.lesson_card import LessonCard
from gui.lesson_list import ENTRY, LessonList
from gui.lessons import FOLDER, Lesson, LessonError, load_lessons
from gui.session import Session
from gui.theme import SPACE

WIDTH = 200
REST_MILLISECONDS = 300
"""Arrow keys pass by lessons: a run begins only where they stay for so long."""


class LessonPanel(QWidget):
    """Lists the lessons; choosing one sets the run up for it: a click, Enter, or staying there.

    Args: folder: where the lessons are.
    """

    def __init__(self, session: Session, folder: Path = FOLDER) -> None:
        super().__init__()
        self._session = session
        self._lessons, errors = load_lessons(folder)
        self.setObjectName("lessonPanel")
        self._title = Text("Lessons", bold=True)
        self._list = LessonList()
        self._card = LessonCard()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        for lesson in self._lessons:
            self._list.add(f"{lesson.number}\u2002{lesson.title}", lesson)
        for error in errors:
            self._list.add(error.file.name, error)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE // 2, 0, 0)
        column.setSpacing(SPACE)
        self._title.setContentsMargins(SPACE, 0, 0, 0)
        column.addWidget(self._title)
        column.addWidget(self._list)
        column.addWidget(self._card, 1)
        self.setMinimumWidth(WIDTH)
        self._highlight(session.settings.strategy)
        self._rest.timeout.connect(self._on_rest_timeout)
        self._list.currentItemChanged.connect(self._on_list_current_item_changed)
        self._list.itemClicked.connect(self._on_list_item_chosen)
        self._list.itemActivated.connect(self._on_list_item_chosen)
        session.settings_changed.connect(self._on_session_settings_changed)
        session.catalogue_changed.connect(self._on_session_catalogue_changed)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """The lessons that could be read, by number."""
        return self._lessons

    def current(self) -> Lesson | LessonError | None:
        """What is highlighted."""
        item = self._list.currentItem()
        return None if item is None else _entry(item)

    def show_alone(self, alone: bool) -> None:
        """Show the card without the list, or both."""
        for part in (self._title, self._list):
            part.setHidden(alone)

    def choose(self, number: int) -> bool:
        """Go to the lesson of that number; False where there is none."""
        for lesson in self._lessons:
            if lesson.number == number:
                self._enter(lesson)
                return True
        return False

    def card_text(self) -> str:
        """What the card says."""
        return self._card.toPlainText()

    def _enter(self, lesson: Lesson) -> None:
        """Highlight a lesson and set the run up for it."""
        self._show(lesson)
        self._session.update(**lesson.changes(self._session.catalogue))

    def _show(self, entry: Lesson | LessonError | None) -> None:
        self._rest.stop()
        self._list.show_current(entry)
        if isinstance(entry, Lesson):
            self._card.show_lesson(entry)
        elif entry is not None:
            self._card.show_error(entry)
        else:
            self._card.show_strategy(self._session.strategy_info())

    def _highlight(self, strategy: str) -> None:
        """Show the lesson of a strategy; the current one stays where it is of that strategy."""
        self._rest.stop()
        current = self.current()
        if not (isinstance(current, Lesson) and current.strategy == strategy):
            fitting = (lesson for lesson in self._lessons if lesson.strategy == strategy)
            self._show(next(fitting, None))

    @Slot(object, object)
    def _on_session_settings_changed(self, old: Settings, new: Settings) -> None:
        if old.strategy != new.strategy:
            self._highlight(new.strategy)

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        if self.current() is None:
            self._show(None)

    @Slot(QListWidgetItem)
    def _on_list_current_item_changed(self, item: QListWidgetItem | None) -> None:
        entry = None if item is None else _entry(item)
        self._show(entry)
        if isinstance(entry, Lesson):
            self._rest.start()

    @Slot()
    def _on_rest_timeout(self) -> None:
        entry = self.current()
        if isinstance(entry, Lesson):
            self._enter(entry)

    @Slot(QListWidgetItem)
    def _on_list_item_chosen(self, item: QListWidgetItem) -> None:
        # Also of the lesson at hand: that brings its settings back.
        entry = _entry(item)
        if isinstance(entry, Lesson):
            self._enter(entry)


def _entry(item: QListWidgetItem) -> Lesson | LessonError:
    entry = item.data(ENTRY)
    assert isinstance(entry, Lesson | LessonError)
    return entry
