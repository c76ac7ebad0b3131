"""Questions of a card: an answer is confirmed once, and compared with the result later."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.lessons.card.cells import cell_text
from gui.lessons.card.choice_list import ChoiceList
from gui.lessons.card.curve_grid import resample, sampled
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.card.words import NO_GUESS, distance_text, question_sentence
from gui.lessons.controller import LessonController
from gui.lessons.expression import fill
from gui.lessons.expression_text import measured_text
from gui.lessons.lesson import COLUMNS, Chart, ChoiceQuestion, DrawnCurve, GuessedCell, Question
from gui.matrices.cell_reading import CellReading
from gui.matrices.factor_kinds import LAYER_MATRICES
from gui.plots.plot_spec import Curve
from gui.session import Session
from gui.state.curve_buffer import rows_of
from gui.text.layers import cell_position, layer_phrase
from gui.theme import SECONDARY, SMALL, SPACE, appearance
from gui.widgets.box import vbox

CONFIRM = "Confirm my answer"


class QuestionBlock(QWidget):
    """Base class of the questions: what is asked, and how it is answered.

    Args: body: shows the question.  hint: what is missing for an answer.
    """

    chosen_changed = Signal()
    """Emitted when there is another answer to confirm, or none."""
    confirmed = Signal()
    """Emitted when the answer is confirmed by a key."""

    def __init__(
        self, controller: LessonController, question: Question, body: QWidget, hint: str
    ) -> None:
        super().__init__()
        self._controller, self._question, self.hint = controller, question, hint
        self.verdict = CardText(scale=SECONDARY, wrap=True)
        """The number that decides, as soon as the run has ended."""
        self.verdict.hide()
        vbox(body, self.verdict, on=self, spacing=SPACE // 2)

    def refresh(self) -> None:
        """Show the present state."""
        self.verdict.show_if_any(verdict_text(self._controller, self._question))

    def chosen(self) -> Any:
        """Return the answer that can be confirmed; None: there is none yet."""

    def confirm(self) -> None:
        """Confirm the answer, if there is one."""
        value = self.chosen()
        if value is not None:
            self._controller.commit(value)


class ConfirmBlock(QWidget):
    """Button that confirms the answer to a question which no run of its card decides."""

    def __init__(self, controller: LessonController, question: QuestionBlock) -> None:
        super().__init__()
        self._controller, self._question = controller, question
        self.button = RunButton("commitButton")
        self.button.clicked.connect(question.confirm)
        question.confirmed.connect(question.confirm)
        question.chosen_changed.connect(self.refresh)
        vbox(self.button, on=self)

    @Slot()
    def refresh(self) -> None:
        """Show whether there is an answer to confirm, or hide."""
        # In presenter mode the audience answers aloud.
        self.setVisible(self._controller.question_is_open and not appearance.projecting)
        ready = self._question.chosen() is not None
        reason = "" if ready else self._question.hint
        self.button.show_state(CONFIRM, enabled=ready, reason=reason)


class ChoiceBlock(QuestionBlock):
    """Multiple choice; a quiz is judged as soon as an option is locked in."""

    def __init__(self, controller: LessonController, choice: ChoiceQuestion) -> None:
        self._choice, self.options = choice, ChoiceList(choice.options)
        super().__init__(controller, choice, self.options, "Choose an answer.")
        self.options.voted.connect(controller.vote)
        self.options.selection_changed.connect(self.chosen_changed)
        self.options.committed.connect(self.confirmed)

    def refresh(self) -> None:
        """Show the options and their state."""
        super().refresh()
        choice, is_open = self._choice, self._controller.question_is_open
        closed = self._controller.is_closed(choice) or not is_open
        right = choice.right_option(self._controller.results) if closed else None
        yours = self._controller.answer(choice)
        self.options.counts_votes = appearance.projecting
        self.options.show_answers(
            yours, right, choice.reasons if closed else (), is_open=not closed
        )
        votes = self._controller.votes.get(choice.name, ())
        self.options.show_votes(votes, revealed=not is_open)
        # Before a room what came of the runs needs the place of the wrong options.
        brief = appearance.projecting and choice.measure is not None and right is not None
        for index, row in enumerate(self.options.rows):
            row.setHidden(brief and not votes and index != right)

    def chosen(self) -> int | None:
        """Return the index of the selected option."""
        return self.options.selected


class CurveBlock(QuestionBlock):
    """Curve to draw; its start value is known as soon as the network is at step 0."""

    def __init__(
        self, controller: LessonController, session: Session, curve: DrawnCurve, steps: int
    ) -> None:
        """Ask for a curve. Args: steps: of its run."""
        from gui.lessons.card.plots import CurvePad  # it imports pyqtgraph

        self._session, self._curve, self._steps = session, curve, steps
        self.pad = CurvePad(curve.measure, steps)
        super().__init__(controller, curve, self.pad, "Draw the curve up to the last step.")
        self._touched = False
        self._ask()
        self.pad.drawn.connect(self._on_pad_drawn)
        session.state.frame_changed.connect(self._on_session_frame_changed)

    def _ask(self) -> None:
        frame = self._session.state.frame
        is_current = frame is not None and frame.settings == self._session.state.settings
        self.pad.begin(start_value(self._curve.measure, frame) if is_current else None)

    def refresh(self) -> None:
        """Show the curve that was confirmed, or let one be drawn."""
        super().refresh()
        answer = self._controller.answer(self._curve)
        result = self._controller.results.get(self._curve.run)
        if answer is not None or result is not None:
            drawn = [] if answer is None else resample(answer, self._steps)
            truth = None if result is None else result.curve(self._curve.measure)
            self.pad.show_committed(drawn, truth)

    def chosen(self) -> list[list[float]] | None:
        """Return the drawn curve, [[step, value], …]."""
        if not self.pad.is_complete:
            return None
        steps = np.linspace(0.0, self._steps, COLUMNS).tolist()
        values = [round(value, 6) for value in self.pad.values]
        return [list(pair) for pair in zip(steps, values, strict=True)]

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self._controller.lesson is None:
            return  # it is about to be deleted
        untouched = not self._touched and self._controller.answer(self._curve) is None
        if untouched and frame.step == 0 and not self.pad.start_is_known:
            self._ask()

    @Slot()
    def _on_pad_drawn(self) -> None:
        self._touched = True
        self.chosen_changed.emit()


class CellBlock(QuestionBlock):
    """Cell to click on the stage."""

    def __init__(self, controller: LessonController, cell: GuessedCell) -> None:
        self._cell, self._where = cell, layer_phrase(cell.layer)
        self._position: list[int] | None = None
        self.label = CardText(scale=SECONDARY, bold=True, wrap=True)
        thing = "column" if cell.column else "cell"
        self._hint = hint = f"Click a {thing} of ΔW in {self._where}."
        super().__init__(controller, cell, self.label, hint)

    def show_reading(self, reading: CellReading | None) -> None:
        """Take the cell pinned on the stage as the answer, if it is in the right layer."""
        self._position = None
        if reading is not None and reading.pinned and reading.layer == self._cell.layer:
            if reading.matrix in LAYER_MATRICES:
                self._position = [reading.row, reading.column]
        self.refresh()
        self.chosen_changed.emit()

    def refresh(self) -> None:
        """Show the chosen cell."""
        super().refresh()
        at = self._controller.answer(self._cell) or self._position
        self.label.set_colour("muted" if at is None else "text")
        self.label.show_text(self._hint if at is None else self._answer_text(*map(int, at)))

    def _answer_text(self, row: int, column: int) -> str:
        if self._cell.column:
            return f"Your column: {column + 1} of {self._where}."
        return f"Your cell: {cell_position(row, column)} of {self._where}."

    def chosen(self) -> list[int] | None:
        """Return [row, column] of the cell that is pinned."""
        return self._position


def start_value(measure: str, frame: Frame | None) -> float | None:
    """Return a curve's value at step 0; None if the frame does not contain it."""
    if measure == "change":
        return 0.0
    if frame is None or frame.run == 0:  # a preview has no measures
        return None
    step, row = rows_of(frame)[0] if rows_of(frame) else (-1, {})
    value = row.get(measure, float("nan"))
    return value if step == 0 and np.isfinite(value) else None


