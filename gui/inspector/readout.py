"""Readout: the cell under the pointer, or the pinned one, in a few lines of constant height."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtWidgets import QStackedLayout, QWidget

from gui.inspector.explanation import explain_reading
from gui.inspector.numbers import CellNumbers
from gui.matrices.cell_reading import CellReading, cell_matrix_text, cell_position_text
from gui.session import Session
from gui.theme import SMALL, SPACE
from gui.widgets.box import vbox
from gui.widgets.copying import Copy
from gui.widgets.label import ElidedLabel, Label

HINT = "Hover over a cell to see its value; click to pin it."


class CellReadout(QWidget):
    """W + ΔW = W′ for one cell, and in a line where ΔW comes from."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("cellReadout")
        self._hint = Label(HINT, colour="muted", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._where = ElidedLabel(bold=True)
        self._numbers = CellNumbers()
        self._note = ElidedLabel(scale=SMALL, colour="muted")
        page = QWidget()
        vbox(self._where, self._numbers, self._note, 0, on=page, spacing=SPACE // 4)
        self._pages = QStackedLayout()
        vbox(self._pages, on=self, margins=(2 * SPACE, SPACE // 2, 2 * SPACE, SPACE // 2))
        self._pages.addWidget(self._hint)
        self._pages.addWidget(page)

    @Slot(object)
    def show_reading(self, reading: CellReading | None) -> None:
        """Show a cell. Args: reading: None: none is read."""
        self._pages.setCurrentIndex(0 if reading is None else 1)
        if reading is not None:
            self._where.show_text(f"{cell_matrix_text(reading)} · {cell_position_text(reading)}")
            self._numbers.show_reading(reading)
            said = explain_reading(reading, self._session.state)
            self._note.show_text(said.replace("\n=", " =").replace("\n", " · "))

    def copies(self, _at: QPoint | None) -> tuple[Copy, ...]:
        """Return how the numbers are copied, if a cell is read."""
        read = self._pages.currentIndex() == 1
        return (Copy("Copy the numbers of the cell", self.text),) if read else ()

    def text(self) -> str:
        """Return all that is shown, line by line."""
        if self._pages.currentIndex() == 0:
            return self._hint.text()
        lines = self._where.full_text(), self._numbers.text(), self._note.full_text()
        return "\n".join(filter(None, lines))
