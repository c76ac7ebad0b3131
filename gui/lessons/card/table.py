"""Table of a card: the numbers of several runs, a run a row, which fills as they end."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.protocol.settings import Settings
from gui.lessons.card.type import CardText
from gui.lessons.card.words import own_run_text
from gui.lessons.controller import LessonController
from gui.lessons.lesson import LessonRun, RunTable
from gui.lessons.run_result import RunResult
from gui.text.numbers import NO_VALUE
from gui.theme import SECONDARY, SMALL, SPACE, appearance
from gui.widgets.copying import Copy, in_row, table_copies

RIGHT_BOTTOM = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
RIGHT_TOP = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop


class TableBlock(QWidget):
    """Table of runs, the reader's own among them; hidden while it has no row."""

    def __init__(self, controller: LessonController, table: RunTable) -> None:
        super().__init__()
        self._controller, self._table = controller, table
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE // 2)
        self._grid.setColumnStretch(0, 1)
        self._headings = [
            CardText(column.heading, scale=SMALL, colour="muted") for column in table.columns
        ]
        for place, heading in enumerate(self._headings, start=1):
            heading.setAlignment(RIGHT_BOTTOM)
            self._grid.addWidget(heading, 0, place)
        self._rows: list[list[CardText]] = []
        self._is_stacked = False
        """Whether a row's name stands above its numbers: beside them it has no room."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the names of the rows where there is room for them."""
        super().resizeEvent(event)
        self._place_names()

    @property
    def has_numbers(self) -> bool:
        """Whether one of its runs has ended."""
        return self.isVisible() and any(result is not None for _, result in self._wanted_rows())

    def copies(self, at: QPoint | None) -> tuple[Copy, ...]:
        """Return how the row of a run that has ended, and the table, are copied."""
        columns = self._table.columns
        shown = [
            (cells, [self._label(run, result), *(each.plain_text(result) for each in columns)])
            for (run, result), cells in zip(self._wanted_rows(), self._rows, strict=False)
            if result is not None
        ]
        meant = (place for place, (cells, _) in enumerate(shown) if in_row(cells, at))
        headings = ["run", *(column.heading for column in columns)]
        rows = [texts for _, texts in shown]
        return table_copies(headings, rows, next(meant, None)) if rows else ()

    def refresh(self) -> None:
        """Show all rows: of runs that have not ended yet, without numbers."""
        rows = list(self._wanted_rows())
        self.setVisible(bool(rows))
        while len(self._rows) < len(rows):
            self._add_row()
        for cells in self._rows[len(rows) :]:
            for cell in cells:
                cell.hide()
        active = self._controller.active_run
        for (run, result), cells in zip(rows, self._rows, strict=False):
            is_active = active is not None and active.run is run and not run.keep_settings
            self._show_row(cells, run, result, is_active=is_active)
        self._place_names()

    def _wanted_rows(self) -> Iterator[tuple[LessonRun, RunResult | None]]:
        """Yield each run with its result; one with the reader's settings each time it was made."""
        controller = self._controller
        assert controller.lesson is not None
        for name in self._table.runs:
            run = controller.lesson.runs[name]
            if run.keep_settings:
                for result in controller.runner.own_results.get(name, ()):
                    yield run, result
            else:
                yield run, controller.results.get(name)

    def _add_row(self) -> None:
        cells = [CardText(scale=SECONDARY, wrap=True)]
        cells += [CardText(scale=SECONDARY, bold=True) for _ in self._table.columns]
        for place, cell in enumerate(cells):
            if place:
                cell.setAlignment(RIGHT_TOP)
                self._grid.addWidget(cell, 2 * len(self._rows) + 2, place)
        self._rows.append(cells)
        self._place_name(len(self._rows) - 1)

    def _place_names(self) -> None:
        columns = zip(self._headings, *(cells[1:] for cells in self._rows), strict=True)
        numbers = sum(max(cell.sizeHint().width() for cell in cells) + SPACE for cells in columns)
        names = [cells[0] for cells in self._rows]
        words = [name.advance(word) for name in names for word in name.text().split()]
        stacked = self.width() - numbers < max(words, default=0)
        if stacked != self._is_stacked:
            self._is_stacked = stacked
            for row in range(len(self._rows)):
                self._place_name(row)

    def _place_name(self, row: int) -> None:
        name = self._rows[row][0]
        self._grid.removeWidget(name)
        if self._is_stacked:
            self._grid.addWidget(name, 2 * row + 1, 0, 1, len(self._headings) + 1)
        else:
            self._grid.addWidget(name, 2 * row + 2, 0)

    def _show_row(
        self, cells: list[CardText], run: LessonRun, result: RunResult | None, *, is_active: bool
    ) -> None:
        label, *numbers = cells
        label.show_text(self._label(run, result))
        label.set_colour("accent" if is_active else "text")
        for column, cell in zip(self._table.columns, numbers, strict=True):
            cell.show_text(NO_VALUE if result is None else column.value_text(result))
            cell.set_colour("muted" if result is None else "text")
        for cell in cells:
            cell.show()

    def _label(self, run: LessonRun, result: RunResult | None) -> str:
        if not run.keep_settings or result is None:
            return run.display_name
        measures = [column.measure for column in self._table.columns]
        base = Settings(**self._controller.lesson_settings(run))
        return own_run_text(result, base, measures)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a line below the headings."""
        painter = QPainter(self)
        y = max(heading.geometry().bottom() for heading in self._headings)
        gap = self._grid.verticalSpacing() / 2
        line = QRectF(0, y + gap, self.width(), 1)
        painter.fillRect(line, QColor(appearance.theme.line))
        painter.end()