class Reveal(QWidget):
    """Answer to a question of an earlier card, once its runs have results."""

    def __init__(self, controller: LessonController, question: Question) -> None:
        super().__init__()
        self._controller, self._question = controller, question
        self.label = CardText(scale=SECONDARY, wrap=True)
        column = vbox(on=self, spacing=SPACE // 2)
        assert controller.lesson is not None
        card = controller.lesson.card_asking(question)
        self._asked = question_sentence(card.text) or card.title
        self.heading = CardText(scale=SMALL, colour="muted", wrap=True)
        column.addWidget(self.heading)
        if isinstance(question, ChoiceQuestion):
            self.options = ChoiceList(question.options)
            column.addWidget(self.options)
        elif isinstance(question, DrawnCurve):
            from gui.lessons.card.plots import CurvePad  # it imports pyqtgraph

            self._steps = controller.lesson.runs[question.run].steps
            self.pad = CurvePad(question.measure, self._steps)
            column.addWidget(self.pad)
        column.addWidget(self.label)

    def refresh(self) -> None:
        """Show the present state; hide while a run has no result."""
        question, results = self._question, self._controller.results
        made = question.runs <= results.keys()
        self.setVisible(made)
        if not made:
            return
        self.heading.show_text(fill(self._asked, results))
        answer = self._controller.answer(question)
        if isinstance(question, ChoiceQuestion):
            self._show_choice(question, answer)
        elif isinstance(question, DrawnCurve):
            drawn = [] if answer is None else resample(answer, self._steps)
            self.pad.show_committed(drawn, results[question.run].curve(question.measure))
        self.label.show_if_any(verdict_text(self._controller, question))

    def _show_choice(self, choice: ChoiceQuestion, yours: int | None) -> None:
        """Show the learner's option and the right one, without the others."""
        right = choice.right_option(self._controller.results)
        self.options.show_answers(yours, right, is_open=False)
        votes = self._controller.votes.get(choice.name, ())
        for index, row in enumerate(self.options.rows):
            row.setVisible(bool(votes) or index in (yours, right))
        self.options.show_votes(votes, revealed=True)


def verdict_text(controller: LessonController, question: Question) -> str:
    """Return what the runs of a prediction came to; empty while one of them has no result."""
    results, lesson = controller.results, controller.lesson
    if lesson is None or not question.runs or not question.runs <= results.keys():
        return ""
    answer = controller.answer(question)
    match question:
        case ChoiceQuestion(measure=measure):
            names = {name: run.display_name for name, run in lesson.runs.items()}
            text = "" if measure is None else measured_text(measure, results, names)
            text = text if answer is not None else f"{NO_GUESS} {text}"
        case DrawnCurve() if answer is None:
            text = NO_GUESS
        case DrawnCurve(measure=curve, run=run):
            truth = results[run].curve(curve)
            steps = lesson.runs[run].steps
            text = distance_text(curve, resample(answer, steps), sampled(truth, steps))
        case GuessedCell(run=run):
            text = cell_text(question, answer, results[run])
    # The audience guesses aloud.
    return text.removeprefix(NO_GUESS).strip() if appearance.projecting else text


class ChartBlock(QWidget):
    """Plot of one measure of several runs."""

    def __init__(self, controller: LessonController, chart: Chart) -> None:
        super().__init__()
        self._controller, self._chart = controller, chart
        from gui.lessons.card.plots import CardPlot  # it imports pyqtgraph

        self.plot = CardPlot(chart.measure)
        vbox(self.plot, on=self)

    def refresh(self) -> None:
        """Draw the runs that have results."""
        chart, results, lesson = self._chart, self._controller.results, self._controller.lesson
        made = [name for name in chart.runs if name in results]
        self.setVisible(bool(made))
        if not made or lesson is None:
            return
        colours = dict(zip(chart.runs, self.plot.colours(len(chart.runs)), strict=True))
        curves = [
            Curve(
                name, lesson.runs[name].display_name, colours[name],
                *results[name].curve(chart.measure), label_colour="text",
            )
            for name in made
        ]  # fmt: skip
        self.plot.show_curves(curves, max(lesson.runs[name].steps for name in made))
