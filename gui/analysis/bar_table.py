"""Table of figures with small bars, painted by one widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.text.plain_numbers import plain_text
from gui.theme import SPACE, appearance, font
from gui.widgets.copying import COPY_TABLE, Copy, table_text

RIGHT = Qt.AlignmentFlag.AlignRight
HEAD_SCALE, FIGURE_SCALE = 0.8, 0.9
"""Text scales, relative to the ordinary text size."""
BAR_HEIGHT = 6  # pixels, like all below up to MAX_GAP
MIN_BAR_WIDTH = 16
MAX_BAR_WIDTH = 240
GAP, MAX_GAP = 3 * SPACE // 2, 4 * SPACE
MAX_ROW_LINES = 1.75
"""Largest height of a row, in line heights."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """Title and layout of one column."""

    titles: tuple[str, ...]
    """From the longest to the shortest: the first that fits is drawn."""
    widest: str = ""
    """The longest figure, so that the bars do not move with the figures; unused in the first
    column, which is as wide as its longest name."""
    hint: str = ""
    bar: bool = False
    note: str = ""
    """The longest note; empty: the cells have none."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """A figure, the length of its bar, and a note after it."""

    text: str
    share: float = 0.0
    """Length of the bar, 0…1; values outside are clipped, NaN is drawn as 0."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the table."""

    cells: tuple[TableCell, ...]
    strong: bool = False
    muted: bool = False


