"""Comparison of a prediction with the result."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from gui.lessons.card.choice_list import ChoiceList
from gui.lessons.card.questions import resample
from gui.lessons.card.type import CardText
from gui.lessons.card.words import distance_text, rank_text
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Chart, ChoiceQuestion, DrawnCurve, GuessedCell, Question
from gui.lessons.run_result import RunResult
from gui.matrices.overlays import CellHighlight
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
        column = vbox(on=self, spacing=SPACE // 2)
        if isinstance(question, ChoiceQuestion):
            self.options = ChoiceList(question.options)
            column.addWidget(self.options)
        elif isinstance(question, DrawnCurve):
            from gui.lessons.card.plots import CurvePad  # it imports pyqtgraph

            assert controller.lesson is not None
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
        answer = self._controller.answer(question)
        match question:
            case ChoiceQuestion():
                text = self._show_choice(question, answer)
            case DrawnCurve():
                text = self._show_curve(question, answer, results[question.run])
            case GuessedCell():
                text = cell_text(question, answer, results[question.run])
        self.label.show_if_any(text)

    def _show_choice(self, choice: ChoiceQuestion, yours: int | None) -> str:
        """Show the learner's option and the right one, without the others."""
        right = choice.right_option(self._controller.results)
        self.options.show_answers(yours, right, is_open=False)
        for index, row in enumerate(self.options.rows):
            row.setVisible(index in (yours, right))
        # In presenter mode the audience guessed aloud.
        return "" if yours is not None or appearance.projecting else NO_GUESS

    def _show_curve(
        self, curve: DrawnCurve, points: list[list[float]] | None, result: RunResult
    ) -> str:
        drawn = [] if points is None else resample(points, self._steps)
        self.pad.show_committed(drawn, result.curve(curve.measure))
        if not drawn:
            return NO_GUESS
        return distance_text(curve.measure, drawn, self.pad.true_values())


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
        colours = dict(zip(chart.runs, (COLOURS * len(chart.runs)), strict=False))
        curves = [
            Curve(
                name, lesson.runs[name].display_name, colours[name],
                *results[name].curve(chart.measure),
            )
            for name in made
        ]  # fmt: skip
        self.plot.show_curves(curves, max(lesson.runs[name].steps for name in made))


def cell_text(question: GuessedCell, answer: list[float] | None, result: RunResult) -> str:
    """Return the text about the guessed cell's rank among all cells of its layer."""
    change = result.absolute_delta(question.layer)
    if not change.size or not np.isfinite(change).all():
        return "This run has no such layer to compare with."
    best, at = _argmax(change), _cell_within(answer, change.shape)
    if at is None:
        return f"{NO_GUESS} {rank_text(0, change.size, 0.0, best, float(change[best]))}"
    rank = 1 + int((change > change[at]).sum())
    return rank_text(rank, change.size, float(change[at]), best, float(change[best]))


def cell_highlights(
    question: GuessedCell, answer: list[float] | None, result: RunResult | None
) -> tuple[CellHighlight, ...]:
    """Return highlights of the guess and, with a result, of the cell that moved most."""
    change = np.zeros((0, 0)) if result is None else result.absolute_delta(question.layer)
    at = _cell_within(answer, change.shape if change.size else (10**9, 10**9))
    guess = () if at is None else (CellHighlight(*at, "yours"),)
    if not change.size:
        return guess
    best = _argmax(change)
    if at == best:
        return (CellHighlight(*best, "yours: it moved most", "accent"),)
    return (*guess, CellHighlight(*best, "moved most", "accent"))


def _argmax(change: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.nan_to_num(change).argmax()), change.shape)
    return int(row), int(column)


def _cell_within(answer: list[float] | None, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the cell of an answer; None: there is none, or it is outside of the matrix."""
    if answer is None:
        return None
    row, column = int(answer[0]), int(answer[1])
    return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None
