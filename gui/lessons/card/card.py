"""Widgets of a lesson's card: its text, and below it questions, results and buttons for runs."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QWidget

from gui.lessons.card.prose import Prose
from gui.lessons.card.questions import (
    CellBlock,
    ChartBlock,
    ChoiceBlock,
    CurveBlock,
    QuestionBlock,
    Reveal,
    cell_highlights,
)
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText, warning_label
from gui.lessons.card.words import exception_text
from gui.lessons.controller import LessonController
from gui.lessons.expression import fill
from gui.lessons.lesson import Card, GuessedCell, LessonRun
from gui.matrices.cell_reading import CellReading
from gui.matrices.overlays import CellHighlight
from gui.session import Session
from gui.theme import HEADING, SMALL, SPACE, appearance
from gui.widgets.box import vbox

ALTERED_REMARK = "A setting was changed during a run, so these numbers are not those of the lesson."
ANSWER_FIRST = "Lock in your answer first, then see."
RUN_AGAIN = "Done. Press to make the run again."


class RunBlock(QWidget):
    """One button for each run of a card, enabled once the card's question is answered."""

    def __init__(self, controller: LessonController, card: Card) -> None:
        super().__init__()
        self._controller, self._card = controller, card
        self._buttons = [RunButton(f"run.{run.name}") for run in card.runs]
        group = QButtonGroup(self, exclusive=False)
        group.idClicked.connect(self._on_group_id_clicked)
        self.reason = CardText(ANSWER_FIRST, scale=SMALL, colour="muted", wrap=True)
        for index, button in enumerate(self._buttons):
            group.addButton(button, index)
        vbox(*self._buttons, self.reason, on=self, spacing=SPACE * 3 // 4)

    def refresh(self) -> None:
        """Show the runs' progress."""
        awaits_answer = self._awaits_answer()
        self.reason.setVisible(awaits_answer)
        for run, button in zip(self._card.runs, self._buttons, strict=True):
            self._show(run, button, awaits_answer=awaits_answer)

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
        label = run.label or f"Run {run.steps:,} step{'' if run.steps == 1 else 's'}"
        if run.name in results:
            button.show_state(f"✓ {label}", primary=False, enabled=not busy, reason=RUN_AGAIN)
        else:
            first = next(r for r in self._card.runs if r.name not in results)
            reason = ANSWER_FIRST if awaits_answer else ""
            enabled = not awaits_answer and not busy
            button.show_state(label, enabled=enabled, reason=reason, primary=run is first)

    @Slot(int)
    def _on_group_id_clicked(self, index: int) -> None:
        self._controller.run(self._card.runs[index].name)


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
        self.label.show_text(
            "This card shows a run of an earlier card, which is not made yet."
            if count == 1 else f"This card shows {count} runs of earlier cards, not made yet."
        )  # fmt: skip
        if not show_progress(self.button, self._controller, missing):
            text = "Make it now" if count == 1 else "Make them now"
            self.button.show_state(text, enabled=not self._controller.busy)


def show_progress(button: RunButton, controller: LessonController, runs: tuple[str, ...]) -> bool:
    """Show the progress of the active run if it is one of these. Returns: whether it is."""
    active, paused = controller.active_run, not controller.busy
    if active is None or active.run.name not in runs:
        return False
    where = f"tep {active.step:,} of {active.run.steps:,}"
    share = min(active.step / active.run.steps, 1.0)
    text = f"Go on: s{where}" if paused else f"S{where}"
    button.show_state(text, enabled=paused, progress=share)
    return True


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
        self._blocks = [] if card is None else list(self._new_blocks(card))
        for block in self._blocks:
            self._below_text.addWidget(block)

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
            yield Reveal(controller, lesson.question(name))
        if card.chart is not None:
            yield ChartBlock(controller, card.chart)
        if card.choice is not None:
            yield ChoiceBlock(controller, card.choice)
        elif card.curve is not None:
            steps = lesson.runs[card.curve.run].steps
            yield CurveBlock(controller, self._session, card.curve, steps)
        elif card.cell is not None:
            yield CellBlock(controller, card.cell)
        if card.runs:
            yield RunBlock(controller, card)

    def _show_remark(self, card: Card) -> None:
        lesson, results = self._controller.lesson, self._controller.results
        assert lesson is not None
        names = {name: run.display_name for name, run in lesson.runs.items()}
        remarks = list(self.prose.problems)
        if any(results[name].altered for name in card.needs & results.keys()):
            remarks.append(ALTERED_REMARK)
        remarks += [exception_text(c, results, names) for c in card.failed_claims(results)]
        self.remark.show_if_any("\n".join(remarks))
