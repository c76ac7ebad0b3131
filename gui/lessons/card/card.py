"""Widget of a lesson's card: its text, and below it questions, runs and results."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from gui.lessons.card.prose import Prose
from gui.lessons.card.questions import CellBlock, ChoiceBlock, CurveBlock, QuestionBlock
from gui.lessons.card.reveals import ChartBlock, Reveal, cell_highlights
from gui.lessons.card.runs import MissingBlock, RunBlock
from gui.lessons.card.type import CardText, warning_label
from gui.lessons.card.words import exception_text
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, ChoiceQuestion, DrawnCurve, GuessedCell, Lesson, Question
from gui.lessons.template import fill
from gui.matrices.cell_reading import CellReading
from gui.matrices.overlays import CellHighlight
from gui.session import Session
from gui.theme import HEADING, SMALL, SPACE
from gui.widgets.box import vbox

ALTERED_REMARK = "A setting was changed during a run, so these numbers are not those of the lesson."
Block = QuestionBlock | RunBlock | MissingBlock | Reveal | ChartBlock


class CardView(QWidget):
    """Shows the controller's present card; rebuilt for another card, refreshed for a new answer."""

    def __init__(self, controller: LessonController, session: Session) -> None:
        super().__init__()
        self._controller, self._session = controller, session
        self._card: Card | None = None
        self._blocks: list[Block] = []
        self.setObjectName("lessonCard")
        self.title = CardText(scale=HEADING, bold=True, wrap=True)
        self.prose = Prose()
        self.remark = warning_label()
        self.source = CardText(scale=SMALL, colour="muted", wrap=True)
        self._below_text = vbox(spacing=SPACE * 3 // 2)
        parts = (self.title, self.prose, self._below_text, self.remark, self.source, 1)
        vbox(*parts, on=self, spacing=SPACE * 3 // 2)
        controller.progressed.connect(self._on_controller_progressed)

    def refresh(self) -> None:
        """Show the present card and its state."""
        card = self._controller.card
        if card is not self._card:
            self._rebuild(card)
        if card is None or self._controller.lesson is None:
            return
        lesson = self._controller.lesson
        self.title.show_text(card.title)
        self.prose.show_markdown(fill(card.text, self._controller.results), lesson.file.parent)
        for block in self._blocks:
            block.refresh()
        self._show_remark(card)
        last = self._controller.index == self._controller.count - 1
        self.source.show_if_any(lesson.source if last else "")

    @Slot()
    def _on_controller_progressed(self) -> None:
        for block in self._blocks:
            if isinstance(block, RunBlock | MissingBlock):
                block.refresh()

    def show_reading(self, reading: CellReading | None) -> None:
        """Pass the cell read on the stage to the questions; None: none is."""
        for block in self._blocks:
            if isinstance(block, CellBlock):
                block.show_reading(reading)

    def cell_highlights(self) -> tuple[str, tuple[CellHighlight, ...]]:
        """Return (layer, highlights) of the cells that the card refers to."""
        card, controller = self._card, self._controller
        if card is None or controller.lesson is None:
            return "", ()
        revealed = [controller.lesson.question(name) for name in card.reveal]
        for question in (*revealed, card.question):
            if isinstance(question, GuessedCell):
                result = controller.results.get(question.run) if question in revealed else None
                return question.layer, cell_highlights(
                    question, controller.answer(question), result
                )
        return "", ()

    # ------------------------------------------------------------ blocks

    def _rebuild(self, card: Card | None) -> None:
        self._card = card
        for block in self._blocks:
            self._below_text.removeWidget(block)
            block.hide()
            block.deleteLater()
        self._blocks = [] if card is None else self._new_blocks(card)
        for block in self._blocks:
            self._below_text.addWidget(block)

    def _new_blocks(self, card: Card) -> list[Block]:
        """Return new widgets for below the text.

        Those that may be hidden are shown only once they have a parent: before, they would be
        windows of their own for a moment, and take the keyboard focus.
        """
        controller, lesson = self._controller, self._controller.lesson
        assert lesson is not None
        blocks: list[Block] = []
        if controller.missing_runs(card):
            blocks.append(MissingBlock(controller, card))
        blocks += [Reveal(controller, lesson.question(name)) for name in card.reveal]
        if card.chart is not None:
            blocks.append(ChartBlock(controller, card.chart))
        if card.question is not None:
            blocks.append(self._new_question(lesson, card.question))
        if card.runs:
            blocks.append(RunBlock(controller, card))
        return blocks

    def _new_question(self, lesson: Lesson, question: Question) -> QuestionBlock:
        match question:
            case ChoiceQuestion():
                return ChoiceBlock(self._controller, question)
            case DrawnCurve():
                steps = lesson.runs[question.run].steps
                return CurveBlock(self._controller, self._session, question, steps)
            case GuessedCell():
                return CellBlock(self._controller, question)

    def _show_remark(self, card: Card) -> None:
        lesson, results = self._controller.lesson, self._controller.results
        assert lesson is not None
        names = {name: run.display_name for name, run in lesson.runs.items()}
        remarks = list(self.prose.problems)
        if any(results[name].altered for name in card.needs & results.keys()):
            remarks.append(ALTERED_REMARK)
        remarks += [exception_text(c, results, names) for c in card.failed_claims(results)]
        self.remark.show_if_any("\n".join(remarks))
