"""The figures of all racers: one row each, to be sorted by any column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QWidget

from engine.protocol.comparison import MAX_COMPARED_RUNS
from gui.compare.words import FIGURES, RunText, TableFigure, best, in_order
from gui.theme import SPACE, appearance, font
from gui.widgets.label import RIGHT, ElidedLabel, Label

FIGURE, HEAD = 0.95, 0.85
MAX_NAME_LENGTH = 180
"""Pixels, at the ordinary text size, from which on a name gives way."""
BEST = "★"
UP, DOWN = "▲", "▼"
NAMED = "Strategy"
OPEN = ("Open on the stage", "Open")


class ComparisonTable(QWidget):
    """Sorted where a heading is clicked; while the race runs the rows keep their places."""

    opened = Signal(int)
    """Put this racer, counted as in the race, on the stage."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("raceTable")
        self.setAccessibleName("The racers' figures")
        self._lines: tuple[RunText, ...] = ()
        self._order: list[int] = []
        self._sorted_by: TableFigure | None = None
        self._falling = False
        self._is_sorted = False
        self._short = 0
        self.heads = [_Head(None), *map(_Head, FIGURES)]
        self.rows = [_Row(place) for place in range(MAX_COMPARED_RUNS)]
        self._lay_out()
        for head in self.heads:
            head.wanted.connect(self._on_head_wanted)
        for row in self.rows:
            row.opened.connect(self._on_row_opened)
        appearance.changed.connect(self._on_appearance_changed)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        for column, head in enumerate(self.heads):
            grid.addWidget(head, 0, column, _side(column))
            grid.setColumnStretch(column, 1)
        grid.setColumnStretch(0, 2)
        grid.addWidget(rule, 1, 0, 1, len(self.heads) + 1)
        for place, row in enumerate(self.rows):
            grid.addWidget(row.name, place + 2, 0)
            for column, cell in enumerate(row.cells, start=1):
                grid.addWidget(cell, place + 2, column, _side(column))
            grid.addWidget(row.button, place + 2, len(self.heads), RIGHT)

    # ------------------------------------------------------------ what it shows

    def show_lines(self, lines: Sequence[RunText], *, resting: bool) -> None:
        """Show these. Args: resting: the race does not run, so that rows may move."""
        if resting or len(lines) != len(self._lines):
            self._order = []
        labels = [line.label for line in self._lines]
        self._lines = tuple(lines)
        if labels != [line.label for line in lines]:
            self._choose_titles()
        self._fill()

    def texts(self) -> list[list[str]]:
        """What stands in each row, top to bottom, without the marks of the best."""
        return [row.texts() for row in self.rows[: len(self._lines)]]

    def _fill(self) -> None:
        lines = self._lines
        if len(self._order) != len(lines):
            self._order = list(range(len(lines)))
            if self._is_sorted:
                self._order = in_order(lines, self._sorted_by, falling=self._falling)
        tops = [best(figure, lines) for figure in FIGURES]
        for place, row in enumerate(self.rows):
            row.set_visible(place < len(lines))
            if place < len(lines):
                index = self._order[place]
                marks = [index in top for top in tops]
                row.show(lines[index], index, marks)
        for head in self.heads:
            mine = self._is_sorted and head.figure is self._sorted_by
            head.show_title(self._short, (DOWN if self._falling else UP) if mine else "")

    # ------------------------------------------------------------ room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: full titles where there is room for them."""
        super().resizeEvent(event)
        self._choose_titles()

    def _choose_titles(self) -> None:
        for row in self.rows:
            row.name.setMinimumWidth(self._name_width())
        short = 1 if self._width(0) > self.width() else 0
        if short != self._short:
            self._short = short
            for row in self.rows:
                row.button.setText(OPEN[short])
            self._fill()

    def _width(self, short: int) -> int:
        """Pixels that all columns take with these titles."""
        figures, heads = QFontMetrics(font(FIGURE)), QFontMetrics(font(HEAD))
        widest = (
            max(heads.horizontalAdvance(f"{f.titles[short]} {DOWN}") + SPACE,
                figures.horizontalAdvance(_widest(f)))
            for f in FIGURES
        )  # fmt: skip
        button = QFontMetrics(font()).horizontalAdvance(OPEN[short]) + 3 * SPACE
        return sum(widest) + button + self._name_width() + SPACE * (len(FIGURES) + 1)

    def _name_width(self) -> int:
        """Pixels of the longest name, within reason."""
        metrics = QFontMetrics(font(bold=True))
        names = (metrics.horizontalAdvance(line.label) for line in self._lines)
        return min(max(names, default=0) + 2, round(MAX_NAME_LENGTH * appearance.text_scale))

    # ------------------------------------------------------------ what a user does

    @Slot(object)
    def _on_head_wanted(self, figure: TableFigure | None) -> None:
        """The best first, at the second click the other way round; names from A to Z."""
        again = self._is_sorted and figure is self._sorted_by
        first = figure is not None and figure.better >= 0
        self._falling = not self._falling if again else first
        self._sorted_by, self._is_sorted = figure, True
        self._order = []
        self._fill()

    @Slot(int)
    def _on_row_opened(self, place: int) -> None:
        self.opened.emit(self._order[place])

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._choose_titles()


