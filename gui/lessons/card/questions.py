"""The questions of a card: asked, answered once, and kept."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.protocol.messages import Frame
from gui.lessons.card.choice_list import AnswerState, ChoiceList
from gui.lessons.card.curve_pad import COLUMNS, CurvePad
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.card.words import cell_name, layer_name
from gui.lessons.controller import LessonController
from gui.lessons.lesson import ChoiceQuestion, DrawnCurve, GuessedCell, Question
from gui.lessons.run_result import CURVES
from gui.matrices.cell_reading import CellReading
from gui.matrices.factor_kinds import LAYERS_OWN
from gui.session import Session
from gui.state.curve_buffer import rows_of
from gui.theme import SPACE, appearance

COMMIT = "Lock in my answer"
SMALL = 0.9
"""Of a lesson's text."""


class QuestionBlock(QWidget):
    """What the kinds of questions have in common: a button that locks the answer in."""

    def __init__(self, guide: LessonController, question: Question) -> None:
        super().__init__()
        self._guide, self._question = guide, question
        self.commit_button = RunButton("commitButton")
        self.commit_button.clicked.connect(self._on_commit_button_clicked)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE)

    @property
    def question(self) -> Question:
        """The question that it asks."""
        return self._question

    def refresh(self) -> None:
        """Show how it stands."""

    def _offer(self, ready: bool, reason: str, *, done: bool) -> None:
        """Let the answer be locked in. Args: ready: whether there is one.  done: it is."""
        # A lecturer's room answers aloud: there the button takes no room before it is of use.
        self.commit_button.setVisible(not done and (ready or not appearance.projecting))
        self.commit_button.show_state(COMMIT, enabled=ready, reason="" if ready else reason)

    def _commit(self) -> None:
        """Hand the answer to the guide."""

    @Slot()
    def _on_commit_button_clicked(self) -> None:
        self._commit()


class ChoiceBlock(QuestionBlock):
    """Options; of a quiz each is judged as soon as one is locked in."""

    def __init__(self, guide: LessonController, choice: ChoiceQuestion) -> None:
        super().__init__(guide, choice)
        self._choice = choice
        self.options = ChoiceList()
        self.options.picked.connect(self._on_options_picked)
        self.options.committed.connect(self._on_commit_button_clicked)
        self.column.addWidget(self.options)
        self.column.addWidget(self.commit_button)
        self.refresh()

    def refresh(self) -> None:
        """Show the options, and what is known of them."""
        choice, guide = self._choice, self._guide
        yours = guide.answer(choice)
        told = choice.answer is not None and guide.is_open(choice)
        answers = tuple(
            AnswerState(
                text,
                yours=index == yours,
                right=index == choice.answer if told else None,
                reason=choice.reasons[index] if told else "",
            )
            for index, text in enumerate(choice.options)
        )
        self.options.show_answers(answers, open_=yours is None and not told)
        self._offer(self.options.taken is not None, "Choose one first.",
                    done=yours is not None or told)  # fmt: skip

    def _commit(self) -> None:
        if self.options.taken is not None:
            self._guide.commit(self.options.taken)

    @Slot(int)
    def _on_options_picked(self, _index: int) -> None:
        self._offer(True, "", done=False)


class CurveBlock(QuestionBlock):
    """A curve to draw; where it starts is known as soon as the network stands at step 0."""

    def __init__(
        self, guide: LessonController, session: Session, curve: DrawnCurve, steps: int
    ) -> None:
        """Args: steps: of the run."""
        super().__init__(guide, curve)
        self._session, self._curve, self._steps = session, curve, steps
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
        at_hand = frame is not None and frame.settings == self._session.state.settings
        self.pad.ask(curve.of, self._steps, start_of(curve.of, frame) if at_hand else None)

    def refresh(self) -> None:
        """Show the curve that was locked in, or let one be drawn."""
        kept = self._guide.answer(self._curve)
        if kept is not None:
            self.pad.keep(columns_of(kept, self._steps))
        self._offer(self.pad.whole, "Draw it up to the last step first.", done=kept is not None)

    def _commit(self) -> None:
        if self.pad.whole:
            steps = np.linspace(0.0, self._steps, COLUMNS).tolist()
            values = [round(value, 6) for value in self.pad.values]
            self._guide.commit([list(pair) for pair in zip(steps, values, strict=True)])

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        untouched = not self._touched and self._guide.answer(self._curve) is None
        if untouched and frame.step == 0 and not self.pad.known:
            self._ask()

    @Slot()
    def _on_pad_drawn(self) -> None:
        self._touched = True
        self._offer(self.pad.whole, "Draw it up to the last step first.", done=False)


class CellBlock(QuestionBlock):
    """A cell to click on the stage."""

    def __init__(self, guide: LessonController, cell: GuessedCell) -> None:
        super().__init__(guide, cell)
        self._cell = cell
        self._at: tuple[int, int] | None = None
        self.words = CardText(scale=SMALL, bold=True, wrap=True)
        self.column.addWidget(self.words)
        self.column.addWidget(self.commit_button)
        self.refresh()

    def show_reading(self, reading: CellReading | None) -> None:
        """Take the cell that is pinned on the stage, if it is one of the layer asked for."""
        mine = (
            reading is not None
            and reading.pinned
            and reading.layer == self._cell.layer
            and reading.matrix in LAYERS_OWN
        )
        self._at = (reading.row, reading.column) if reading is not None and mine else None
        self.refresh()

    def refresh(self) -> None:
        """Say which cell it is."""
        kept = self._guide.answer(self._cell)
        at = self._at if kept is None else (int(kept[0]), int(kept[1]))
        where = layer_name(self._cell.layer)
        self.words.set_colour("muted" if at is None else "text")
        self.words.show_text(
            f"Click a cell of {where} on the stage." if at is None
            else f"Your cell: {cell_name(*at)} of {where}."
        )  # fmt: skip
        self._offer(at is not None, f"Click a cell of {where} on the stage first.",
                    done=kept is not None)  # fmt: skip

    def _commit(self) -> None:
        if self._at is not None:
            self._guide.commit(list(self._at))


def start_of(of: str, frame: Frame | None) -> float | None:
    """Where a curve starts in the network at hand; None where the frame does not tell."""
    if of == "change":
        return 0.0
    if frame is None or frame.run == 0:  # a preview has no measures
        return None
    step, row = rows_of(frame)[0] if rows_of(frame) else (-1, {})
    value = row.get(CURVES[of], float("nan"))
    return value if step == 0 and np.isfinite(value) else None


def columns_of(points: list[list[float]], steps: int) -> list[float]:
    """A kept curve at the columns of a pad. Args: points: [[step, value], …]."""
    known = np.array(sorted(points), np.float64)
    wanted = np.linspace(0.0, steps, COLUMNS)
    return [float(value) for value in np.interp(wanted, known[:, 0], known[:, 1])]
