"""Question widgets of a card: an answer is locked in once."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.lessons.card.choice_list import AnswerState, ChoiceList
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.lesson import COLUMNS, ChoiceQuestion, DrawnCurve, GuessedCell
from gui.matrices.cell_reading import CellReading
from gui.matrices.factor_kinds import LAYER_MATRICES
from gui.session import Session
from gui.state.curve_buffer import rows_of
from gui.text.layers import cell_position, layer_phrase
from gui.theme import SECONDARY, SPACE, appearance
from gui.widgets.box import vbox

COMMIT = "Lock in my answer"
DRAW_FIRST = "Draw it up to the last step first."


class QuestionBlock(QWidget):
    """Base class of the questions: a button that locks the answer in."""

    def __init__(self, controller: LessonController) -> None:
        super().__init__()
        self._controller = controller
        self.commit_button = RunButton("commitButton")
        self.commit_button.clicked.connect(self._on_commit_button_clicked)
        self.column = vbox(on=self, spacing=SPACE)

    def refresh(self) -> None:
        """Show the present state."""

    def _update_commit(self, ready: bool, reason: str, *, done: bool) -> None:
        """Update the button. Args: ready: whether there is an answer.  done: it is locked in."""
        # In presenter mode the audience answers aloud: hidden until it is of use.
        self.commit_button.setVisible(not done and (ready or not appearance.projecting))
        self.commit_button.show_state(COMMIT, enabled=ready, reason="" if ready else reason)

    def _commit(self) -> None:
        """Pass the answer to the controller."""

    @Slot()
    def _on_commit_button_clicked(self) -> None:
        self._commit()


class ChoiceBlock(QuestionBlock):
    """Multiple choice; a quiz is judged as soon as an option is locked in."""

    def __init__(self, controller: LessonController, choice: ChoiceQuestion) -> None:
        super().__init__(controller)
        self._choice = choice
        self.options = ChoiceList()
        self.options.selection_changed.connect(self._on_options_selection_changed)
        self.options.committed.connect(self._on_commit_button_clicked)
        self.column.addWidget(self.options)
        self.column.addWidget(self.commit_button)
        self.refresh()

    def refresh(self) -> None:
        """Show the options and their state."""
        choice, controller = self._choice, self._controller
        yours = controller.answer(choice)
        is_revealed = choice.answer is not None and controller.is_revealed(choice)
        answers = tuple(
            AnswerState(
                text,
                yours=index == yours,
                right=index == choice.answer if is_revealed else None,
                reason=choice.reasons[index] if is_revealed else "",
            )
            for index, text in enumerate(choice.options)
        )
        self.options.show_answers(answers, is_open=yours is None and not is_revealed)
        done = yours is not None or is_revealed
        self._update_commit(self.options.selected is not None, "Choose one first.", done=done)

    def _commit(self) -> None:
        if self.options.selected is not None:
            self._controller.commit(self.options.selected)

    @Slot(int)
    def _on_options_selection_changed(self, _index: int) -> None:
        self._update_commit(True, "", done=False)


class CurveBlock(QuestionBlock):
    """Curve to draw; its start value is known as soon as the network is at step 0."""

    def __init__(
        self, controller: LessonController, session: Session, curve: DrawnCurve, steps: int
    ) -> None:
        """Ask for a curve. Args: steps: of its run."""
        super().__init__(controller)
        self._session, self._curve, self._steps = session, curve, steps
        from gui.lessons.card.curve_pad import CurvePad  # it imports pyqtgraph

        self._touched = False
        self.pad = CurvePad()
        self._ask()
        self.pad.drawn.connect(self._on_pad_drawn)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        self.column.addWidget(self.pad)
        self.column.addWidget(self.commit_button)
        self.refresh()

    def _ask(self) -> None:
        frame, curve = self._session.state.frame, self._curve
        is_current = frame is not None and frame.settings == self._session.state.settings
        self.pad.begin(
            curve.measure, self._steps, start_value(curve.measure, frame) if is_current else None
        )

    def refresh(self) -> None:
        """Show the curve that was locked in, or let one be drawn."""
        answer = self._controller.answer(self._curve)
        if answer is not None:
            self.pad.show_committed(resample(answer, self._steps))
        self._update_commit(self.pad.is_complete, DRAW_FIRST, done=answer is not None)

    def _commit(self) -> None:
        if self.pad.is_complete:
            steps = np.linspace(0.0, self._steps, COLUMNS).tolist()
            values = [round(value, 6) for value in self.pad.values]
            self._controller.commit([list(pair) for pair in zip(steps, values, strict=True)])

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        untouched = not self._touched and self._controller.answer(self._curve) is None
        if untouched and frame.step == 0 and not self.pad.start_is_known:
            self._ask()

    @Slot()
    def _on_pad_drawn(self) -> None:
        self._touched = True
        self._update_commit(self.pad.is_complete, DRAW_FIRST, done=False)


class CellBlock(QuestionBlock):
    """Cell to click on the stage."""

    def __init__(self, controller: LessonController, cell: GuessedCell) -> None:
        super().__init__(controller)
        self._cell = cell
        self._cell_position: tuple[int, int] | None = None
        self.label = CardText(scale=SECONDARY, bold=True, wrap=True)
        self.column.addWidget(self.label)
        self.column.addWidget(self.commit_button)
        self.refresh()

    def show_reading(self, reading: CellReading | None) -> None:
        """Take the cell pinned on the stage as the answer, if it is in the right layer."""
        self._cell_position = None
        if reading is not None and reading.pinned and reading.layer == self._cell.layer:
            if reading.matrix in LAYER_MATRICES:
                self._cell_position = reading.row, reading.column
        self.refresh()

    def refresh(self) -> None:
        """Show the chosen cell."""
        answer = self._controller.answer(self._cell)
        at = self._cell_position if answer is None else (int(answer[0]), int(answer[1]))
        where = layer_phrase(self._cell.layer)
        self.label.set_colour("muted" if at is None else "text")
        self.label.show_text(
            f"Click a cell of {where} on the stage." if at is None
            else f"Your cell: {cell_position(*at)} of {where}."
        )  # fmt: skip
        reason = f"Click a cell of {where} on the stage first."
        self._update_commit(at is not None, reason, done=answer is not None)

    def _commit(self) -> None:
        if self._cell_position is not None:
            self._controller.commit(list(self._cell_position))


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
