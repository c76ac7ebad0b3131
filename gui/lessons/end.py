"""End of a lesson: what was answered right, and the way to the next lesson."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Lesson
from gui.theme import HEADING, SMALL, SPACE, appearance
from gui.widgets.box import vbox

CLICKER_HINT, NEXT = "Page Down opens {}.", "Next: {}"


class LessonEnd(QWidget):
    """Shown in place of a card once the last one has been left."""

    next_clicked = Signal()

    def __init__(self, controller: LessonController) -> None:
        super().__init__()
        self._controller = controller
        self.setObjectName("lessonEnd")
        self._title = CardText(scale=HEADING, bold=True, wrap=True)
        self.score = CardText(wrap=True)
        self._set_aside = CardText(scale=SMALL, colour="muted", wrap=True)
        self.next_button, self.all_button = RunButton("nextLesson"), RunButton("lessonDone")
        self._following = CardText(colour="muted", wrap=True)
        self.next_button.clicked.connect(self.next_clicked)
        self.all_button.clicked.connect(controller.leave)
        buttons = self.next_button, self.all_button
        parts = (self._title, self.score, self._following, *buttons, self._set_aside, 1)
        vbox(*parts, on=self, spacing=SPACE * 3 // 2)

    def refresh(self, following: Lesson | None) -> None:
        """Show the end of the present lesson. Args: following: None: it is the last one."""
        controller = self._controller
        lesson = controller.lesson
        if lesson is None:
            return
        self._title.show_text(f"End of lesson {lesson.number}, {lesson.title}")
        projecting = appearance.projecting
        right, unanswered, count = controller.score()
        rest = f", {unanswered} not answered" if unanswered else ""
        self.score.show_if_any("" if projecting else f"Correct answers: {right} of {count}{rest}.")
        name = "" if following is None else f"{following.number} {following.title}"
        self.next_button.show_state("Next lesson ›")
        self.next_button.setHidden(projecting or not name)
        self.all_button.show_state("All lessons", primary=not name)
        self.all_button.setHidden(projecting)
        text = (CLICKER_HINT if projecting else NEXT).format(name)
        self._following.show_if_any(text if name else "")
        self._set_aside.show_if_any("" if projecting else controller.set_aside)
