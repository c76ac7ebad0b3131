"""Question widgets of a card: an answer is locked in once."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.lessons.card.choice_list import ChoiceList
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.lesson import COLUMNS, ChoiceQuestion, DrawnCurve, GuessedCell, Question
from gui.matrices.cell_reading import CellReading
from gui.matrices.factor_kinds import LAYER_MATRICES
from gui.session import Session
from gui.state.curve_buffer import rows_of
from gui.text.layers import cell_position, layer_phrase
from gui.theme import SECONDARY, SPACE, appearance
from gui.widgets.box import vbox

COMMIT = "Lock in my answer"


class QuestionBlock(QWidget):
    """Base class of the questions: what is asked, and a button that locks the answer in.

    Args: body: shows the question.  hint: why there is nothing to lock in at first.
    """

    def __init__(
        self, controller: LessonController, question: Question, body: QWidget, hint: str
    ) -> None:
        super().__init__()
        self._controller, self._question, self._hint = controller, question, hint
        self.commit_button = RunButton("commitButton")
        self.commit_button.clicked.connect(self._commit)
        vbox(body, self.commit_button, on=self, spacing=SPACE)

    def refresh(self) -> None:
        """Show the present state."""
        self._update_button()

    def chosen(self) -> Any:
        """Return the answer that can be locked in; None: there is none yet."""

    @Slot()
    def _update_button(self) -> None:
        ready = self.chosen() is not None
        closed = self._controller.is_closed(self._question)
        # In presenter mode the audience answers aloud: hidden until it is of use.
        self.commit_button.setVisible(not closed and (ready or not appearance.projecting))
        self.commit_button.show_state(COMMIT, enabled=ready, reason="" if ready else self._hint)

    @Slot()
    def _commit(self) -> None:
        value = self.chosen()
        if value is not None:
            self._controller.commit(value)


class ChoiceBlock(QuestionBlock):
    """Multiple choice; a quiz is judged as soon as an option is locked in."""

    def __init__(self, controller: LessonController, choice: ChoiceQuestion) -> None:
        self._choice, self.options = choice, ChoiceList(choice.options)
        super().__init__(controller, choice, self.options, "Choose one first.")
        self.options.selection_changed.connect(self._update_button)
        self.options.committed.connect(self._commit)

    def refresh(self) -> None:
        """Show the options and their state."""
        choice, closed = self._choice, self._controller.is_closed(self._choice)
        right, reasons = (choice.answer, choice.reasons) if closed else (None, ())
        yours = self._controller.answer(choice)
        self.options.show_answers(yours, right, reasons, is_open=not closed)
        super().refresh()

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
        super().__init__(controller, curve, self.pad, "Draw it up to the last step first.")
        self._touched = False
        self._ask()
        self.pad.drawn.connect(self._on_pad_drawn)
        session.state.frame_changed.connect(self._on_session_frame_changed)

    def _ask(self) -> None:
        frame = self._session.state.frame
        is_current = frame is not None and frame.settings == self._session.state.settings
        self.pad.begin(start_value(self._curve.measure, frame) if is_current else None)

    def refresh(self) -> None:
        """Show the curve that was locked in, or let one be drawn."""
        answer = self._controller.answer(self._curve)
        if answer is not None:
            self.pad.show_committed(resample(answer, self._steps))
        super().refresh()

    def chosen(self) -> list[list[float]] | None:
        """Return the drawn curve, [[step, value], …]."""
        if not self.pad.is_complete:
            return None
        steps = np.linspace(0.0, self._steps, COLUMNS).tolist()
        values = [round(value, 6) for value in self.pad.values]
        return [list(pair) for pair in zip(steps, values, strict=True)]

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        untouched = not self._touched and self._controller.answer(self._curve) is None
        if untouched and frame.step == 0 and not self.pad.start_is_known:
            self._ask()

    @Slot()
    def _on_pad_drawn(self) -> None:
        self._touched = True
        self._update_button()


class CellBlock(QuestionBlock):
    """Cell to click on the stage."""

    def __init__(self, controller: LessonController, cell: GuessedCell) -> None:
        self._cell, self._where = cell, layer_phrase(cell.layer)
        self._position: list[int] | None = None
        self.label = CardText(scale=SECONDARY, bold=True, wrap=True)
        hint = f"Click a cell of {self._where} on the stage first."
        super().__init__(controller, cell, self.label, hint)

    def show_reading(self, reading: CellReading | None) -> None:
        """Take the cell pinned on the stage as the answer, if it is in the right layer."""
        self._position = None
        if reading is not None and reading.pinned and reading.layer == self._cell.layer:
            if reading.matrix in LAYER_MATRICES:
                self._position = [reading.row, reading.column]
        self.refresh()

    def refresh(self) -> None:
        """Show the chosen cell."""
        at = self._controller.answer(self._cell) or self._position
        self.label.set_colour("muted" if at is None else "text")
        self.label.show_text(
            f"Click a cell of {self._where} on the stage." if at is None
            else f"Your cell: {cell_position(*map(int, at))} of {self._where}."
        )  # fmt: skip
        super().refresh()

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


def resample(points: list[list[float]], steps: int) -> list[float]:
    """Interpolate a stored curve at a pad's columns. Args: points: [[step, value], …]."""
    sorted_points = np.array(sorted(points), np.float64)
    grid = np.linspace(0.0, steps, COLUMNS)
    return [float(value) for value in np.interp(grid, sorted_points[:, 0], sorted_points[:, 1])]
