"""Row of one method in the table: its figures, its advice, and the run of its button."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from engine.protocol.strategy_files import strategy_label
from gui.lessons.active_run import ActiveRun
from gui.lessons.run_result import RunResult
from gui.method_guide.columns import COLUMNS, Cell, average_text
from gui.method_guide.entries import GuideEntry, MethodGuide, Setup
from gui.text.numbers import points_text
from gui.theme import SECONDARY, SMALL, SPACE, TINY
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.copying import in_row
from gui.widgets.label import Label

FIRST_FIGURES = 1
"""Grid column of the first figures: the method's name stands before them."""
WHEN = FIRST_FIGURES + len(COLUMNS)
"""Grid column of the advice; the buttons follow it."""
GRID_ROWS = 3
"""Grid rows of a method: its figures, its advice where the page is narrow, its result."""


class FigureCell(QWidget):
    """Figures of one method in one column, below each other."""

    def __init__(self, name: str, parts: tuple[str, ...], cells: tuple[Cell, ...]) -> None:
        """Create it. Args: name: of method and column, for screen readers.  parts: of a line."""
        super().__init__()
        self.cells = cells
        self._labels = [_new_figure(cell, line < len(parts)) for line, cell in enumerate(cells)]
        told = zip((*parts, ""), cells, strict=False)
        words = ", ".join(f"{part} {cell.text}".strip() for part, cell in told)
        self.setAccessibleName(f"{name}: {words}")
        vbox(*self._labels, on=self)

    def show_fit(self, wanted: frozenset[str], fits: bool) -> None:
        """Mark the figures by which the method suits; or fade all. Args: wanted: what is ticked."""
        for label, cell in zip(self._labels, self.cells, strict=True):
            label.set_colour(_colour(cell, wanted) if fits else "hatch")


def _new_figure(cell: Cell, is_figure: bool) -> Label:
    label = Label(cell.text, scale=SMALL if is_figure else TINY)
    label.setToolTip(cell.hint)
    label.setVisible(bool(cell.text))
    return label


def _colour(cell: Cell, wanted: frozenset[str]) -> str:
    return "accent" if cell.suits in wanted else "text"


class MethodRow:
    """The cells of one method, to be placed in the table's grid."""

    def __init__(self, guide: MethodGuide, method: GuideEntry) -> None:
        self.method = method
        self._suits = guide.suits[method.strategy]
        self._figures = guide.figures[method.strategy]
        self._has_source = guide.has_source(method.strategy)
        self._setup: Setup | None = None
        self.label = label = strategy_label(method.strategy)
        self._name = Label(label, scale=SECONDARY, bold=True, wrap=True)
        self.figures = [
            FigureCell(f"{label}, {column.title}", column.parts, column.cells(guide, method))
            for column in COLUMNS
        ]
        self.when = Label(f"{method.when}.", scale=SMALL, wrap=True)
        self.result = Label(scale=SMALL, wrap=True)
        self.result.setObjectName(f"methodResult.{method.strategy}")
        self.result.hide()
        self.run_button = text_button("Run", f"tryMethod.{method.strategy}")
        self.run_button.setAccessibleName(f"Run {label}")
        self.lesson_button = text_button("Lesson", f"readMethod.{method.strategy}")
        self.lesson_button.setAccessibleName(f"Lesson: {label}")
        self._actions = QWidget()
        buttons = (self.run_button, self.lesson_button)
        self._buttons = hbox(*buttons, on=self._actions, spacing=SPACE // 2)

    def add_to_grid(self, grid: QGridLayout, row: int) -> None:
        """Add the cells to the first of `GRID_ROWS` rows of the grid, the result to the last."""
        self._grid, self._row = grid, row
        for column, cell in enumerate((self._name, *self.figures, self.when, self._actions)):
            grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.result, row + 2, FIRST_FIGURES, 1, len(COLUMNS) + 2)

    def holds(self, at: QPoint | None) -> bool:
        """Return whether the row is meant. Args: at: in the table; None: by the keyboard."""
        return in_row((self._name, *self.figures, self.when, self._actions, self.result), at)

    def expect(self, setup: Setup) -> None:
        """Remember what the method's own run is made on. Args: setup: of that run."""
        self._setup = setup

    def show_setup(self, setup: Setup, steps: int) -> None:
        """Say what the button starts."""
        label = strategy_label(self.method.strategy)
        self.run_button.setToolTip(f"{label}, {steps} steps: {setup.text}")

    def show_progress(self, trial: ActiveRun | None) -> None:
        """Show how far the method's own run is. Args: trial: the run under way; None: none is."""
        own = trial is not None and trial.run.name == self.method.strategy
        self.run_button.setText(f"{trial.step:,}" if own and trial is not None else "Run")
        self.run_button.setEnabled(trial is None)

    def show_result(self, name: str, result: RunResult) -> None:
        """Show the result of the method's own run beside the row's means; ignore other runs."""
        if name != self.method.strategy or self._setup is None:
            return
        frame, means = result.frame, self._figures.runs[self._setup.name]
        told = [("target accuracy", result.measure("target"), means.target)]
        if self._has_source:
            lost, kept = result.measure("forgotten"), result.measure("forgotten_kept")
            told.append(("source lost with the head as it is", lost, means.forgetting))
            told.append(("with the old head", kept, means.forgetting_kept_head))
        parts = (f"{what} {points_text(v)} (mean {average_text(m)})" for what, v, m in told)
        where = f"{self._setup.label}, seed {frame.settings.seed}"
        self.result.show_text(f"{where}: {', '.join(parts)}")
        self.result.show()

    def set_narrow(self, narrow: bool, hidden: Iterable[int]) -> None:
        """Hide some columns, stack the buttons, put the advice below; or undo all that."""
        direction = QBoxLayout.Direction
        for column in hidden:
            self.figures[column].setVisible(not narrow)
        self._buttons.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        if narrow:
            self._grid.addWidget(self.when, self._row + 1, FIRST_FIGURES, 1, len(COLUMNS))
        else:
            middle = Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(self.when, self._row, WHEN, middle)

    def show_fit(self, wanted: frozenset[str]) -> bool:
        """Fade the row unless it suits all wanted situations. Returns: whether it does."""
        fits = wanted <= self._suits
        for text in (self._name, self.when):
            text.set_colour("text" if fits else "hatch")
        for cell in self.figures:
            cell.show_fit(wanted, fits)
        return fits
