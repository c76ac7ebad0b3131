"""Widgets of a lesson's card: its text, and below it questions, results and buttons for runs."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from gui.lessons.card.body import CardBody
from gui.lessons.card.cells import cell_highlights
from gui.lessons.card.controls import room_controls
from gui.lessons.card.margins import margin_note
from gui.lessons.card.questions import (
    CellBlock,
    ChartBlock,
    ChoiceBlock,
    ConfirmBlock,
    CurveBlock,
    QuestionBlock,
    Reveal,
)
from gui.lessons.card.runs import MissingBlock, RunBlock
from gui.lessons.card.table import TableBlock
from gui.lessons.card.type import CardText, warning_label
from gui.lessons.card.words import PLAY_WAITS, cause_text, exception_text, length_hint
from gui.lessons.cause import Because
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Card, GuessedCell
from gui.matrices.cell_reading import CellReading
from gui.matrices.overlays import CellHighlight
from gui.session import Session
from gui.theme import HEADING, SECONDARY, SMALL, SPACE, appearance
from gui.widgets.box import vbox

SEEDS_REMARK = "The seed was changed between the runs, so their numbers cannot be compared."
ALTERED_REMARK = "A setting was changed during a run, so these numbers are not those of the lesson."


class CauseBlock(QWidget):
    """Line about a run and its control, once both have results."""

    def __init__(self, controller: LessonController, because: Because, card: Card) -> None:
        super().__init__()
        self._controller, self._because = controller, because
        rows = () if card.table is None else card.table.runs
        self._in_table = {because.run, because.control}.issubset(rows)
        self.label = CardText(scale=SECONDARY, wrap=True)
        vbox(self.label, on=self)

    def refresh(self) -> None:
        """Show the two numbers and the cause; hide while a run has no result."""
        lesson, results = self._controller.lesson, self._controller.results
        made = lesson is not None and self._because.claim.runs <= results.keys()
        self.setVisible(made)
        if made and lesson is not None:
            text = cause_text(self._because, lesson, results, in_table=self._in_table)
            self.label.show_text(text)


Block = (
    QuestionBlock | ConfirmBlock | RunBlock | MissingBlock | Reveal | ChartBlock | CauseBlock
    | TableBlock
)  # fmt: skip


class CardView(QWidget):
    """Shows the controller's present card; rebuilt for another card, refreshed for a new answer."""

    def __init__(self, controller: LessonController, session: Session) -> None:
        super().__init__()
        self._controller, self._session = controller, session
        self._card: Card | None = None
        self._blocks: list[Block] = []
        self.setObjectName("lessonCard")
        self.title = CardText(scale=HEADING, bold=True, wrap=True)
        self.prose = CardBody()
        self.remark = warning_label()
        self.margins = CardText(scale=SMALL, colour="muted", wrap=True)
        self.length = CardText(scale=SMALL, colour="muted", wrap=True)
        """Tells the author of a lesson of their own that a card is too long."""
        self.source = CardText(scale=SMALL, colour="muted", wrap=True)
        self._below_text = vbox(spacing=SPACE * 3 // 2)
        self._room = vbox(spacing=SPACE)
        """The controls that the card speaks of."""
        self._room_key: tuple[Card | None, bool] = None, False
        foot = self.margins, self.remark, self.length, self.source
        parts = (self.title, self.prose, self._room, self._below_text, *foot, 1)
        vbox(*parts, on=self, spacing=SPACE * 3 // 2)
        controller.progressed.connect(self._on_controller_progressed)

    def refresh(self) -> None:
        """Show the present card and its state."""
        card = self._controller.card
        if card is not self._card:
            self._rebuild(card)
        self._show_room_controls(card)
        if card is None or self._controller.lesson is None:
            return
        lesson, missing = self._controller.lesson, self._controller.missing_runs(card)
        self.title.show_text(card.title)
        self.prose.show_text(card.text, self._controller.results, lesson.file.parent)
        for part in (self.title, self.prose):
            part.setHidden(bool(missing))  # it tells of what has not happened yet
        for block in self._blocks:
            told = not missing or isinstance(block, MissingBlock)
            block.setVisible(told)
            if told:
                block.refresh()
        self._show_remark(card)
        note = "" if missing else margin_note(lesson, card, self._controller.results)
        self.margins.show_if_any(note)
        is_authors = lesson.own and not appearance.projecting
        self.length.show_if_any(length_hint(card.text) if is_authors else "")
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

    def show_play_waits(self) -> None:
        """Say below the question that Play waits for its answer, until something changes."""
        for block in self._blocks:
            if isinstance(block, QuestionBlock):
                block.verdict.show_text(PLAY_WAITS)
                block.verdict.show()

    @property
    def filled_table(self) -> TableBlock | None:
        """The table that has numbers; None: there is none."""
        tables = (block for block in self._blocks if isinstance(block, TableBlock))
        return next((table for table in tables if table.has_numbers), None)

    @property
    def has_controls(self) -> bool:
        """Whether controls that the card speaks of stand on it."""
        return self._room.count() > 0

    def choose_option(self, index: int) -> None:
        """Choose an option of the card's question. Args: index: from 0; others do nothing."""
        for block in self._blocks:
            if isinstance(block, ChoiceBlock) and index < len(block.options.rows):
                block.options.select(index)
                if self._controller.question_is_open and not block.options.counts_votes:
                    block.options.setFocus()  # Enter confirms

    def cell_highlights(self) -> tuple[str, tuple[CellHighlight, ...]]:
        """Return (layer, highlights) of the cells that the card refers to."""
        card, controller = self._card, self._controller
        if card is None or controller.lesson is None:
            return "", ()
        revealed = [controller.lesson.questions[name] for name in card.reveal]
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
        self._blocks = [] if card is None else list(self._new_blocks(card))
        for block in self._blocks:
            self._below_text.addWidget(block)

    def _show_room_controls(self, card: Card | None) -> None:
        """Put the controls that a card speaks of on it, where the window shows none."""
        key = (card, appearance.sizes.compact)
        if key == self._room_key:
            return
        self._room_key = key
        while (item := self._room.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if card is not None and appearance.sizes.compact and card.question is None:
            for control in room_controls(self._session, card.highlight):
                self._room.addWidget(control)

    def _new_blocks(self, card: Card) -> Iterator[Block]:
        """Yield new widgets for below the text.

        Those that may be hidden are shown only once they have a parent: before, they would be
        windows of their own for a moment, and take the keyboard focus.
        """
        controller, lesson = self._controller, self._controller.lesson
        assert lesson is not None
        if controller.missing_runs(card):
            yield MissingBlock(controller, card)
        reveals = (Reveal(controller, lesson.questions[name]) for name in card.reveal)
        if card.question is None and not card.runs:
            yield from reveals
        if card.chart is not None:
            yield ChartBlock(controller, card.chart)
        question = self._new_question(card)
        if question is not None:
            yield question
        if card.runs:
            yield RunBlock(controller, card, question)
        elif question is not None:
            yield ConfirmBlock(controller, question)
        if card.shown_table is not None:
            yield TableBlock(controller, card.shown_table)
        for because in card.because:
            yield CauseBlock(controller, because, card)
        yield from reveals  # below what the card itself asks for

    def _new_question(self, card: Card) -> QuestionBlock | None:
        controller, lesson = self._controller, self._controller.lesson
        assert lesson is not None
        if card.choice is not None:
            return ChoiceBlock(controller, card.choice)
        if card.curve is not None:
            steps = lesson.runs[card.curve.run].steps
            return CurveBlock(controller, self._session, card.curve, steps)
        return None if card.cell is None else CellBlock(controller, card.cell)

    def _show_remark(self, card: Card) -> None:
        lesson, results = self._controller.lesson, self._controller.results
        assert lesson is not None
        names = {name: run.display_name for name, run in lesson.runs.items()}
        remarks = list(self.prose.problems)
        altered = {name for name, result in results.items() if result.altered}
        if altered & card.needs:
            remarks.append(ALTERED_REMARK)
        seeds = {results[name].frame.settings.seed for name in card.needs if name in results}
        if len(seeds) > 1:
            remarks.append(SEEDS_REMARK)
        remarks += [
            exception_text(claim, results, names, tested=not lesson.own)
            for claim in card.failed_claims(results) if not altered & claim.runs
        ]  # fmt: skip
        self.remark.show_if_any("\n".join(remarks))
