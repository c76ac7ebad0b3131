"""End of a lesson: what was answered right, and the way to the next lesson."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.lessons.answers import Answers
from gui.lessons.card.questions import verdict_text
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.lesson import ChoiceQuestion, Lesson
from gui.theme import HEADING, SMALL, SPACE, appearance
from gui.widgets.box import vbox

CLICKER_HINT, NEXT = "Page Down opens {}.", "Next: {}"
PREDICTION = "Your prediction on card {}: {}"
AFRESH, AFRESH_HINT = "Start this lesson afresh", "Deletes its answers and its runs"


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
        self.afresh = RunButton("lessonAfresh")
        self.missing = CardText(wrap=True)
        self._following = CardText(colour="muted", wrap=True)
        self.next_button.clicked.connect(self.next_clicked)
        self.all_button.clicked.connect(controller.leave)
        self.afresh.clicked.connect(controller.start_afresh)
        buttons = self.next_button, self.all_button, self.afresh
        parts = (
            self._title,
            self.score,
            self.missing,
            self._following,
            *buttons,
            self._set_aside,
            1,
        )
        vbox(*parts, on=self, spacing=SPACE * 3 // 2)

    def refresh(self, following: Lesson | None) -> None:
        """Show the end of the present lesson. Args: following: None: it is the last one."""
        controller = self._controller
        lesson = controller.lesson
        if lesson is None:
            return
        self._title.show_text(f"End of lesson {lesson.number}, {lesson.title}")
        projecting = appearance.projecting
        self.score.show_if_any("" if projecting else score_text(controller, lesson))
        self.missing.show_if_any("" if projecting else missing_text(controller.answers, lesson))
        name = "" if following is None else f"{following.number} {following.title}"
        self.next_button.show_state("Next lesson ›")
        self.next_button.setHidden(projecting or not name)
        self.all_button.show_state("All lessons", primary=not name)
        self.all_button.setHidden(projecting)
        self.afresh.show_state(AFRESH, primary=False, reason=AFRESH_HINT)
        self.afresh.setHidden(projecting)
        text = (CLICKER_HINT if projecting else NEXT).format(name)
        self._following.show_if_any(text if name else "")
        self._set_aside.show_if_any("" if projecting else controller.run_before.text)


def score_text(controller: LessonController, lesson: Lesson) -> str:
    """Return how many of a lesson's choices are answered right, and how near the rest came."""
    choices = [asked for asked in lesson.questions.values() if isinstance(asked, ChoiceQuestion)]
    pairs = [(controller.answer(it), it.right_option(controller.results)) for it in choices]
    right = sum(yours is not None and yours == option for yours, option in pairs)
    scored = f"Correct answers: {right} of {len(choices)}." if choices else ""
    near = (
        PREDICTION.format(lesson.cards.index(lesson.card_asking(it)) + 1, said)
        for it in lesson.questions.values()
        if not isinstance(it, ChoiceQuestion) and controller.answer(it) is not None
        and (said := verdict_text(controller, it))
    )  # fmt: skip
    return "\n".join(filter(None, (scored, *near)))


def missing_text(answers: Answers, lesson: Lesson) -> str:
    """Return what the lesson's tick still needs; empty: nothing."""
    unanswered, unmade = answers.open_cards(lesson)
    told = [
        f"{what}: {_cards(cards)}." for what, cards in
        (("Not answered", unanswered), ("Not run to the end", unmade)) if cards
    ]  # fmt: skip
    return " ".join(told)


def _cards(indices: tuple[int, ...]) -> str:
    numbers = ", ".join(str(index + 1) for index in indices)
    return f"card{'' if len(indices) == 1 else 's'} {numbers}"
