"""One method of the table."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from gui.lessons.run_result import RunResult
from gui.lessons.template import points
from gui.method_guide.entries import GuideEntry
from gui.method_guide.level import Level
from gui.text.numbers import percent
from gui.theme import SPACE
from gui.widgets.button import text_button
from gui.widgets.label import Label

SMALL = 0.9
HEADS = (
    "Method", "Data", "Compute", "Overfits", "The old task", "Stored here", "Choose it when", "",
)  # fmt: skip
HINTS = (
    "", "How many samples it wants", "Time, and memory for weights, gradients and optimizer",
    "How easily it learns the samples by heart", "What becomes of what the network knew",
    "Numbers that one task stores in the lessons’ network, its head included", "", "",
)  # fmt: skip


class MethodRow(QObject):
    """Puts its cells into the table's grid."""

    tried = Signal(str)
    """Strategy to run."""
    read = Signal(str)
    """Name of the lesson to read."""

    def __init__(self, method: GuideEntry, parent: QWidget) -> None:
        super().__init__(parent)
        self.method = method
        self._name = Label(method.strategy, bold=True, wrap=True)
        self._old = Label(method.old_task, scale=SMALL, wrap=True)
        self._here = Label(f"{method.here:,}", scale=SMALL)
        self._when = Label(f"{method.when}.", scale=SMALL, wrap=True)
        self._levels = [
            Level("Data", method.data), Level("Compute and memory", method.compute),
            Level("Overfits", method.overfits),
        ]  # fmt: skip
        self.run = text_button("Run", f"tryMethod.{method.strategy}")
        self.lesson = text_button("Lesson", f"readMethod.{method.strategy}")
        self._actions = QWidget()
        self._both = both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._actions)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(SPACE // 2)
        both.addWidget(self.run)
        both.addWidget(self.lesson)
        self.run.clicked.connect(self._on_run_clicked)
        self.lesson.clicked.connect(self._on_lesson_clicked)

    def place(self, grid: QGridLayout, row: int) -> None:
        """Stand in a row of the grid."""
        cells = (self._name, *self._levels, self._old, self._here, self._when, self._actions)
        for column, cell in enumerate(cells):
            grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignVCenter)

    def show_result(self, name: str, record: RunResult) -> None:
        """Say what came of its run, of which task, in the place of when to choose it."""
        if name == self.method.strategy:
            right, lost = percent(record.measure("target")), points(-record.measure("forgotten"))
            self._when.show_text(f"{self.method.when}.\nHere: {right} right; old task {lost}.")

    def when_text(self) -> str:
        """When to choose it, and what came of its run."""
        return self._when.text()

    def narrow(self, narrow: bool) -> None:
        """Take less width: without the count, the buttons below each other."""
        way = QBoxLayout.Direction
        self._here.setVisible(not narrow)
        self._both.setDirection(way.TopToBottom if narrow else way.LeftToRight)

    def show_label(self, label: str) -> None:
        """Use the method's name as the program has it."""
        self._name.show_text(label)
        self.run.setAccessibleName(f"Run {label}")
        self.run.setToolTip(f"Train with {label} for 300 steps")
        self.lesson.setAccessibleName(f"Lesson: {label}")

    def show_fit(self, wanted: frozenset[str]) -> bool:
        """Step back where it does not suit all of these. Returns: whether it does."""
        fits = wanted <= self.method.suits
        for text in (self._name, self._old, self._here, self._when):
            text.set_colour("text" if fits else "hatch")
        for level in self._levels:
            level.fade(not fits)
        return fits

    @Slot()
    def _on_run_clicked(self) -> None:
        self.tried.emit(self.method.strategy)

    @Slot()
    def _on_lesson_clicked(self) -> None:
        self.read.emit(self.method.lesson)
