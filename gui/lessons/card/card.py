"""Widgets of a lesson's card: its text, and below it questions, results and buttons for runs."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QWidget

from gui.lessons.card.cells import cell_highlights
from gui.lessons.card.controls import room_controls
from gui.lessons.card.prose import Prose
from gui.lessons.card.questions import (
    CellBlock,
    ChartBlock,
    ChoiceBlock,
    ConfirmBlock,
    CurveBlock,
    QuestionBlock,
    Reveal,
)
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText, warning_label
from gui.lessons.card.words import cause_text, confirm_text, exception_text, run_label, tried_text
from gui.lessons.cause import Because
from gui.lessons.controller import LessonController
from gui.lessons.expression import fill, known_part
from gui.lessons.lesson import Card, GuessedCell, LessonRun
from gui.lessons.run_result import RunResult
from gui.matrices.cell_reading import CellReading
from gui.matrices.overlays import CellHighlight
from gui.session import Session
from gui.theme import HEADING, SECONDARY, SMALL, SPACE, appearance
from gui.widgets.box import vbox

ALTERED_REMARK = "A setting was changed during a run, so these numbers are not those of the lesson."
ANSWER_FIRST = "Choose and confirm an answer to run."
RUNNING = "This card is shown when its run is done."
RUN_AGAIN = "Done. Press to run it again."


class RunBlock(QWidget):
    """One button for each run of a card; the first one also confirms the answer to its question.

    Args: question: the block of the card's question; None: it asks none.
    """

    def __init__(
        self, controller: LessonController, card: Card, question: QuestionBlock | None
    ) -> None:
        super().__init__()
        self._controller, self._card, self._question = controller, card, question
        self._buttons = [RunButton(f"run.{run.name}") for run in card.runs]
        group = QButtonGroup(self, exclusive=False)
        group.idClicked.connect(self._on_group_id_clicked)
        self.reason = CardText(ANSWER_FIRST, scale=SMALL, colour="muted", wrap=True)
        self.tried = CardText(scale=SMALL, wrap=True)
        """What came of the runs with the reader's own settings, one line each."""
        self.tried.hide()
        self._results: list[RunResult] = []
        for index, button in enumerate(self._buttons):
            group.addButton(button, index)
        vbox(*self._buttons, self.reason, self.tried, on=self, spacing=SPACE * 3 // 4)
        if question is not None:
            question.chosen_changed.connect(self.refresh)
            question.confirmed.connect(self._on_question_confirmed)

    @Slot()
    def refresh(self) -> None:
        """Show the runs' progress."""
        awaits_answer = self._awaits_answer()
        self.reason.setVisible(awaits_answer and not self._is_chosen())
        for run, button in zip(self._card.runs, self._buttons, strict=True):
            self._show(run, button, awaits_answer=awaits_answer)
            result = self._controller.results.get(run.name)
            if run.keep_settings and result is not None and result not in self._results:
                self._results.append(result)
                base = self._results[0].frame.settings
                lines = (tried_text(result, base) for result in self._results)
                self.tried.show_if_any("\n".join(lines))

    def _is_chosen(self) -> bool:
        return self._question is not None and self._question.chosen() is not None

    def _awaits_answer(self) -> bool:
        """Return whether a question has to be answered first; never in presenter mode."""
        question = self._card.question
        if question is None or appearance.projecting:
            return False
        made = any(run.name in self._controller.results for run in self._card.runs)
        is_running = self._controller.active_run is not None
        return self._controller.answer(question) is None and not made and not is_running

    def _show(self, run: LessonRun, button: RunButton, *, awaits_answer: bool) -> None:
        results, busy = self._controller.results, self._controller.busy
        if show_progress(button, self._controller, (run.name,)):
            return
        assert self._controller.lesson is not None
        label = run_label(self._controller.lesson, run)
        if run.name in results and not run.keep_settings:
            button.show_state(f"✓ {label}", primary=False, enabled=not busy, reason=RUN_AGAIN)
            return
        unmade = (r for r in self._card.runs if r.name not in results)
        first = next(unmade, self._card.runs[-1])
        enabled, reason = not busy, ""
        if awaits_answer:
            assert self._question is not None
            enabled = run is first and self._is_chosen()
            label = confirm_text(label) if run is first else label
            reason = "" if enabled else self._question.hint if run is first else ANSWER_FIRST
        button.show_state(label, enabled=enabled, reason=reason, primary=run is first)

    @Slot(int)
    def _on_group_id_clicked(self, index: int) -> None:
        if self._awaits_answer() and self._question is not None:
            self._question.confirm()
        self._controller.run(self._card.runs[index].name)

    @Slot()
    def _on_question_confirmed(self) -> None:
        if self._buttons[0].isEnabled() and self._awaits_answer():
            self._on_group_id_clicked(0)


class MissingBlock(QWidget):
    """Message that a card needs runs without results, and a button that trains them."""

    def __init__(self, controller: LessonController, card: Card) -> None:
        super().__init__()
        self._controller, self._card = controller, card
        self.label = CardText(scale=SMALL, colour="muted", wrap=True)
        self.button = RunButton("runMissing")
        self.button.clicked.connect(controller.run_missing)
        vbox(self.label, self.button, on=self, spacing=SPACE * 3 // 4)

    def refresh(self) -> None:
        """Show the number of missing runs, or hide."""
        missing = self._controller.missing_runs(self._card)
        count = len(missing)
        self.setVisible(count > 0)
        if show_progress(self.button, self._controller, missing):
            self.label.show_text(RUNNING)
            return
        self.label.show_text(
            "This card needs an earlier run." if count == 1
            else f"This card needs {count} earlier runs."
        )  # fmt: skip
        text = "Run it now" if count == 1 else "Run them now"
        self.button.show_state(text, enabled=not self._controller.busy)


def show_progress(button: RunButton, controller: LessonController, runs: tuple[str, ...]) -> bool:
    """Show the progress of the active run if it is one of these. Returns: whether it is."""
    active, paused = controller.active_run, not controller.busy
    if active is None or active.run.name not in runs:
        return False
    where = f"tep {active.step:,} of {active.run.steps:,}"
    share = min(active.step / active.run.steps, 1.0)
    text = f"Continue: s{where}" if paused else f"S{where}"
    button.show_state(text, enabled=paused, progress=share)
    return True


class CauseBlock(QWidget):
    """Line about a run and its control, once both have results."""

    def __init__(self, controller: LessonController, because: Because) -> None:
        super().__init__()
        self._controller, self._because = controller, because
        self.label = CardText(scale=SECONDARY, wrap=True)
        vbox(self.label, on=self)

    def refresh(self) -> None:
        """Show the two numbers and the cause; hide while a run has no result."""
        lesson, results = self._controller.lesson, self._controller.results
        made = lesson is not None and self._because.claim.runs <= results.keys()
        self.setVisible(made)
        if made and lesson is not None:
            self.label.show_text(cause_text(self._because, lesson, results))


Block = QuestionBlock | ConfirmBlock | RunBlock | MissingBlock | Reveal | ChartBlock | CauseBlock


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
        self._room = vbox(spacing=SPACE)
        """The controls that the card speaks of."""
        self._room_key: tuple[Card | None, bool] = None, False
        parts = (
            self.title, self.prose, self._room, self._below_text, self.remark, self.source, 1
        )  # fmt: skip
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
        text = known_part(fill(card.text, self._controller.results))
        self.prose.show_markdown(text, lesson.file.parent)
        for part in (self.title, self.prose):
            part.setHidden(bool(missing))  # it tells of what has not happened yet
        for block in self._blocks:
            told = not missing or isinstance(block, MissingBlock)
            block.setVisible(told)
            if told:
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
        for name in card.reveal:
            yield Reveal(controller, lesson.questions[name])
        if card.chart is not None:
            yield ChartBlock(controller, card.chart)
        question = self._new_question(card)
        if question is not None:
            yield question
        if card.runs:
            yield RunBlock(controller, card, question)
        elif question is not None:
            yield ConfirmBlock(controller, question)
        for because in card.because:
            yield CauseBlock(controller, because)

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
        remarks += [
            exception_text(claim, results, names, tested=not lesson.own)
            for claim in card.failed_claims(results) if not altered & claim.runs
        ]  # fmt: skip
        self.remark.show_if_any("\n".join(remarks))
