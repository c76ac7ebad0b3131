"""Lesson chooser: a list over the window, from which a lecturer opens any lesson by keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from gui.lessons.controller import LessonController
from gui.lessons.lesson import Lesson
from gui.lessons.lesson_list import LessonList
from gui.lessons.library import LessonLibrary
from gui.theme import LARGE, SPACE
from gui.widgets.box import vbox
from gui.widgets.label import Label

WIDTH_SHARE, HEIGHT_SHARE = 0.5, 0.86
"""Fractions of the window."""
HINT = "Type a number or use ↑ ↓, then press Enter. Escape closes."


class LessonChooser(QFrame):
    """Stands in the middle of the window; ↑ ↓ or a number selects, Enter opens."""

    chosen = Signal(object)
    """Emitted with the Lesson that was chosen."""

    def __init__(
        self, window: QWidget, controller: LessonController, library: LessonLibrary
    ) -> None:
        super().__init__(window)
        self._window = window
        self._typed = ""
        """Digits typed so far."""
        self._chosen_lesson: Lesson | None = None
        self.setObjectName("lessonChooser")
        self.setProperty("role", "card")
        self._list = LessonList(controller, library)
        self._hint = Label(HINT, scale=LARGE, colour="muted", wrap=True)
        margins = 2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE
        vbox(self._hint, (self._list, 1), on=self, spacing=SPACE, margins=margins)
        self._list.opened.connect(self._on_list_opened)
        library.changed.connect(self._list.refresh)
        self.hide()

    def open(self) -> None:
        """Show the list, and take the keys."""
        self._typed = ""
        self._list.refresh()
        width, height = self._window.width(), self._window.height()
        self.resize(round(WIDTH_SHARE * width), round(HEIGHT_SHARE * height))
        self.move((width - self.width()) // 2, (height - self.height()) // 2)
        self.raise_()
        self.show()
        self._list.setFocus()

    def close_list(self) -> None:
        """Hide the list, and give the keys back."""
        self._window.setFocus()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select by number; Escape and L close. No other key leaves the list."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_L):
            self.close_list()
        elif event.text().isdigit():
            self._type(event.text())

    def _type(self, digit: str) -> None:
        """Select the lesson of the number typed so far, or of this digit alone."""
        for typed in (self._typed + digit, digit):
            for row, entry in enumerate(self._list.entries):
                if isinstance(entry, Lesson) and str(entry.number) == typed:
                    self._typed = typed
                    self._list.setCurrentIndex(self._list.model().index(row, 0))
                    return

    @Slot(object)
    def _on_list_opened(self, entry: object) -> None:
        if isinstance(entry, Lesson):
            self.close_list()
            # Not while the list still handles the key: the window is laid out anew.
            self._chosen_lesson = entry
            QTimer.singleShot(0, self._emit_chosen)

    @Slot()
    def _emit_chosen(self) -> None:
        if self._chosen_lesson is not None:
            self.chosen.emit(self._chosen_lesson)