class BarTable(QWidget):
    """Names at the left; right-aligned figures, each followed by its bar or note.

    In a place that is too narrow for the columns each figure has a line of its own, behind its
    column's title.
    """

    def __init__(self, name: str, columns: Sequence[TableColumn]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._rows: tuple[TableRow, ...] = ()
        self._is_list = False
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def rows(self) -> tuple[TableRow, ...]:
        """The rows shown."""
        return self._rows

    def show_rows(self, rows: Sequence[TableRow], columns: Sequence[TableColumn] = ()) -> None:
        """Show rows. Args: columns: replace the present ones; empty: keep them."""
        shown = (tuple(rows), tuple(columns) or self._columns)
        if shown != (self._rows, self._columns):
            other = len(shown[0]) != len(self._rows) or shown[1] != self._columns
            self._rows, self._columns = shown
            self.setAccessibleDescription(self.rows_text())
            if other:
                self._fit()
                self.updateGeometry()
            self.update()

    def rows_text(self) -> str:
        """Return all rows as text, for screen readers."""
        titles = [column.titles[0] for column in self._columns[1:]]
        return ". ".join(
            f"{row.cells[0].text}: "
            + ", ".join(
                f"{title} {cell.text} {cell.note}".strip()
                for title, cell in zip(titles, row.cells[1:], strict=True)
            )
            for row in self._rows
        )

    def copies(self, _at: QPoint | None) -> tuple[Copy, ...]:
        """Return how the table is copied: the figures as shown, each note in a cell of its own."""
        noted = [column.note != "" for column in self._columns]
        titles = [
            part
            for column, note in zip(self._columns, noted, strict=True)
            for part in (column.titles[0], "")[: 1 + note]
        ]
        rows = [
            [
                plain_text(part)
                for cell, note in zip(row.cells, noted, strict=True)
                for part in (cell.text, cell.note)[: 1 + note]
            ]
            for row in self._rows
        ]
        return (Copy(COPY_TABLE, partial(table_text, (titles, *rows))),) if rows else ()

    def minimumSizeHint(self) -> QSize:
        """Return the width of one figure with its title, and the height of all rows."""
        line, lines = self._line_height(), len(self._columns)
        if self._is_list:
            height = len(self._rows) * (lines * line + SPACE // 2)
        else:
            height = line * (len(self._rows) + 1) + SPACE // 2
        _, right = self._list_edges()
        return QSize(round(right + MIN_BAR_WIDTH + SPACE), height)

    def sizeHint(self) -> QSize:
        """Return the size of the columns beside each other."""
        return QSize(self._columns_width(), self.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Become a list where the columns have no room, or a table again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_list = self.width() < self._columns_width()
        if is_list != self._is_list:
            self._is_list = is_list
            self.updateGeometry()
            self.update()

    def event(self, event: QEvent) -> bool:
        """Show the hint of the column under the pointer as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.hint_at(event.pos()), self)
            return True
        return super().event(event)

    def hint_at(self, point: QPoint) -> str:
        """Return the hint of the column at a point, in pixels."""
        if self._is_list:
            line = self._line_height()
            number = int(point.y() % (len(self._columns) * line + SPACE // 2) / line)
            return self._columns[min(number, len(self._columns) - 1)].hint
        edges = zip(self._columns, self._column_edges(), strict=True)
        return [column.hint for column, (left, _, _) in edges if left <= point.x()][-1]

    # ------------------------------------------------------------ drawing

    def _line_height(self) -> int:
        return QFontMetrics(font(FIGURE_SCALE)).height() + 1

    def _min_widths(self) -> list[tuple[int, int]]:
        """Return the width of each column's figures, and the least of its bars or notes."""
        metrics, bold = (QFontMetrics(font(FIGURE_SCALE, bold=bold)) for bold in (False, True))
        names = (bold.horizontalAdvance(row.cells[0].text) for row in self._rows)
        figures = [max(names, default=0)]
        figures += [bold.horizontalAdvance(column.widest) for column in self._columns[1:]]
        after = [
            MIN_BAR_WIDTH * c.bar + (metrics.horizontalAdvance(c.note) + SPACE if c.note else 0)
            for c in self._columns
        ]
        return list(zip(figures, after, strict=True))

    def _columns_width(self) -> int:
        """Return the width of all columns beside each other, at least."""
        return sum(map(sum, self._min_widths())) + GAP * (len(self._columns) - 1)

    def _list_edges(self) -> tuple[float, float]:
        """Return where the figures of a list start and end; before them stand their titles."""
        metrics = QFontMetrics(font(HEAD_SCALE))
        titles = (metrics.horizontalAdvance(column.titles[-1]) for column in self._columns[1:])
        left = max(titles, default=0) + SPACE
        return left, left + max((figure for figure, _ in self._min_widths()[1:]), default=0) + SPACE

    def _column_edges(self) -> list[tuple[float, float, float]]:
        """Return where each column's figures start and end, and where the column ends.

        Spare width goes to the bars, then to the gaps.
        """
        bars = sum(column.bar for column in self._columns)
        spare = max(0.0, self.width() - self._columns_width())
        wider = min(spare / max(bars, 1), MAX_BAR_WIDTH - MIN_BAR_WIDTH)
        gap = min((spare - wider * bars) / (len(self._columns) - 1), MAX_GAP)
        edges, x = [], 0.0
        for column, (figure, after) in zip(self._columns, self._min_widths(), strict=True):
            end = x + figure + after + wider * column.bar
            edges.append((x, x + figure, end))
            x = end + GAP + gap
        return edges

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the headings, a line, and the rows; or the list."""
        painter = QPainter(self)
        if self._is_list:
            for number, row in enumerate(self._rows):
                self._paint_list_row(painter, row, number)
            return
        edges, line = self._column_edges(), self._line_height()
        painter.setFont(font(HEAD_SCALE))
        painter.setPen(QColor(appearance.theme.muted))
        for column, (left, right, end) in zip(self._columns, edges, strict=True):
            head, side = QRectF(left - GAP, 0, right - left + GAP, line), RIGHT
            if column.bar or column.note or not left:
                head, side = QRectF(left, 0, end + SPACE - left, line), Qt.AlignmentFlag.AlignLeft
            painter.drawText(head, side, _fitting_title(column, end - left))
        available = (self.height() - line - SPACE // 2) / max(len(self._rows), 1)
        height = min(max(available, line), MAX_ROW_LINES * line)
        for number, row in enumerate(self._rows):
            self._paint_row(painter, row, line + SPACE // 2 + number * height, height, edges)
        painter.setPen(QColor(appearance.theme.line))
        painter.drawLine(0, line + 1, round(edges[-1][2]) - 1, line + 1)
        painter.end()

    def _paint_list_row(self, painter: QPainter, row: TableRow, number: int) -> None:
        theme, line, (left, right) = appearance.theme, self._line_height(), self._list_edges()
        top = number * (len(self._columns) * line + SPACE // 2)
        width = self.width()
        painter.setFont(font(FIGURE_SCALE, bold=not row.muted))
        painter.setPen(QColor(theme.muted if row.muted else theme.text))
        painter.drawText(QRectF(0, top, width, line), Qt.AlignmentFlag.AlignLeft, row.cells[0].text)
        for cell, column in zip(row.cells[1:], self._columns[1:], strict=True):
            top += line
            painter.setPen(QColor(theme.muted))
            painter.setFont(font(HEAD_SCALE))
            title = QRectF(0, top, left, line)
            painter.drawText(title, Qt.AlignmentFlag.AlignLeft, column.titles[-1])
            edges = (left, right, min(right + MAX_BAR_WIDTH, width))
            self._paint_cell(painter, row, cell, column, top, line, edges)

    def _paint_row(
        self, painter: QPainter, row: TableRow, top: float, height: float,
        edges: list[tuple[float, float, float]],
    ) -> None:  # fmt: skip
        for cell, column, at in zip(row.cells, self._columns, edges, strict=True):
            self._paint_cell(painter, row, cell, column, top, height, at)

    def _paint_cell(
        self, painter: QPainter, row: TableRow, cell: TableCell, column: TableColumn, top: float,
        height: float, edges: tuple[float, float, float],
    ) -> None:  # fmt: skip
        """Paint a figure with its bar or note. Args: edges: as of `_column_edges`."""
        theme, centred, (left, right, end) = appearance.theme, Qt.AlignmentFlag.AlignVCenter, edges
        is_name = column is self._columns[0]
        painter.setFont(font(FIGURE_SCALE, bold=row.strong or (is_name and not row.muted)))
        painter.setPen(QColor(theme.muted if row.muted else theme.text))
        side = Qt.AlignmentFlag.AlignLeft if is_name else RIGHT
        box = QRectF(left, top, right - left, height)
        painter.drawText(box, side | centred | Qt.TextFlag.TextDontClip, cell.text)
        after = QRectF(right + SPACE, top, end - right - SPACE, height)
        if column.bar:
            _paint_bar(painter, after, cell.share)
        elif cell.note:
            painter.setPen(QColor(theme.muted))
            painter.setFont(font(FIGURE_SCALE))
            painter.drawText(after, Qt.AlignmentFlag.AlignLeft | centred, cell.note)


def _fitting_title(column: TableColumn, width: float) -> str:
    metrics = QFontMetrics(font(HEAD_SCALE))
    fitting = (title for title in column.titles if metrics.horizontalAdvance(title) <= width)
    return next(fitting, column.titles[-1])


def _paint_bar(painter: QPainter, rect: QRectF, share: float) -> None:
    track = QRectF(rect.left(), round(rect.center().y() - BAR_HEIGHT / 2), rect.width(), BAR_HEIGHT)
    painter.fillRect(track, QColor(appearance.theme.rule))
    if share > 0:
        track.setWidth(max(min(share, 1.0) * track.width(), 1.0))
        painter.fillRect(track, QColor(appearance.theme.accent))
