"""Line of figures below the timeline, legible from the last row: the run's, or a cell's."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
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
from gui.text.numbers import NO_VALUE, percent, signed
from gui.theme import MARGIN, SPACE
from gui.widgets.box import Part, hbox
from gui.widgets.label import ElidedLabel, Label

LARGE, LARGER = 1.1, 1.25
"""Text scales."""
FIGURES = (("target", "target accuracy"), ("source", "source accuracy"))
"""(colour of the theme, label)"""


class PresentedFigures(QStackedWidget):
    """Step and accuracies; while a cell is pointed at, its position and W + ΔW = W′."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("presentedFigures")
        self._step = Label(scale=LARGER, bold=True)
        self._accuracies = {key: Label(scale=LARGER, bold=True, colour=key) for key, _ in FIGURES}
        self._position = ElidedLabel(scale=LARGE)
        self._equation = Label(scale=LARGER, bold=True)
        both = QWidget()
        both.setObjectName("presentedAccuracies")
        pairs = [
            hbox(Label(words, scale=LARGE, colour="muted"), self._accuracies[key], spacing=SPACE)
            for key, words in FIGURES
        ]
        hbox(*pairs, on=both, spacing=4 * SPACE)
        self.addWidget(_page(self._step, 1, both))
        right = Qt.AlignmentFlag.AlignRight
        self.addWidget(_page((self._position, 1), (self._equation, 0, right)))
        session.state.frame_changed.connect(self._on_session_frame_changed)
        if session.state.frame is not None:
            self._on_session_frame_changed(session.state.frame)

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
        self._accuracies["target"].show_text(percent(frame.measurements.target_accuracy))
        self._accuracies["source"].show_text(percent(frame.measurements.source_accuracy))


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
