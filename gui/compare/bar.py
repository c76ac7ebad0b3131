"""Bar above the compared runs: number of steps, start and pause, back to the stage."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.comparison import MAX_COMPARED_STEPS
from engine.protocol.messages import ComparisonFrame
from gui.text.numbers import parse_integer
from gui.theme import HEADING, SPACE
from gui.widgets.box import hbox
from gui.widgets.button import text_button
from gui.widgets.label import Label
from gui.widgets.value_field import ValueField

DEFAULT_STEPS = 300


class ComparisonBar(QWidget):
    """Controls of the comparison."""

    steps_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.steps = DEFAULT_STEPS
        """Number of steps of each run."""
        self._steps_label = Label(colour="muted")
        self.steps_field = ValueField()
        self.steps_field.setObjectName("comparisonSteps")
        self.steps_field.setAccessibleName("Steps of the comparison")
        self.start = text_button("Start", "comparisonStart")
        self.start.setProperty("role", "primary")
        self.clear = text_button(
            "New comparison", "newComparison", "Discard this comparison and choose again"
        )
        self.add = text_button("+ Add a strategy", "addStrategy")
        self.back = text_button("Back to the stage", "comparisonBack", "Back to the stage (Escape)")
        self._title = Label("Compare", scale=HEADING, bold=True)
        parts = (self.start, self.steps_field, self._steps_label, self.add, self.clear)
        margins = 2 * SPACE, 0, 2 * SPACE, 0
        hbox(self._title, *parts, 1, self.back, on=self, spacing=SPACE, margins=margins)
        self.steps_field.typed.connect(self._on_steps_field_typed)
        self.steps_field.left.connect(self.steps_field.clearFocus)
        self.steps_field.show_value(f"{DEFAULT_STEPS:,}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the title where the buttons need its space."""
        super().resizeEvent(event)
        parts = (self.start, self.steps_field, self._steps_label, self.add, self.clear, self.back)
        widths = (part.sizeHint().width() + SPACE for part in parts if not part.isHidden())
        self._title.setVisible(self.width() > sum(widths) + self._title.sizeHint().width())

    def show_comparison(
        self, comparison: ComparisonFrame | None, *, ready: bool, can_add: bool
    ) -> None:
        """Update the buttons. Args: ready: it can start.  can_add: one more strategy fits."""
        action = "Start" if comparison is None else "Pause" if comparison.running else "Go on"
        self.start.setText(action)
        self.start.setToolTip(f"{action} (Space)")
        self.start.setEnabled(ready)
        self.start.setVisible(comparison is None or not comparison.over)
        self.steps_field.setVisible(comparison is None)
        self._steps_label.show_text(
            "steps each" if comparison is None else f"{comparison.steps:,} steps each"
        )
        self.add.setVisible(comparison is None)
        self.add.setEnabled(ready and can_add)
        self.clear.setVisible(comparison is not None)

    @Slot(str)
    def _on_steps_field_typed(self, text: str) -> None:
        value = parse_integer(text)
        if value is not None:
            self.steps = min(max(value, 1), MAX_COMPARED_STEPS)
        self.steps_field.show_value(f"{self.steps:,}")
        self.steps_changed.emit()
