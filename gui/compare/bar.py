"""The line above the racers: how many steps, start and pause, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.protocol.comparison import MAX_COMPARED_STEPS
from engine.protocol.messages import ComparisonFrame
from gui.text.numbers import parse_integer
from gui.theme import SPACE
from gui.widgets.button import text_button
from gui.widgets.label import Label
from gui.widgets.value_field import ValueField

STEPS = 300


class ComparisonBar(QWidget):
    """Says what the user wants of the race."""

    toggled = Signal()
    """Start, pause, or go on."""
    anew = Signal()
    """Put this race away: another is to be chosen."""
    added = Signal()
    """One more strategy."""
    steps_changed = Signal()
    left = Signal()
    """Back to the stage."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = STEPS
        """That each is to take."""
        self._steps_name = Label(colour="muted")
        self.steps_field = ValueField()
        self.steps_field.setObjectName("raceSteps")
        self.steps_field.setAccessibleName("Steps of the race")
        self.start = text_button("Start", "raceStart")
        self.start.setProperty("role", "primary")
        self.again = text_button("New race", "raceAnew")
        self.again.setToolTip("Put this race away and choose again")
        self.add = text_button("+ Add a strategy", "raceAdd")
        self.back = text_button("Back to the stage", "raceBack")
        self.back.setToolTip("Back to the stage (Escape)")
        self._title = Label("Compare", scale=1.2, bold=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._title)
        for part in (self.start, self.steps_field, self._steps_name, self.add, self.again):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.back)
        self.start.clicked.connect(self.toggled)
        self.again.clicked.connect(self.anew)
        self.add.clicked.connect(self.added)
        self.back.clicked.connect(self.left)
        self.steps_field.typed.connect(self._on_steps_field_typed)
        self.steps_field.left.connect(self.steps_field.clearFocus)
        self.steps_field.show_value(f"{STEPS:,}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: where there is little room the buttons say what this is."""
        super().resizeEvent(event)
        parts = (self.start, self.steps_field, self._steps_name, self.add, self.again, self.back)
        wanted = (part.sizeHint().width() + SPACE for part in parts if not part.isHidden())
        self._title.setVisible(self.width() > sum(wanted) + self._title.sizeHint().width())

    def show_comparison(
        self, comparison: ComparisonFrame | None, *, ready: bool, room: bool
    ) -> None:
        """Offer what can be done. Args: ready: the engine is.  room: for one more strategy."""
        word = "Start" if comparison is None else "Pause" if comparison.running else "Go on"
        self.start.setText(word)
        self.start.setToolTip(f"{word} (Space)")
        self.start.setEnabled(ready)
        self.start.setVisible(comparison is None or not comparison.over)
        self.steps_field.setVisible(comparison is None)
        self._steps_name.show_text(
            "steps each" if comparison is None else f"{comparison.steps:,} steps each"
        )
        self.add.setVisible(comparison is None)
        self.add.setEnabled(ready and room)
        self.again.setVisible(comparison is not None)

    @Slot(str)
    def _on_steps_field_typed(self, text: str) -> None:
        value = parse_integer(text)
        if value is not None:
            self.steps = min(max(value, 1), MAX_COMPARED_STEPS)
        self.steps_field.show_value(f"{self.steps:,}")
        self.steps_changed.emit()
