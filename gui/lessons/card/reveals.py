"""What was predicted, laid over what happened."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.lessons.card.choice_list import AnswerState, ChoiceList
from gui.lessons.card.curve_pad import CurvePad
from gui.lessons.card.plot import CardCurve, CardPlot
from gui.lessons.card.questions import columns_of
from gui.lessons.card.type import CardText
from gui.lessons.card.words import LETTERS, distance_text, rank_text
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Chart, ChoiceQuestion, DrawnCurve, GuessedCell, Question
from gui.lessons.run_result import RunResult
from gui.matrices.cell_highlight import CellHighlight
from gui.theme import SPACE, appearance

SMALL = 0.9
"""Of a lesson's text."""
COLOURS = ("target", "source", "good", "muted")
"""Of the runs of a chart, in their order; told apart by their names as well."""
NO_GUESS = "You made no guess before this run."


class Reveal(QWidget):
    """The answer to one question of an earlier card, once its runs are made."""

    def __init__(self, guide: LessonController, question: Question) -> None:
        super().__init__()
        self._guide, self._question = guide, question
        self.words = CardText(scale=SMALL, wrap=True, bold=True)
        self.options, self.pad = ChoiceList(), CurvePad()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        for part in (self.options, self.pad, self.words):
            column.addWidget(part)

    def refresh(self) -> None:
        """Show what is known."""
        guide, question = self._guide, self._question
        made = question.runs <= guide.records.keys()
        self.setVisible(made)
        if not made:
            return
        answer = guide.answer(question)
        self.options.setVisible(isinstance(question, ChoiceQuestion))
        self.pad.setVisible(isinstance(question, DrawnCurve))
        match question:
            case ChoiceQuestion():
                self._show_choice(question, answer)
            case DrawnCurve():
                self._show_curve(question, answer, guide.records[question.run])
            case GuessedCell():
                self._say(cell_words(question, answer, guide.records[question.run]))

    def _say(self, text: str) -> None:
        self.words.show_text(text)
        self.words.setVisible(bool(text))

    def _show_choice(self, choice: ChoiceQuestion, yours: int | None) -> None:
        """Your option and the right one; the others have no part in it."""
        right = self._guide.right_option(choice)
        shown = tuple(
            AnswerState(text, yours=index == yours, right=index == right, letter=LETTERS[index])
            for index, text in enumerate(choice.options)
            if index in (yours, right)
        )
        self.options.show_answers(shown, open_=False)
        self._say(
            "" if yours is not None or appearance.projecting else NO_GUESS
        )  # a room guessed aloud

    def _show_curve(
        self, curve: DrawnCurve, points: list[list[float]] | None, record: RunResult
    ) -> None:
        assert self._guide.lesson is not None
        steps = self._guide.lesson.run(curve.run).steps
        truth = record.curve(curve.of)
        if points is None:
            self.pad.show_alone(curve.of, steps, *truth)
            self._say(NO_GUESS)
            return
        self.pad.ask(curve.of, steps, None)
        self.pad.keep(columns_of(points, steps))
        self.pad.reveal(*truth)
        self._say(distance_text(curve.of, self.pad.values, self.pad.true_values()))


class ChartBlock(QWidget):
    """One measure of several runs over each other, as far as they are made."""

    def __init__(self, guide: LessonController, chart: Chart) -> None:
        super().__init__()
        self._guide, self._chart = guide, chart
        self.plot = CardPlot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)

    def refresh(self) -> None:
        """Draw the runs that are made."""
        chart, records, lesson = self._chart, self._guide.records, self._guide.lesson
        made = [name for name in chart.runs if name in records]
        self.setVisible(bool(made))
        if not made or lesson is None:
            return
        colours = dict(zip(chart.runs, (COLOURS * len(chart.runs)), strict=False))
        curves = [
            CardCurve(lesson.run(name).called, colours[name], *records[name].curve(chart.of))
            for name in made
        ]
        last = max(lesson.run(name).steps for name in made)
        self.plot.show_curves(chart.of, last, curves)


def cell_words(question: GuessedCell, answer: list[float] | None, record: RunResult) -> str:
    """How the guessed cell did among all of its layer."""
    moved = record.moved(question.layer)
    if not moved.size or not np.isfinite(moved).all():
        return "This run has no such layer to compare with."
    best = _most(moved)
    at = None if answer is None else _within(answer, moved.shape)
    if at is None:
        return f"{NO_GUESS} {rank_text(0, moved.size, 0.0, best, float(moved[best]))}"
    rank = 1 + int((moved > moved[at]).sum())
    return rank_text(rank, moved.size, float(moved[at]), best, float(moved[best]))


def cell_rings(
    question: GuessedCell, answer: list[float] | None, record: RunResult | None
) -> tuple[CellHighlight, ...]:
    """The guess, and with a run the cell that moved most."""
    shape = None if record is None else record.moved(question.layer).shape
    at = None if answer is None else _within(answer, shape or (10**9, 10**9))
    if record is None or shape == (0, 0):
        return () if at is None else (CellHighlight(*at, "yours"),)
    best = _most(record.moved(question.layer))
    if at == best:
        return (CellHighlight(*best, "yours: it moved most", "accent"),)
    guess = () if at is None else (CellHighlight(*at, "yours"),)
    return (*guess, CellHighlight(*best, "moved most", "accent"))


def _most(moved: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.nan_to_num(moved).argmax()), moved.shape)
    return int(row), int(column)


def _within(answer: list[float], shape: tuple[int, ...]) -> tuple[int, int] | None:
    row, column = int(answer[0]), int(answer[1])
    return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None
