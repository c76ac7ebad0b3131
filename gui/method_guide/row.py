"""Row of one method in the table, with its levels: little, some or much."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from engine.protocol.strategy_files import strategy_label
from gui.lessons.expression import points
from gui.lessons.lesson import ActiveRun
from gui.lessons.run_result import RunResult
from gui.method_guide.entries import MAX_LEVEL, GuideEntry
from gui.text.numbers import percent
from gui.theme import SECONDARY, SPACE, TINY
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label

HEADERS = (
    "Method", "Data", "Compute", "Overfits", "Source task", "Parameters stored", "Choose it when",
    "",
)  # fmt: skip
HINTS = (
    "", "How many samples it needs", "Time, and memory for weights, gradients and optimizer",
    "How easily it memorises the samples", "What happens to what the network could do before",
    "Parameters that one task stores in the lessons’ network, its head included", "", "",
)  # fmt: skip
WORDS = ("little", "some", "much")


class Level(QWidget):
    """A row of three dots, filled up to a level, above the level's name."""

    def __init__(self, quantity: str, level: int) -> None:
        """Create it. Args: quantity: its name, for screen readers.  level: 1…3."""
        super().__init__()
        dots = "\u2009".join("●" * level + "○" * (MAX_LEVEL - level))
        self._dots = Label(dots, scale=TINY, colour="accent")
        self._word = Label(WORDS[level - 1], scale=TINY, colour="muted")
        self.setAccessibleName(f"{quantity}: {WORDS[level - 1]}")
        vbox(self._dots, self._word, on=self)

    def set_faded(self, faded: bool) -> None:
        """Show the level in a faded colour, or as usual."""
        self._dots.set_colour("hatch" if faded else "accent")
        self._word.set_colour("hatch" if faded else "muted")


class MethodRow:
    """The cells of one method, to be placed in the table's grid."""

    def __init__(self, method: GuideEntry) -> None:
        self.method = method
        label = strategy_label(method.strategy)
        self._name = Label(label, bold=True, wrap=True)
        self._old_task = Label(method.source_task, scale=SECONDARY, wrap=True)
        self._stored = Label(f"{method.stored_numbers:,}", scale=SECONDARY)
        self.when = Label(f"{method.when}.", scale=SECONDARY, wrap=True)
        self._levels = [
            Level("Data", method.data), Level("Compute and memory", method.compute),
            Level("Overfits", method.overfits),
        ]  # fmt: skip
        hint = f"Train with {label} for 300 steps"
        self.run_button = text_button("Run", f"tryMethod.{method.strategy}", hint)
        self.run_button.setAccessibleName(f"Run {label}")
        self.lesson_button = text_button("Lesson", f"readMethod.{method.strategy}")
        self.lesson_button.setAccessibleName(f"Lesson: {label}")
        self._actions = QWidget()
        buttons = (self.run_button, self.lesson_button)
        self._buttons = hbox(*buttons, on=self._actions, spacing=SPACE // 2)

    def add_to_grid(self, grid: QGridLayout, row: int) -> None:
        """Add the cells to a row of the grid."""
        cells = (self._name, *self._levels, self._old_task, self._stored, self.when, self._actions)
        for column, cell in enumerate(cells):
            grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignVCenter)

    def show_progress(self, trial: ActiveRun | None) -> None:
        """Show how far the method's own run is. Args: trial: the run under way; None: none is."""
        own = trial is not None and trial.run.name == self.method.strategy
        self.run_button.setText(f"{trial.step:,}" if own and trial is not None else "Run")
        self.run_button.setEnabled(trial is None)

    def show_result(self, name: str, result: RunResult) -> None:
        """Append the result of the method's own run to its advice; ignore other runs."""
        if name == self.method.strategy:
            right, lost = percent(result.measure("target")), points(-result.measure("forgotten"))
            text = f"{self.method.when}.\nHere: target accuracy {right}, source accuracy {lost}."
            self.when.show_text(text)

    def set_narrow(self, narrow: bool) -> None:
        """Hide the count and stack the buttons, or undo both."""
        direction = QBoxLayout.Direction
        self._stored.setVisible(not narrow)
        self._buttons.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def show_fit(self, wanted: frozenset[str]) -> bool:
        """Fade the row unless it suits all wanted situations. Returns: whether it does."""
        fits = wanted <= self.method.suits
        for text in (self._name, self._old_task, self._stored, self.when):
            text.set_colour("text" if fits else "hatch")
        for level in self._levels:
            level.set_faded(not fits)
        return fits
