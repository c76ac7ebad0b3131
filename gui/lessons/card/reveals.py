"""Comparison of a prediction with the result."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from gui.lessons.card.choice_list import AnswerState, ChoiceList
from gui.lessons.card.questions import resample
from gui.lessons.card.type import CardText
from gui.lessons.card.words import LETTERS, distance_text, rank_text
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Chart, ChoiceQuestion, DrawnCurve, GuessedCell, Question
from gui.lessons.run_result import RunResult
from gui.matrices.cell_highlight import CellHighlight
from gui.plots.plot_spec import Curve
from gui.theme import SECONDARY, SPACE, appearance
from gui.widgets.box import vbox

COLOURS = ("target", "source", "good", "muted")
"""Theme colours of a chart's runs, in order; labels distinguish them as well."""
NO_GUESS = "You made no guess before this run."


class Reveal(QWidget):
    """Answer to a question of an earlier card, once its runs have results."""

    def __init__(self, controller: LessonController, question: Question) -> None:
        super().__init__()
        self._controller, self._question = controller, question
        self.label = CardText(scale=SECONDARY, wrap=True, bold=True)
        self.options = ChoiceList()
        parts: list[QWidget] = [self.options]
        if isinstance(question, DrawnCurve):
            from gui.lessons.card.curve_pad import CurvePad  # it imports pyqtgraph

            self.pad = CurvePad()
            parts.append(self.pad)
        vbox(*parts, self.label, on=self, spacing=SPACE // 2)

    def refresh(self) -> None:
        """Show the present state; hide while a run has no result."""
        controller, question = self._controller, self._question
        made = question.runs <= controller.results.keys()
        self.setVisible(made)
        if not made:
            return
        answer = controller.answer(question)
        self.options.setVisible(isinstance(question, ChoiceQuestion))
        match question:
            case ChoiceQuestion():
                self._show_choice(question, answer)
            case DrawnCurve():
                self._show_curve(question, answer, controller.results[question.run])
            case GuessedCell():
                self._show_text(cell_text(question, answer, controller.results[question.run]))

    def _show_text(self, text: str) -> None:
        self.label.show_text(text)
        self.label.setVisible(bool(text))

    def _show_choice(self, choice: ChoiceQuestion, yours: int | None) -> None:
        """Show the learner's option and the right one, without the others."""
        right = self._controller.right_option(choice)
        shown = tuple(
            AnswerState(text, yours=index == yours, right=index == right, letter=LETTERS[index])
            for index, text in enumerate(choice.options)
            if index in (yours, right)
        )
        self.options.show_answers(shown, is_open=False)
        # In presenter mode the audience guessed aloud.
        self._show_text("" if yours is not None or appearance.projecting else NO_GUESS)

    def _show_curve(
        self, curve: DrawnCurve, points: list[list[float]] | None, result: RunResult
    ) -> None:
        assert self._controller.lesson is not None
        steps = self._controller.lesson.runs[curve.run].steps
        truth = result.curve(curve.measure)
        if points is None:
            self.pad.show_alone(curve.measure, steps, *truth)
            self._show_text(NO_GUESS)
            return
        self.pad.begin(curve.measure, steps, None)
        self.pad.show_committed(resample(points, steps))
        self.pad.reveal(*truth)
        self._show_text(distance_text(curve.measure, self.pad.values, self.pad.true_values()))


class ChartBlock(QWidget):
    """Plot of one measure of several runs."""

    def __init__(self, controller: LessonController, chart: Chart) -> None:
        super().__init__()
        self._controller, self._chart = controller, chart
        from gui.lessons.card.plot import CardPlot  # it imports pyqtgraph

        self.plot = CardPlot()
        vbox(self.plot, on=self)

    def refresh(self) -> None:
        """Draw the runs that have results."""
        chart, results, lesson = self._chart, self._controller.results, self._controller.lesson
        made = [name for name in chart.runs if name in results]
        self.setVisible(bool(made))
        if not made or lesson is None:
            return
        colours = dict(zip(chart.runs, (COLOURS * len(chart.runs)), strict=False))
        curves = [
            Curve(
                name, lesson.runs[name].display_name, colours[name],
                *results[name].curve(chart.measure),
            )
            for name in made
        ]  # fmt: skip
        last_step = max(lesson.runs[name].steps for name in made)
        self.plot.show_curves(chart.measure, last_step, curves)


def cell_text(question: GuessedCell, answer: list[float] | None, result: RunResult) -> str:
    """Return the text about the guessed cell's rank among all cells of its layer."""
    change = result.absolute_delta(question.layer)
    if not change.size or not np.isfinite(change).all():
        return "This run has no such layer to compare with."
    best = _argmax(change)
    at = None if answer is None else _cell_within(answer, change.shape)
    if at is None:
        return f"{NO_GUESS} {rank_text(0, change.size, 0.0, best, float(change[best]))}"
    rank = 1 + int((change > change[at]).sum())
    return rank_text(rank, change.size, float(change[at]), best, float(change[best]))


def cell_highlights(
    question: GuessedCell, answer: list[float] | None, result: RunResult | None
) -> tuple[CellHighlight, ...]:
    """Return highlights of the guess and, with a result, of the cell that moved most."""
    shape = None if result is None else result.absolute_delta(question.layer).shape
    at = None if answer is None else _cell_within(answer, shape or (10**9, 10**9))
    if result is None or shape == (0, 0):
        return () if at is None else (CellHighlight(*at, "yours"),)
    best = _argmax(result.absolute_delta(question.layer))
    if at == best:
        return (CellHighlight(*best, "yours: it moved most", "accent"),)
    guess = () if at is None else (CellHighlight(*at, "yours"),)
    return (*guess, CellHighlight(*best, "moved most", "accent"))


def _argmax(change: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.nan_to_num(change).argmax()), change.shape)
    return int(row), int(column)


def _cell_within(answer: list[float], shape: tuple[int, ...]) -> tuple[int, int] | None:
    row, column = int(answer[0]), int(answer[1])
    return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None
