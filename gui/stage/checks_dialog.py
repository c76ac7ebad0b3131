"""A table of all checks of all layers that follows the run."""

from __future__ import annotations

import textwrap

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLayout, QPushButton, QWidget

from engine.protocol.messages import Check, Frame
from gui.session import Session
from gui.stage.check_text import CHECK_NAMES, check_label, check_sentence, value_text
from gui.text.layers import layer_title
from gui.theme import SPACE
from gui.widgets.box import vbox
from gui.widgets.label import Label

PASSED, FAILED = "✓", "✗"
ALL_HOLD = "Checked at every frame: everything that must hold, holds."
SENTENCE_COLUMNS = 96
"""Characters in a line of the sentences."""

ChecksByCell = dict[tuple[str, str], Check]
"""(layer, name of the check) -> the check."""


class ChecksDialog(QDialog):
    """Layers downward, checks across; below a sentence for each check that fails."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._texts: dict[tuple[str, str], Label] = {}
        self.setWindowTitle("Proofs")
        self.setObjectName("proofsDialog")
        self._table = QWidget()
        self._words = Label(ALL_HOLD)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        margins = (3 * SPACE, 3 * SPACE, 3 * SPACE, 2 * SPACE)
        bottom = (close, 0, Qt.AlignmentFlag.AlignRight)
        self._column = vbox(
            self._table, self._words, bottom, on=self, spacing=2 * SPACE, margins=margins
        )
        self._column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        session.state.frame_changed.connect(self._on_session_frame_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the newest frame: while hidden none is drawn."""
        super().showEvent(event)
        if self._session.state.frame is not None:
            self._show(self._session.state.frame)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if self.isVisible():
            self._show(frame)

    def _show(self, frame: Frame) -> None:
        cells: ChecksByCell = {
            (layer.name, check.name): check
            for layer in frame.layers
            for check in layer.measured.checks
        }
        if cells.keys() != self._texts.keys():
            self._rebuild(cells)
        for key, check in cells.items():
            text = self._texts[key]
            text.show_text(f"{PASSED if check.holds else FAILED} {value_text(check)}")
            text.set_colour("good" if check.holds else "bad")
        wrong = [
            textwrap.fill(f"{layer_title(layer)}: {check_sentence(check)}", SENTENCE_COLUMNS)
            for (layer, _), check in cells.items()
            if not check.holds
        ]
        self._words.show_text("\n".join(wrong) or ALL_HOLD)

    def _rebuild(self, cells: ChecksByCell) -> None:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setVerticalSpacing(SPACE)
        columns = [claim for claim in CHECK_NAMES if any(claim == found for _, found in cells)]
        rows = list(dict.fromkeys(layer for layer, _ in cells))
        for column, claim in enumerate(columns, start=1):
            grid.addWidget(Label(check_label(claim), colour="muted"), 0, column)
        for row, layer in enumerate(rows, start=1):
            grid.addWidget(Label(layer_title(layer), bold=True), row, 0)
        self._texts = {key: Label() for key in cells}
        for (layer, claim), text in self._texts.items():
            text.setAccessibleName(f"{layer_title(layer)}, {check_label(claim)}")
            grid.addWidget(text, rows.index(layer) + 1, columns.index(claim) + 1)
        self._column.replaceWidget(self._table, table)
        self._table.hide()
        self._table.deleteLater()
        self._table = table
        table.show()
