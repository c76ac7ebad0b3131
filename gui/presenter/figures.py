"""Line of figures below the timeline, legible from the last row: the run's, or a cell's."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.protocol.messages import Frame
from gui.matrices.cell_reading import (
    CellReading,
    cell_matrix_text,
    cell_position_text,
    cell_values,
    joining_sign,
)
from gui.session import Session
from gui.text.accuracies import margin_text, sample_noun
from gui.text.numbers import NO_VALUE, percent, signed
from gui.theme import MARGIN, SPACE, appearance
from gui.widgets.box import Part, hbox
from gui.widgets.label import RIGHT, ElidedLabel, Label

LARGE, LARGER = 1.1, 1.25
"""Text scales."""
FIGURES = (("target", "target accuracy"), ("source", "source accuracy"))
"""(colour of the theme, label)"""
WIDEST_STEP = "Step 10,000"
GAP = 3 * SPACE
"""Pixels between two of them."""
WIDEST_SHARE, WIDEST_MARGIN = "100.0\u202f%", "±\u202f10.0"


class PresentedAccuracies(QWidget):
    """Target and source accuracy; where there is room, how sure they are and on what."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("presentedAccuracies")
        self._tested_on = Label(scale=LARGE, colour="muted")
        self._values = {
            key: Label(scale=LARGER, bold=True, colour=key, widest=WIDEST_SHARE)
            for key, _ in FIGURES
        }
        self._margins = {
            key: Label(scale=LARGE, colour="muted", widest=WIDEST_MARGIN) for key, _ in FIGURES
        }
        for value in self._values.values():
            value.setAlignment(RIGHT)
        pairs = [
            hbox(Label(words, scale=LARGE, colour="muted"), self._values[key], self._margins[key],
                 spacing=SPACE)
            for key, words in FIGURES
        ]  # fmt: skip
        hbox(self._tested_on, *pairs, on=self, spacing=GAP)

    def show_frame(self, frame: Frame, noun: str) -> None:
        """Show a frame's accuracies. Args: noun: what its samples are."""
        now = frame.measurements
        for key, accuracy, facts in (
            ("target", now.target_accuracy, frame.target_test),
            ("source", now.source_accuracy, frame.source_test),
        ):
            self._values[key].show_text(percent(accuracy))
            self._margins[key].show_text(margin_text(accuracy, facts))
        self._tested_on.show_text(f"on test {noun}:")

    def fit(self, width: int) -> None:
        """Show what there is room for. Args: width: in pixels."""
        labels = self.findChildren(Label)
        needed = (max(each.sizeHint().width(), each.minimumWidth()) for each in labels)
        fits = sum(needed) + len(labels) * GAP <= width
        for label in (self._tested_on, *self._margins.values()):
            label.setVisible(fits)


class PresentedFigures(QStackedWidget):
    """Step and accuracies; while a cell is pointed at, its position and W + ΔW = W′."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("presentedFigures")
        self._step = Label(scale=LARGER, bold=True)
        self._accuracies = PresentedAccuracies()
        self._position = ElidedLabel(scale=LARGE)
        self._equation = Label(scale=LARGER, bold=True)
        self.addWidget(_page(self._step, 1, self._accuracies))
        right = Qt.AlignmentFlag.AlignRight
        self.addWidget(_page((self._position, 1), (self._equation, 0, right)))
        session.state.frame_changed.connect(self._on_session_frame_changed)
        appearance.sizes_changed.connect(self._fit)
        if session.state.frame is not None:
            self._on_session_frame_changed(session.state.frame)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: the step alone; how much stands beside it follows the width, not it these."""
        least = self._step.advance(WIDEST_STEP) + 2 * MARGIN
        return QSize(least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: show more or less of the accuracies."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        self._accuracies.fit(self.width() - self._step.advance(WIDEST_STEP) - 2 * MARGIN)

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """Show a cell's values. Args: reading: None: the pointer is on no cell."""
        self.setCurrentIndex(0 if reading is None else 1)
        if reading is None:
            return
        layer = cell_matrix_text(reading).partition(" · ")[0]
        self._position.show_text(f"{layer} · {cell_position_text(reading)}")
        self._equation.show_text(_equation(reading))

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        self._step.show_text(f"Step {frame.step:,}")
        self._accuracies.show_frame(frame, sample_noun(self._session.state.task_info()))


def _page(*parts: Part) -> QWidget:
    page = QWidget()
    hbox(*parts, on=page, spacing=SPACE, margins=(MARGIN, 0, MARGIN, SPACE // 2))
    return page


def _equation(reading: CellReading) -> str:
    """Return e.g. W 0.2071 + ΔW 0.0113 = W′ 0.2184; values of different cells are not added."""
    values = cell_values(reading)
    terms = [
        f"{name} {signed(value) if reading.visible else NO_VALUE}" for name, value in values.items()
    ]
    if reading.cell_block is not None or len(terms) == 1:
        return "   ".join(terms)
    return f"{terms[0]} {joining_sign(values)} {terms[1]} = {terms[2]}"
