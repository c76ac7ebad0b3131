"""Table of the compared runs' figures, sortable by any column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy, QWidget

from engine.protocol.comparison import MAX_COMPARED_RUNS
from gui.compare.estimates import common_seeds
from gui.compare.figures import FIGURES, TableFigure, sorted_runs
from gui.compare.run_row import RUN_COLOURS
from gui.compare.words import RunText, details_text, margin_lines
from gui.theme import SMALL, SPACE, appearance, font
from gui.widgets.box import hbox
from gui.widgets.button import text_button
from gui.widgets.copying import Copy, in_row, table_copies
from gui.widgets.label import RIGHT, ElidedLabel, Label
from gui.widgets.surface import rule

FIGURE_SCALE = 0.95
MAX_NAME_WIDTH = 180
"""Pixels at the ordinary text size; longer names are elided."""
BEST = "★"
UP, DOWN = "▲", "▼"
NAME_TITLE = "Strategy"
OPEN_TEXTS = ("Open on the stage", "Open")
WIDEST_MARGIN = "±\u202f10.0"


class ComparisonTable(QWidget):
    """Table that a click on a heading sorts; its rows keep their places during the training."""

    opened = Signal(int)
    """Emitted with the index of the run to open on the stage."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("comparisonTable")
        self.setAccessibleName("Results of the runs")
        self._runs: tuple[RunText, ...] = ()
        self._seeds = 1
        """Number of seeds that the numbers are of."""
        self._order: list[int] = []
        self._sort_column: int | None = None
        """Column that the rows are sorted by; None: they are not."""
        self._descending = False
        self._short = 0
        self.headers = [_SortHeader(None), *map(_SortHeader, FIGURES)]
        self.rows = [_Row(place) for place in range(MAX_COMPARED_RUNS)]
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._sort_buttons, self._open_buttons = QButtonGroup(self), QButtonGroup(self)
        for column, header in enumerate(self.headers):
            self._sort_buttons.addButton(header, column)
        for place, row in enumerate(self.rows):
            self._open_buttons.addButton(row.button, place)
        self._sort_buttons.idClicked.connect(self._on_sort_clicked)
        self._open_buttons.idClicked.connect(self._on_open_clicked)
        appearance.changed.connect(self._choose_titles)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        for column, header in enumerate(self.headers):
            grid.addWidget(header, 0, column, _alignment(column) | Qt.AlignmentFlag.AlignBottom)
            grid.setColumnStretch(column, 1)
        grid.setColumnStretch(0, 2)
        grid.addWidget(rule(), 1, 0, 1, len(self.headers) + 1)
        for place, row in enumerate(self.rows):
            grid.addWidget(row.name, place + 2, 0)
            for column, cell in enumerate(row.cells, start=1):
                grid.addWidget(cell, place + 2, column, _alignment(column))
            grid.addWidget(row.button, place + 2, len(self.headers), RIGHT)

    # ------------------------------------------------------------ showing

    def show_runs(self, runs: Sequence[RunText], *, can_reorder: bool) -> None:
        """Show runs. Args: can_reorder: whether rows may move; not during the training."""
        if can_reorder or len(runs) != len(self._runs):
            self._order = []
        labels = [run.label for run in self._runs]
        self._runs = tuple(runs)
        self._seeds = common_seeds([run.row for run in runs if run.row is not None])
        if labels != [run.label for run in runs]:
            self._choose_titles()
        self._show_rows()

    def texts(self) -> list[list[str]]:
        """Return the texts of each row, from the top, without marks of the best and margins."""
        return [row.texts() for row in self.rows[: len(self._runs)]]

    def copies(self, at: QPoint | None) -> tuple[Copy, ...]:
        """Return how a run's row and the table are copied: with every digit, and the margins."""
        shown = self.rows[: len(self._runs)]
        rows = [
            [run.label, *(text for f in FIGURES for text in f.plain_texts(run, self._seeds))]
            for run in (self._runs[index] for index in self._order)
        ]
        headings = [NAME_TITLE, *(title for figure in FIGURES for title in figure.plain_titles)]
        meant = (place for place, row in enumerate(shown) if in_row((row.name, row.button), at))
        return table_copies(headings, rows, next(meant, None)) if rows else ()

    def _show_rows(self) -> None:
        runs = self._runs
        if len(self._order) != len(runs):
            self._order = list(range(len(runs)))
            if self._sort_column is not None:
                figure = self.headers[self._sort_column].figure
                self._order = sorted_runs(runs, figure, self._seeds, descending=self._descending)
        tops = [figure.best_runs(runs, self._seeds) for figure in FIGURES]
        for place, row in enumerate(self.rows):
            row.set_visible(place < len(runs))
            if place < len(runs):
                index = self._order[place]
                row.show(runs[index], self._seeds, [index in top for top in tops])
                row.name.set_colour(RUN_COLOURS[index])
        arrow = DOWN if self._descending else UP
        for column, header in enumerate(self.headers):
            header.show_title(self._short, arrow if column == self._sort_column else "")
            header.show_hint(self._seeds)

    # ------------------------------------------------------------ widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose long or short titles for the new width."""
        super().resizeEvent(event)
        self._choose_titles()

    @Slot()
    def _choose_titles(self) -> None:
        for row in self.rows:
            row.name.setMinimumWidth(self._name_width())
        short = 1 if self._full_width() > self.width() else 0
        if short != self._short:
            self._short = short
            for row in self.rows:
                row.button.setText(OPEN_TEXTS[short])
            self._show_rows()

    def _full_width(self) -> int:
        """Return the width of all columns with long titles, in pixels."""
        figures, headers = QFontMetrics(font(FIGURE_SCALE)), QFontMetrics(font(SMALL))
        margin = headers.horizontalAdvance(WIDEST_MARGIN) + SPACE // 2
        widest = (
            max(headers.size(0, f"{f.titles[0]} {DOWN}").width() + SPACE,
                figures.horizontalAdvance(_widest_text(f)) + (margin if f.measure else 0))
            for f in FIGURES
        )  # fmt: skip
        button = QFontMetrics(font(SMALL)).horizontalAdvance(OPEN_TEXTS[0]) + 3 * SPACE
        return sum(widest) + button + self._name_width() + SPACE * (len(FIGURES) + 1)

    def _name_width(self) -> int:
        metrics = QFontMetrics(font(bold=True))
        names = (metrics.horizontalAdvance(run.label) for run in self._runs)
        return min(max(names, default=0) + 2, round(MAX_NAME_WIDTH * appearance.text_scale))

    # ------------------------------------------------------------ user actions

    @Slot(int)
    def _on_sort_clicked(self, column: int) -> None:
        """Sort with the best first, names from A to Z; reverse at the second click."""
        figure = self.headers[column].figure
        first = figure is not None and figure.better > 0
        self._descending = not self._descending if column == self._sort_column else first
        self._sort_column = column
        self._order = []
        self._show_rows()

    @Slot(int)
    def _on_open_clicked(self, place: int) -> None:
        self.opened.emit(self._order[place])


