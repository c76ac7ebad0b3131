"""A table of figures with small bars, drawn in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import SPACE, appearance, font

RIGHT = Qt.AlignmentFlag.AlignRight
HEAD, FIGURE = 0.8, 0.9
"""Of the ordinary text size."""
BAR_HEIGHT = 6
LEAST_BAR = 16
WIDEST_BAR = 240
GAP, WIDEST_GAP = 3 * SPACE // 2, 4 * SPACE
CALM_ROW = 1.75
"""Heights of a line that a row takes where there is room."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """What the cells of a column show."""

    titles: tuple[str, ...]
    """The same in more and in fewer words: the first that fits is written."""
    widest: str = ""
    """The longest figure: the place of the bars does not depend on the figures; of the first
    column the names that are there decide."""
    hint: str = ""
    bar: bool = False
    note: str = ""
    """The longest note; empty: there are none."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """A figure, how far its bar reaches, and a remark after it."""

    text: str
    share: float = 0.0
    """0…1; what lies outside, and what is no number, is drawn at the ends."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the table."""

    cells: tuple[TableCell, ...]
    strong: bool = False
    muted: bool = False


class BarTable(QWidget):
    """Names at the left; figures ranged right, each with its bar or remark after it."""

    def __init__(self, name: str, columns: Sequence[TableColumn]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._rows: tuple[TableRow, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def rows(self) -> tuple[TableRow, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[TableRow], columns: Sequence[TableColumn] = ()) -> None:
        """Show these from now on. Args: columns: others than until now; empty: the same."""
        shown = (tuple(rows), tuple(columns) or self._columns)
        if shown != (self._rows, self._columns):
            other = len(shown[0]) != len(self._rows) or shown[1] != self._columns
            self._rows, self._columns = shown
            self.setAccessibleDescription(self.in_words())
            if other:
                self.updateGeometry()
            self.update()

    def in_words(self) -> str:
        """Every row, for screen readers."""
        titles = [column.titles[0] for column in self._columns[1:]]
        return ". ".join(
            f"{row.cells[0].text}: "
            + ", ".join(
                f"{title} {cell.text} {cell.note}".strip()
                for title, cell in zip(titles, row.cells[1:], strict=True)
            )
            for row in self._rows
        )

    def minimumSizeHint(self) -> QSize:
        """All rows, close to each other."""
        room = sum(self._widths()) + sum(self._notes()) + GAP * (len(self._columns) - 1)
        bars = LEAST_BAR * sum(c.bar for c in self._columns)
        return QSize(room + bars, self._line() * (len(self._rows) + 1) + SPACE // 2)

    def sizeHint(self) -> QSize:
        """The same."""
        return self.minimumSizeHint()

    def event(self, event: QEvent) -> bool:
        """Say what the column under the pointer is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.hint_at(event.pos().x()), self)
            return True
        return super().event(event)

    def hint_at(self, x: float) -> str:
        """What the column at this place is."""
        lefts, _ = self._places()
        return [c.hint for c, left in zip(self._columns, lefts, strict=True) if left <= x][-1]

    # ------------------------------------------------------------ drawing

    def _line(self) -> int:
        return QFontMetrics(font(FIGURE)).height() + 1

    def _widths(self) -> list[int]:
        """Pixels that the figures of each column need."""
        metrics = QFontMetrics(font(FIGURE, bold=True))
        widths = [metrics.horizontalAdvance(column.widest) for column in self._columns]
        names = (metrics.horizontalAdvance(row.cells[0].text) for row in self._rows)
        return [max(names, default=0), *widths[1:]]

    def _notes(self) -> list[int]:
        """Pixels that the remarks of each column need."""
        metrics = QFontMetrics(font(FIGURE))
        return [metrics.horizontalAdvance(c.note) + SPACE if c.note else 0 for c in self._columns]

    def _places(self) -> tuple[list[float], list[float]]:
        """Where each column begins and ends: what is left goes to the bars, then to the gaps."""
        widths, notes = self._widths(), self._notes()
        bars = sum(column.bar for column in self._columns)
        spare = self.width() - sum(widths) - sum(notes) - GAP * (len(widths) - 1)
        bar = min(max(spare / max(bars, 1), LEAST_BAR), WIDEST_BAR)
        gap = min(max(0.0, spare - bar * bars) / (len(widths) - 1), WIDEST_GAP)
        lefts, ends, x = [], [], 0.0
        for column, width, note in zip(self._columns, widths, notes, strict=True):
            lefts.append(x)
            ends.append(x + width + note + (bar if column.bar else 0))
            x = ends[-1] + GAP + gap
        return lefts, ends

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The heads, a line, the rows."""
        painter = QPainter(self)
        (lefts, ends), line = self._places(), self._line()
        painter.setFont(font(HEAD))
        painter.setPen(QColor(appearance.theme.muted))
        for column, width, left, end in zip(
            self._columns, self._widths(), lefts, ends, strict=True
        ):
            text = _fitting(column, end - left)
            if column.bar or column.note or not left:
                head, side = QRectF(left, 0, end + SPACE - left, line), Qt.AlignmentFlag.AlignLeft
            else:
                head, side = QRectF(left - GAP, 0, width + GAP, line), RIGHT
            painter.drawText(head, side, text)
        room = (self.height() - line - SPACE // 2) / max(len(self._rows), 1)
        height = min(max(room, line), CALM_ROW * line)
        for number, row in enumerate(self._rows):
            top = line + SPACE // 2 + number * height
            self._paint_row(painter, row, QRectF(0, top, self.width(), height), lefts, ends)
        painter.setPen(QColor(appearance.theme.line))
        painter.drawLine(0, line + 1, round(ends[-1]) - 1, line + 1)
        painter.end()

    def _paint_row(
        self, painter: QPainter, row: TableRow, room: QRectF, lefts: list[float], ends: list[float]
    ) -> None:
        theme, widths = appearance.theme, self._widths()
        centred = Qt.AlignmentFlag.AlignVCenter
        for index, (cell, column) in enumerate(zip(row.cells, self._columns, strict=True)):
            left, right = lefts[index], lefts[index] + widths[index]
            painter.setFont(font(FIGURE, bold=row.strong or (index == 0 and not row.muted)))
            painter.setPen(QColor(theme.muted if row.muted else theme.text))
            side = RIGHT if index else Qt.AlignmentFlag.AlignLeft
            box = QRectF(left, room.top(), widths[index], room.height())
            painter.drawText(box, side | centred | Qt.TextFlag.TextDontClip, cell.text)
            after = QRectF(right + SPACE, room.top(), ends[index] - right - SPACE, room.height())
            if column.bar:
                _paint_bar(painter, after, cell.share)
            elif cell.note:
                painter.setPen(QColor(theme.muted))
                painter.setFont(font(FIGURE))
                painter.drawText(after, Qt.AlignmentFlag.AlignLeft | centred, cell.note)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.updateGeometry()
        self.update()


def _fitting(column: TableColumn, width: float) -> str:
    metrics = QFontMetrics(font(HEAD))
    fitting = (title for title in column.titles if metrics.horizontalAdvance(title) <= width)
    return next(fitting, column.titles[-1])


def _paint_bar(painter: QPainter, room: QRectF, share: float) -> None:
    track = QRectF(room.left(), round(room.center().y() - BAR_HEIGHT / 2), room.width(), BAR_HEIGHT)
    painter.fillRect(track, QColor(appearance.theme.line))
    if share > 0:
        track.setWidth(max(min(share, 1.0) * track.width(), 1.0))
        painter.fillRect(track, QColor(appearance.theme.accent))
