"""A matrix drawn as coloured cells, with a mark on one of them. Handles no input."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Array
from gui.matrices.cell_numbers import MIN_CELL, paint_cell_numbers
from gui.matrices.colours import ZERO_INDEX, MatrixImage
from gui.matrices.copied import copy_matrix, copy_value, picture_factor
from gui.matrices.overlays import (
    CellHighlight,
    hatch_brush,
    paint_frame,
    paint_highlights,
    paint_mark,
)
from gui.matrices.viewport import CellBlocks, ViewportSide
from gui.text.layers import range_text
from gui.text.numbers import number_text
from gui.theme import appearance
from gui.widgets.copying import COPY_PICTURE, Copy

INSET = 3
"""Logical pixels around the picture, for the frame and for the ring of focus."""

Sides = tuple[ViewportSide, ViewportSide]
"""What is visible of the rows, and of the columns."""


class MatrixView(QWidget):
    """Draws one (rows, columns) float32 matrix; row = output downward, column = input.

    `draw` does the arithmetic, so that painting only copies pixels; while it is not visible on the
    screen that is deferred. `set_viewport_sides` selects the part of a large matrix.
    """

    def __init__(self, subject: str, parent: QWidget | None = None) -> None:
        """Args: subject: the matrix, for screen readers: ΔW of layer 1."""
        super().__init__(parent)
        self._subject = subject
        self._matrix: Array = np.zeros((0, 0), np.float32)
        self._blocks = CellBlocks((0, 0))
        self._scale = self._centre = 0.0
        self._cell_size = 4, 4
        self._rows: ViewportSide | None = None
        self._columns: ViewportSide | None = None
        self._frozen = False
        self._row: int | None = None
        self._column: int | None = None
        self._pinned = False
        self.highlights: tuple[CellHighlight, ...] = ()
        """The ringed cells."""
        self._picture = MatrixImage()
        self._stale = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        appearance.changed.connect(self._on_appearance_changed)

    # ------------------------------------------------------------ what it shows

    def draw(
        self, matrix: Array, scale: float, centre: float = 0.0, blocks: CellBlocks | None = None
    ) -> None:
        """Show a matrix. Costs nothing where all is as before.

        Args: matrix: (rows, columns) float32.  scale: ≥ 0, the magnitude about `centre` that is
        drawn in full colour; at 0 every finite cell is "zero".  centre: value drawn in the colour
        of zero.  blocks: of cells that its numbers stand for; None: each for a cell.
        """
        blocks = blocks or CellBlocks(matrix.shape)
        same_blocks = blocks == self._blocks and matrix.shape == self._matrix.shape
        same_scale = (scale, centre) == (self._scale, self._centre)
        old, self._matrix = self._matrix, matrix
        if same_blocks and same_scale and (matrix is old or np.array_equal(matrix, old)):
            return
        self._scale, self._centre, self._blocks = scale, centre, blocks
        if not same_blocks:
            self._update_size()
            rows, columns = blocks.shape
            self.setAccessibleName(f"{self._subject}, {rows} rows, {columns} columns")
        self._stale = True
        if not self.visibleRegion().isEmpty():
            self._colour()
        self._update_description()
        self.update(self._uncovered_picture() or self.rect())

    def matrix(self) -> Array:
        """Return the very array that is drawn: (rows, columns) float32."""
        return self._matrix

    def set_cell_size(self, height: int, width: int = 0) -> None:
        """Draw cells of this size. Args: height, width: logical pixels; width 0: squares."""
        width = width or height
        if (height, width) != self._cell_size:
            self._cell_size = height, width
            self._update_size()
            self.update()

    def set_viewport_sides(self, rows: ViewportSide | None, columns: ViewportSide | None) -> None:
        """Show a part of the matrix. Args: rows, columns: along each side; None: all cells."""
        if (rows, columns) != (self._rows, self._columns):
            self._rows, self._columns = rows, columns
            self._update_size()
            self._update_description()
            self.update()

    def picture_size(self) -> QSize:
        """Return the size of the picture without the widget's inset, in logical pixels."""
        rows, columns = self._sides(1.0)
        ratio = self.devicePixelRatioF()
        return QSize(
            math.ceil(columns.pixels / (1.0 if self._columns is None else ratio)),
            math.ceil(rows.pixels / (1.0 if self._rows is None else ratio)),
        )

    def move_picture(self, x: int, y: int) -> None:
        """Move the picture's corner, not the widget's own, there. Args: x, y: logical pixels."""
        self.move(x - INSET, y - INSET)

    def set_frozen(self, frozen: bool) -> None:
        """Hatch the picture, or not: a cue without colour. Args: frozen: whether the layer is."""
        if frozen != self._frozen:
            self._frozen = frozen
            self.update()

    def set_cross(self, row: int | None, column: int | None, *, pinned: bool = False) -> None:
        """Mark a cell, a whole row, a whole column, or nothing.

        Args: row, column: None: all rows, or all columns; both None: no mark.  pinned: the mark is
        heavier.
        """
        if (row, column, pinned) != (self._row, self._column, self._pinned):
            self._row, self._column, self._pinned = row, column, pinned
            self._update_description()
            self.update()

    def set_highlights(self, highlights: tuple[CellHighlight, ...]) -> None:
        """Ring cells permanently. Args: highlights: in place of those before."""
        if highlights != self.highlights:
            self.highlights = highlights
            self.update()

    def mark(self) -> tuple[int | None, int | None]:
        """Return the (row, column) that is marked, as `set_cross` takes it."""
        return self._row, self._column

    def cross(self) -> tuple[int, int] | None:
        """Return the (row, column) of the marked cell; None where no single cell is marked."""
        if self._row is None or self._column is None:
            return None
        return self._row, self._column

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return the (row, column) at a point; None outside. Args: position: logical pixels."""
        at = self._pixel(position)
        rows, columns = self._sides(self.devicePixelRatioF())
        row, column = rows.cell(at.y()), columns.cell(at.x())
        inside = 0 <= at.y() < rows.pixels and 0 <= at.x() < columns.pixels
        seen = row < rows.first + rows.count and column < columns.first + columns.count
        return (row, column) if inside and seen else None

    # ------------------------------------------------------------ copying

    def copies(self, at: QPoint | None) -> tuple[Copy, ...]:
        """Return what can be copied: a cell's value, all numbers, the picture.

        Args: at: in the widget; None: the cell that is marked.
        """
        cell, numbers = self.cross() if at is None else self.cell_at(QPointF(at)), self.numbers()
        value = None if cell is None else self.value_at(*cell)
        first = () if value is None else (copy_value(value, self._blocks),)
        if not numbers.size:
            return ()
        is_part = self._matrix.shape != self._blocks.shape
        whole = copy_matrix(numbers, self._blocks, is_part=is_part)
        return *first, whole, Copy(COPY_PICTURE, self.picture)

    def numbers(self) -> Array:
        """Return (rows, columns) float32, as they are copied."""
        return self._matrix

    def value_at(self, row: int, column: int) -> float | None:
        """Return a cell's number; None where it has none. Args: row, column: of the cell."""
        if row >= self._blocks.shape[0] or column >= self._blocks.shape[1]:
            return None
        i, j = self._blocks.index(row, column)
        inside = 0 <= i < self._matrix.shape[0] and 0 <= j < self._matrix.shape[1]
        return float(self._matrix[i, j]) if inside else None

    def picture(self) -> QImage:
        """Return the cells alone as a picture; a matrix that is seen as a whole in large ones."""
        self._colour()
        rows, columns = self._sides(1.0)
        if self._rows is None and self._columns is None:
            factor = picture_factor(max(rows.pixels, columns.pixels))
            rows, columns = (_whole_side(s.count, int(s.pitch) * factor) for s in (rows, columns))
        picture = QImage(columns.pixels, rows.pixels, QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        self._paint_matrix(painter, picture.rect(), rows, columns)
        painter.end()
        return picture

    # ------------------------------------------------------------ drawing

    def _update_size(self) -> None:
        size = self.picture_size() + QSize(2 * INSET, 2 * INSET)
        if size != self.size():
            self.setFixedSize(size)

    def _colour(self) -> None:
        self._stale = False
        self._picture.render(self._matrix, self._scale, self._centre, appearance.theme.colours)

    def _sides(self, ratio: float) -> Sides:
        """Return what is visible along both sides, at this ratio of device to logical pixels."""
        rows, columns = self._matrix.shape
        height, width = self._cell_size
        return (
            self._rows or _whole_side(rows, max(int(height * ratio), 1)),
            self._columns or _whole_side(columns, max(int(width * ratio), 1)),
        )

    def _pixel(self, position: QPointF) -> QPointF:
        """Convert a point of the widget to device pixels from the picture's corner."""
        return (position - QPointF(INSET, INSET)) * self.devicePixelRatioF()

    def _has_numbers(self) -> bool:
        """Return whether cells are large enough for their numbers, and each number is a cell's."""
        ratio = self.devicePixelRatioF()
        whole = self._blocks.down == self._blocks.across == 1
        return whole and all(side.pitch >= MIN_CELL * ratio for side in self._sides(ratio))

    def _uncovered_picture(self) -> QRect | None:
        """Return the picture's rectangle where nothing is painted over it; otherwise None."""
        covered = (
            self._frozen or self.highlights or self._row is not None or self._column is not None
        )
        if covered or self._rows or self._columns or self.devicePixelRatioF() != 1.0:
            return None
        if self._has_numbers():
            return None
        return self.rect().adjusted(INSET, INSET, -INSET, -INSET)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the image; every cell is a whole number of device pixels."""
        if self._stale:
            self._colour()
        painter = QPainter(self)
        uncovered = self._uncovered_picture()
        if uncovered is not None and uncovered.contains(event.rect()):
            painter.drawImage(uncovered, self._picture.image)
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
        if self._has_numbers():
            paint_cell_numbers(
                painter, picture, (rows, columns), self._matrix, self._blocks,
                self._picture.image, self._scale,
            )  # fmt: skip
        if self._frozen:
            painter.setBrushOrigin(picture.topLeft())
            painter.fillRect(picture, hatch_brush(theme.cell_hatch, pixel))
        paint_frame(painter, picture, QColor(theme.line), 1)
        self._paint_cross(painter, picture, (rows, columns), pixel)
        self._paint_highlights(painter, picture, (rows, columns))
        if self.hasFocus():
            ring = picture.adjusted(-1, -1, 1, 1)
            paint_frame(painter, ring, QColor(theme.text), 2 * pixel)

    def _paint_matrix(
        self, painter: QPainter, picture: QRect, rows: ViewportSide, columns: ViewportSide
    ) -> None:
        """Paint the known numbers at their position: after a zoom the old ones, stretched."""
        if self._rows is None and self._columns is None:
            painter.drawImage(picture, self._picture.image)
            return
        blocks, size = self._blocks, self._matrix.shape
        if size == (1, 1) != blocks.shape:
            painter.fillRect(picture, QColor(appearance.theme.table[ZERO_INDEX]))
            return
        top, high, y, height = _visible_part(rows, blocks.top, blocks.down, size[0])
        left, wide, x, width = _visible_part(columns, blocks.left, blocks.across, size[1])
        target = QRectF(picture.x() + x, picture.y() + y, width, height)
        painter.setClipRect(picture)
        painter.drawImage(target, self._picture.image, QRectF(left, top, wide, high))
        painter.setClipping(False)

    def _bands(
        self, picture: QRect, sides: Sides, row: int | None, column: int | None
    ) -> tuple[QRect, QRect]:
        """Return a row and a column on the screen, empty if not visible; for None the picture."""
        across, down, (rows, columns), blocks = QRect(picture), QRect(picture), sides, self._blocks
        if row is not None:
            y, height = _cell_extent(rows, row, blocks.top, blocks.down)
            across.setRect(picture.x(), picture.y() + y, picture.width(), height)
        if column is not None:
            x, width = _cell_extent(columns, column, blocks.left, blocks.across)
            down.setRect(picture.x() + x, picture.y(), width, picture.height())
        return across, down

    def _paint_cross(self, painter: QPainter, picture: QRect, sides: Sides, pixel: int) -> None:
        across, down = bands = self._bands(picture, sides, self._row, self._column)
        if across == down or across.isEmpty() or down.isEmpty():
            return
        rim, theme, weight = INSET * pixel, appearance.theme, appearance.sizes.overlay_scale
        bounds = picture.adjusted(-rim, -rim, rim, rim)
        cell, pinned = self.cross() is not None, self._pinned
        paint_mark(painter, bands, bounds, theme, pixel, cell=cell, pinned=pinned, weight=weight)

    def _paint_highlights(self, painter: QPainter, picture: QRect, sides: Sides) -> None:
        boxes = []
        for highlight in self.highlights:
            across, down = self._bands(picture, sides, highlight.row, highlight.column)
            if not (across.isEmpty() or down.isEmpty()):
                boxes.append((highlight, across & down))
        if boxes:
            paint_highlights(painter, boxes, picture, appearance.theme, self.devicePixelRatioF())

    # ------------------------------------------------------------ words and looks

    def _update_description(self) -> None:
        """Describe the value under the cross; Qt tells a screen reader of each change."""
        cross = self.cross()
        text = "" if cross is None else self._cell_text(*cross)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def _cell_text(self, row: int, column: int) -> str:
        """Return the description of a cell for screen readers; a subclass may count differently."""
        blocks = self._blocks
        if row >= blocks.shape[0] or column >= blocks.shape[1]:
            return ""
        position = f"row {row + 1}, column {column + 1}"
        number = self.value_at(row, column)
        if number is None:
            return f"{position}: outside the visible part"
        value = number_text(number, 4)
        if blocks.down == blocks.across == 1:
            return f"{position}: {value}"
        top, bottom, left, right = blocks.cells(row, column)
        return (
            f"largest of rows {range_text(top, bottom)}, columns {range_text(left, right)}: {value}"
        )

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._stale = True
        self.update()


def _whole_side(cells: int, pitch: int) -> ViewportSide:
    return ViewportSide(0, cells, cells * pitch, pitch)


def _visible_part(
    side: ViewportSide, first: int, stride: int, count: int
) -> tuple[int, int, float, float]:
    """Return which numbers of an array are visible along a side: first, count, start, length.

    Start and length are in device pixels from the picture's edge.
    """
    begin = max((side.first - first) // stride, 0)
    end = min(-(-(side.first + side.count - first) // stride), count)
    visible = max(end - begin, 0)
    start = (first + begin * stride - side.first) * side.pitch
    # Rounded so that 41 · (1 / 41) is one pixel and not nearly one.
    return begin, visible, round(start, 6), round(visible * stride * side.pitch, 6)


def _cell_extent(side: ViewportSide, cell: int, first: int, stride: int) -> tuple[int, int]:
    """Return start and length of a cell along a side, in device pixels; length 0: not visible."""
    if not side.sees(cell):
        return 0, 0
    begin = first + (cell - first) // stride * stride
    start = min(max(side.pixel(begin), 0), side.pixels - 1)
    end = min(side.pixel(begin + stride), side.pixels)
    return start, max(end - start, 1)  # several cells may share a pixel
