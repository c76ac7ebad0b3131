"""Keys dialog: the list of keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QPushButton, QWidget

from gui.theme import SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, Label

KEYS = (
    ("Space", "play or pause"),
    ("→  ←", "one step on, one step back"),
    ("Home  End", "the first step, the newest step"),
    ("Ctrl+←  →", "another branch; on its name: F2 renames it, Delete deletes it"),
    ("R", "reset: the same initial weights again"),
    ("L", "show or hide the list of lessons; ↑ ↓ and Enter open one"),
    ("1 … 9", "open a lesson; in a lesson: choose an answer, as a b c … do"),
    ("Enter", "in a lesson: the blue button; Page ↓ ↑ turn the cards"),
    ("Ctrl+1 … 4", "beside the stage: curves, spectrum, scale, merge"),
    ("+  −  Ctrl+0", "larger, smaller or normal text"),
    ("Ctrl+Z", "undo the last change of a setting"),
    ("M", "look into a step: its five phases"),
    ("→  ←  Space", "in a step: next phase, previous phase, slow motion; ↑ ↓ its speed"),
    ("N", "the network with W and with W′, side by side; a sample flows through both"),
    ("Enter  Delete", "on the sample there: draw, erase; arrow keys go to other pixels"),
    ("V", "compare strategies side by side; there Space starts and pauses the comparison"),
    ("W", "which method? The methods side by side, and three pitfalls to run"),
    ("F", "present: full screen, large type; F or Escape leaves"),
    ("Page ↓  ↑", "presenting: the clicker’s keys: run, answer, rest of the card, next card; back"),
    ("L", "presenting: the list of lessons; a number or ↑ ↓, then Enter"),
    ("1 … 6", "presenting: count a vote for an option; Backspace undoes the last one"),
    ("S", "presenting: the speaker’s notes, in a window of their own"),
    ("H", "presenting: show or hide the controls"),
    ("B  .", "presenting: a black screen; any key brings the window back"),
    ("C", "what fine-tuning a large model costs"),
    ("T", "light or dark"),
    ("L  P", "show or hide the left or the right column"),
    ("Tab", "to the next control or matrix; arrow keys move within a bar, a slider or a matrix"),
    ("F6  Shift+F6", "to the next or the previous part of the window"),
    ("+  −  0", "on a large matrix: zoom in, zoom out, show all"),
    ("double click", "on a matrix: its layer alone; on a large one: single cells"),
    ("Escape", "unpin a cell; then leave a step or a comparison, or show all again"),
    ("?", "this list"),
)


class KeysDialog(QDialog):
    """Lists each key with what it does, and offers the tour."""

    tour_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setObjectName("keysDialog")
        form = QFormLayout()
        form.setLabelAlignment(RIGHT)
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(SPACE // 2)
        for key, meaning in KEYS:
            form.addRow(Label(key, bold=True), Label(meaning))
        close, tour = QPushButton("Close"), QPushButton("Take the tour")
        close.setDefault(True)
        for button in (close, tour):
            button.clicked.connect(self.accept)
        tour.clicked.connect(self.tour_wanted)
        margins, right = (3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE), Qt.AlignmentFlag.AlignRight
        buttons = hbox(tour, 1, (close, 0, right))
        vbox(form, buttons, on=self, spacing=2 * SPACE, margins=margins)
