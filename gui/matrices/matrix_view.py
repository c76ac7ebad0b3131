"""One matrix as cells of colour, and a mark on one of them. What a user does is not its matter."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Matrix
from gui.matrices.cell_highlight import CellHighlight, paint_rings
from gui.matrices.colours import ZERO_INDEX, MatrixImage
from gui.matrices.overlays import hatching, outline, paint_band, paint_cell
from gui.matrices.viewport import Blocks, ViewportSide
from gui.text.layers import number, span
from gui.theme import appearance

INSET = 3
"""Logical pixels round the picture: room for the hairline and for the ring of focus."""


class MatrixView(QWidget):
    """Draws one (rows, columns) float32 matrix; row = output downward, column = input.

    `draw` does the arithmetic, so that painting only copies pixels; where nothing of it is on the
    screen it waits until it is. What of a large matrix is seen it is told by `look_through`.
    """

    def __init__(self, subject: str, parent: QWidget | None = None) -> None:
        """Show nothing yet. Args: subject: what is drawn, for screen readers: ΔW of layer 1."""
        super().__init__(parent)
        self._subject = subject
        self._matrix: Matrix = np.zeros((0, 0), np.float32)
        self._blocks = Blocks((0, 0))
        self._scale = self._centre = 0.0
        self._cell, self._thick = 4, 0
        self._rows: ViewportSide | None = None
        self._columns: ViewportSide | None = None
        self._frozen = False
        self._row: int | None = None
        self._column: int | None = None
        self._pinned = False
        self._rings: tuple[CellHighlight, ...] = ()
        self._picture = MatrixImage()
        self._stale = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        appearance.changed.connect(self._on_appearance_changed)

    # ------------------------------------------------------------ what it shows

    def draw(
        self, matrix: Matrix, scale: float, centre: float = 0.0, blocks: Blocks | None = None
    ) -> None:
        """Show `matrix`, its values centre ± scale over the whole map. No work if all is equal.

        Args: matrix: (rows, columns) float32.  scale: ≥ 0; at 0 every finite cell is "zero".
        blocks: what its numbers stand for; None: each for a cell.
        """
        blocks = blocks or Blocks(matrix.shape)
        same_place = blocks == self._blocks and matrix.shape == self._matrix.shape
        same_scale = (scale, centre) == (self._scale, self._centre)
        unchanged = (
            same_place
            and same_scale
            and (matrix is self._matrix or np.array_equal(matrix, self._matrix))
        )
        self._matrix = matrix
        if unchanged:
            return
        self._scale, self._centre, self._blocks = scale, centre, blocks
        if not same_place:
            self._fit()
        self._stale = True
        if not self.visibleRegion().isEmpty():
            self._colour()
        self._describe()
        self.update(self._picture_alone() or self.rect())

    def matrix(self) -> Matrix:
        """The very array that is drawn: (rows, columns) float32."""
        return self._matrix

    @property
    def nbytes(self) -> int:
        """Bytes of the array and of its picture."""
        return self._matrix.nbytes + self._picture.nbytes

    def set_cell(self, side: int, thick: int = 0) -> None:
        """Draw cells `side` logical pixels wide and high; the widget's fixed size follows.

        Args: thick: least width of a single column, and least height of a single row.
        """
        if (side, thick) != (self._cell, self._thick):
            self._cell, self._thick = side, thick
            self._fit()
            self.update()

    def look_through(self, rows: ViewportSide | None, columns: ViewportSide | None) -> None:
        """Show this part along the sides given, in pixels of the screen; along others all cells."""
        if (rows, columns) != (self._rows, self._columns):
            self._rows, self._columns = rows, columns
            self._fit()
            self._describe()
            self.update()

    def picture_size(self) -> QSize:
        """What the picture alone takes, in logical pixels."""
        rows, columns = self._sides(1.0)
        ratio = self.devicePixelRatioF()
        return QSize(
            math.ceil(columns.pixels / (1.0 if self._columns is None else ratio)),
            math.ceil(rows.pixels / (1.0 if self._rows is None else ratio)),
        )

    def place(self, x: int, y: int) -> None:
        """Put the picture's corner, not the widget's, at (x, y) of the parent."""
        self.move(x - INSET, y - INSET)

    def set_frozen(self, frozen: bool) -> None:
        """Hatch the picture, or not: a cue that does not depend on colour."""
        if frozen != self._frozen:
            self._frozen = frozen
            self.update()

    def set_cross(self, row: int | None, column: int | None, *, pinned: bool = False) -> None:
        """Mark a cell, a whole row (column None), a whole column (row None), or nothing.

        Args: pinned: whether the user holds the cell; it is marked more heavily.
        """
        if (row, column, pinned) != (self._row, self._column, self._pinned):
            self._row, self._column, self._pinned = row, column, pinned
            self._describe()
            self.update()

    def set_rings(self, rings: tuple[CellHighlight, ...]) -> None:
        """Ring these cells until told otherwise."""
        if rings != self._rings:
            self._rings = rings
            self.update()

    @property
    def rings(self) -> tuple[CellHighlight, ...]:
        """The ringed cells."""
        return self._rings

    def mark(self) -> tuple[int | None, int | None]:
        """What is marked, as `set_cross` was told."""
        return self._row, self._column

    def cross(self) -> tuple[int, int] | None:
        """(row, column) of the marked cell; None where no single cell is marked."""
        if self._row is None or self._column is None:
            return None
        return self._row, self._column

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """(row, column) at a point of the widget; None beside the picture."""
        at = self._pixel(position)
        rows, columns = self._sides(self.devicePixelRatioF())
        row, column = rows.cell(at.y()), columns.cell(at.x())
        inside = 0 <= at.y() < rows.pixels and 0 <= at.x() < columns.pixels
        seen = row < rows.first + rows.count and column < columns.first + columns.count
        return (row, column) if inside and seen else None

    # ------------------------------------------------------------ drawing

    def _fit(self) -> None:
        size = self.picture_size() + QSize(2 * INSET, 2 * INSET)
        if size != self.size():
            self.setFixedSize(size)
        rows, columns = self._blocks.shape
        self.setAccessibleName(f"{self._subject}, {rows} rows, {columns} columns")

    def _colour(self) -> None:
        self._stale = False
        self._picture.colour(self._matrix, self._scale, self._centre, appearance.theme.colours)

    def _sides(self, ratio: float) -> tuple[ViewportSide, ViewportSide]:
        """What is seen, on a screen with so many pixels per logical pixel."""
        rows, columns = self._matrix.shape
        across = max(self._cell, self._thick) if columns == 1 else self._cell
        down = max(self._cell, self._thick) if rows == 1 else self._cell
        return (
            self._rows or _all(rows, max(int(down * ratio), 1)),
            self._columns or _all(columns, max(int(across * ratio), 1)),
        )

    def _pixel(self, position: QPointF) -> QPointF:
        """A point of the widget, in pixels of the screen from the picture's corner."""
        return (position - QPointF(INSET, INSET)) * self.devicePixelRatioF()

    def _picture_alone(self) -> QRect | None:
        """Where the picture is all that changes with its numbers; None: something lies over it."""
        covered = self._frozen or self._rings or self._row is not None or self._column is not None
        if covered or self._rows or self._columns or self.devicePixelRatioF() != 1.0:
            return None
        return self.rect().adjusted(INSET, INSET, -INSET, -INSET)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the picture; every cell a whole number of device pixels."""
        if self._stale:
            self._colour()
        painter = QPainter(self)
        alone = self._picture_alone()
        if alone is not None and alone.contains(event.rect()):
            painter.drawImage(alone, self._picture.image)
            return
        theme = appearance.theme
        painter.fillRect(self.rect(), QColor(theme.page))
        view = painter.deviceTransform()
        ratio = view.m11()
        rows, columns = self._sides(ratio)
        pixel = max(round(ratio), 1)
        corner = view.map(QPointF(INSET, INSET))
        # From here on one unit is one pixel of the screen.
        painter.setWorldTransform(view.inverted()[0] * painter.worldTransform())
        picture = QRect(round(corner.x()), round(corner.y()), columns.pixels, rows.pixels)
        self._paint_matrix(painter, picture, rows, columns)
        if self._frozen:
            painter.setBrushOrigin(picture.topLeft())
            painter.fillRect(picture, hatching(theme.hatch, pixel))
        outline(painter, picture, QColor(theme.line), 1)
        self._paint_cross(painter, picture, rows, columns, pixel)
        self._paint_rings(painter, picture, rows, columns)
        if self.hasFocus():
            ring = picture.adjusted(-1, -1, 1, 1)
            outline(painter, ring, QColor(theme.accent), 2 * pixel)

    def _paint_matrix(
        self, painter: QPainter, picture: QRect, rows: ViewportSide, columns: ViewportSide
    ) -> None:
        """The numbers that there are, where they belong: after a zoom the old ones, stretched."""
        if self._rows is None and self._columns is None:
            painter.drawImage(picture, self._picture.image)
            return
        blocks, size = self._blocks, self._matrix.shape
        if size == (1, 1) != blocks.shape:
            painter.fillRect(picture, QColor(appearance.theme.table[ZERO_INDEX]))
            return
        top, high, y, height = _stretch(rows, blocks.top, blocks.down, size[0])
        left, wide, x, width = _stretch(columns, blocks.left, blocks.across, size[1])
        target = QRectF(picture.x() + x, picture.y() + y, width, height)
        painter.setClipRect(picture)
        painter.drawImage(target, self._picture.image, QRectF(left, top, wide, high))
        painter.setClipping(False)

    def _paint_cross(
        self,
        painter: QPainter,
        picture: QRect,
        rows: ViewportSide,
        columns: ViewportSide,
        pixel: int,
    ) -> None:
        across, down = QRect(picture), QRect(picture)
        if self._row is not None:
            y, height = _mark(rows, self._row, self._blocks.top, self._blocks.down)
            across.setRect(picture.x(), picture.y() + y, picture.width(), height)
        if self._column is not None:
            x, width = _mark(columns, self._column, self._blocks.left, self._blocks.across)
            down.setRect(picture.x() + x, picture.y(), width, picture.height())
        if across == down or across.isEmpty() or down.isEmpty():
            return
        rim, theme = INSET * pixel, appearance.theme
        room = picture.adjusted(-rim, -rim, rim, rim)
        if self.cross() is None:
            paint_band(painter, across & down, room, theme, pixel, weight=appearance.overlay_scale)
        else:
            bands = across, down
            pinned, weight = self._pinned, appearance.overlay_scale
            paint_cell(painter, bands, room, theme, pixel, pinned=pinned, weight=weight)

    def _paint_rings(
        self, painter: QPainter, picture: QRect, rows: ViewportSide, columns: ViewportSide
    ) -> None:
        found = []
        for ring in self._rings:
            y, height = _mark(rows, ring.row, self._blocks.top, self._blocks.down)
            x, width = _mark(columns, ring.column, self._blocks.left, self._blocks.across)
            if width > 0 and height > 0:
                cell = QRect(picture.x() + x, picture.y() + y, width, height)
                found.append((ring, cell))
        if found:
            paint_rings(painter, found, picture, appearance.theme, self.devicePixelRatioF())

    # ------------------------------------------------------------ words and looks

    def _describe(self) -> None:
        """Say the value under the cross; Qt tells a screen reader of each change."""
        cross = self.cross()
        text = "" if cross is None else self._words(*cross)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def _words(self, row: int, column: int) -> str:
        blocks, (rows, columns) = self._blocks, self._matrix.shape
        if row >= blocks.shape[0] or column >= blocks.shape[1]:
            return ""
        where = f"row {row + 1}, column {column + 1}"
        i, j = blocks.index(row, column)
        if not (0 <= i < rows and 0 <= j < columns):
            return f"{where}: beside the part that is seen"
        value = number(float(self._matrix[i, j]), 4)
        if blocks.down == blocks.across == 1:
            return f"{where}: {value}"
        top, bottom, left, right = blocks.cells(row, column)
        return f"largest of rows {span(top, bottom)}, columns {span(left, right)}: {value}"

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._stale = True
        self.update()


def _all(cells: int, pitch: int) -> ViewportSide:
    return ViewportSide(0, cells, cells * pitch, pitch)


def _stretch(
    side: ViewportSide, first: int, stride: int, count: int
) -> tuple[int, int, float, float]:
    """Which numbers of an array are seen along a side: first, how many, where, how long."""
    begin = max((side.first - first) // stride, 0)
    end = min(-(-(side.first + side.count - first) // stride), count)
    many = max(end - begin, 0)
    start = (first + begin * stride - side.first) * side.pitch
    # Rounded so that 41 · (1 / 41) is one pixel and not nearly one.
    return begin, many, round(start, 6), round(many * stride * side.pitch, 6)


def _mark(side: ViewportSide, cell: int, first: int, stride: int) -> tuple[int, int]:
    """Where along a side the number that stands for a cell is drawn; no length: it is not."""
    if not side.sees(cell):
        return 0, 0
    begin = first + (cell - first) // stride * stride
    start = min(max(side.pixel(begin), 0), side.pixels - 1)
    end = min(side.pixel(begin + stride), side.pixels)
    return start, max(end - start, 1)  # several cells may share a pixel