def _widest_text(figure: TableFigure) -> str:
    """Return the longest text of a column, with the mark of the best if it can have one."""
    return f"{BEST} {figure.widest}" if figure.is_starred else figure.widest


def _in_one_line(title: str) -> str:
    return title.replace("\n", ", ")


def _alignment(column: int) -> Qt.AlignmentFlag:
    return RIGHT if column else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _SortHeader(QPushButton):
    def __init__(self, figure: TableFigure | None) -> None:
        super().__init__()
        self.figure = figure
        self._titles = (NAME_TITLE, NAME_TITLE) if figure is None else figure.titles
        self.setObjectName(f"sort.{'name' if figure is None else figure.key}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("role", "sort")
        self.show_title(0, "")

    def show_title(self, short: int, arrow: str) -> None:
        """Show a title. Args: short: 1: short title; 0: long.  arrow: ▲, ▼ or empty."""
        order = {UP: ", rising", DOWN: ", falling"}.get(arrow, "")
        self.setText(f"{self._titles[short]} {arrow}".rstrip())
        self.setAccessibleName(f"Sort by {_in_one_line(self._titles[0])}{order}")

    def show_hint(self, seeds: int) -> None:
        """Explain the column. Args: seeds: that its numbers are of."""
        if self.figure is not None:
            lines = margin_lines(seeds) if self.figure.measure else ()
            self.setToolTip("\n".join((self.figure.hint, *lines)))


class _FigureCell(QWidget):
    """A figure and, where it is measured, its margin behind it, smaller and muted."""

    def __init__(self, figure: TableFigure) -> None:
        super().__init__()
        self.figure = figure
        self._value = Label(scale=FIGURE_SCALE, widest=_widest_text(figure))
        self._margin = Label(scale=SMALL, colour="muted", widest=WIDEST_MARGIN)
        self._margin.setVisible(figure.measure is not None)
        self._value.setAlignment(RIGHT)
        hbox(self._value, self._margin, on=self, spacing=SPACE // 2)

    def show_run(self, run: RunText, seeds: int, *, marked: bool) -> None:
        """Show a run. Args: seeds: that the value is the mean of.  marked: as the best."""
        value, margin = self.figure.texts(run, seeds)
        self._value.show_text(f"{BEST} {value}" if marked else value)
        self._value.set_colour("good" if marked else "text")
        self._margin.show_text(margin)
        title = _in_one_line(self.figure.titles[0])
        name = f"{run.label}, {title} {value} {margin}".rstrip()
        self.setAccessibleName(f"{name}, the best" if marked else name)

    def text(self) -> str:
        """Return what it shows, with the mark and the margin."""
        return f"{self._value.text()} {self._margin.text()}".rstrip()

    def value_text(self) -> str:
        """Return the figure alone."""
        return self._value.text().removeprefix(f"{BEST} ")


class _Row:
    """Widgets of one row, placed in the table's grid."""

    def __init__(self, place: int) -> None:
        self.name = ElidedLabel(bold=True)
        self.cells = [_FigureCell(figure) for figure in FIGURES]
        self.button = text_button(OPEN_TEXTS[0], f"open.{place + 1}")
        self.button.setProperty("role", "small")

    def set_visible(self, visible: bool) -> None:
        """Show or hide the row."""
        for part in (self.name, *self.cells, self.button):
            part.setVisible(visible)

    def show(self, run: RunText, seeds: int, marks: Sequence[bool]) -> None:
        """Show a run. Args: seeds: of the numbers.  marks: whether each figure is the best."""
        self.name.show_text(run.label)
        details = details_text(run, seeds)
        for cell, mark in zip(self.cells, marks, strict=True):
            cell.show_run(run, seeds, marked=mark)
            cell.setToolTip(details if cell.figure.measure else "")
        self.button.setEnabled(run.row is not None)
        self.button.setAccessibleName(f"Open {run.label} on the stage")

    def texts(self) -> list[str]:
        """Return the row's texts, without marks and margins."""
        return [self.name.full_text(), *(cell.value_text() for cell in self.cells)]