def _widest(figure: TableFigure) -> str:
    """Its longest text, with the mark of the best where it has one."""
    return f"{BEST} {figure.widest}" if figure.better else figure.widest


def _side(column: int) -> Qt.AlignmentFlag:
    return RIGHT if column else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Head(QPushButton):
    """A heading to sort by."""

    wanted = Signal(object)
    """Figure; None: the name."""

    def __init__(self, figure: TableFigure | None) -> None:
        super().__init__()
        self.figure = figure
        self._titles = (NAMED, NAMED) if figure is None else figure.titles
        self.setObjectName(f"sort.{'name' if figure is None else figure.key}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("" if figure is None else figure.hint)
        self.clicked.connect(self._on_self_clicked)
        appearance.changed.connect(self._on_appearance_changed)
        self.show_title(0, "")
        self._on_appearance_changed()

    def show_title(self, short: int, arrow: str) -> None:
        """Args: short: 1: where there is little room.  arrow: how it is sorted; empty: not."""
        title = self._titles[short]
        told = {UP: ", rising", DOWN: ", falling"}.get(arrow, "")
        self.setText(f"{title} {arrow}".rstrip())
        self.setAccessibleName(f"Sort by {self._titles[0]}{told}")

    @Slot()
    def _on_self_clicked(self) -> None:
        self.wanted.emit(self.figure)

    @Slot()
    def _on_appearance_changed(self) -> None:
        theme = appearance.theme
        self.setFont(font(HEAD))
        self.setStyleSheet(f"""
            QPushButton {{ background: transparent; border: 1px solid transparent; padding: 0 1px;
                color: {theme.muted}; border-radius: 3px; }}
            QPushButton:hover {{ color: {theme.text}; background: transparent; }}
            QPushButton:focus {{ border: 1px solid {theme.accent}; padding: 0 1px; }}
        """)


class _Row(QObject):
    """A row's parts, which stand in the table's grid."""

    opened = Signal(int)
    """(which row, from the top)"""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place
        self.name = ElidedLabel(bold=True)
        self.cells = [Label(scale=FIGURE, widest=_widest(f)) for f in FIGURES]
        self.button = QPushButton(OPEN[0])
        self.button.setObjectName(f"open.{place + 1}")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._on_button_clicked)
        for cell in self.cells:
            cell.setAlignment(RIGHT)

    def set_visible(self, visible: bool) -> None:
        """Show the row, or not."""
        for part in (self.name, *self.cells, self.button):
            part.setVisible(visible)

    def show(self, line: RunText, index: int, marks: Sequence[bool]) -> None:
        """Write a line. Args: marks: of each figure, whether it is the best."""
        self.name.show_text(line.label)
        for figure, cell, mark in zip(FIGURES, self.cells, marks, strict=True):
            text = figure.text(line)
            cell.show_text(f"{BEST} {text}" if mark else text)
            cell.set_colour("good" if mark else "text")
            told = f"{line.label}, {figure.titles[0]} {text}"
            cell.setAccessibleName(f"{told}, the best" if mark else told)
        self.button.setEnabled(line.row is not None)
        self.button.setAccessibleName(f"Open {line.label} on the stage")

    def texts(self) -> list[str]:
        """As they stand, without marks."""
        return [self.name.full_text(), *(c.text().removeprefix(f"{BEST} ") for c in self.cells)]

    @Slot()
    def _on_button_clicked(self) -> None:
        self.opened.emit(self._place)
