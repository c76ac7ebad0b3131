"""One matrix as square cells of colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Matrix
from gui.stage.marks import hatching, outline, paint_band, paint_cell
from gui.stage.words import number
from gui.theme import NAN_INDEX, look

INSET = 3
"""Logical pixels round the picture: room for the hairline and for the ring of focus."""
ZERO_INDEX = 127
"""Colour index of zero, and how many indices lie on either side of it."""

_SMALLEST_SCALE = 1e-30
_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_PRESS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Heatmap(QWidget):
    """Draws one (rows, columns) float32 matrix; row = output downward, column = input.

    It draws a matrix and reports what the user does to it; what a cell means it leaves to
    whoever listens. `draw` does the arithmetic, so that painting only copies pixels.
    """

    hovered = Signal(int, int)
    """(row, column) under the pointer."""
    moved = Signal(int, int)
    """(row, column) that an arrow key asks for."""
    pressed = Signal(int, int)
    """(row, column) clicked, or Enter on the cross."""
    left = Signal()
    """The pointer, or the keyboard's focus, went away."""
    released = Signal()
    """Escape."""

    def __init__(self, subject: str, parent: QWidget | None = None) -> None:
        """Show nothing yet. Args: subject: what is drawn, for screen readers: ΔW of layer 1."""
        super().__init__(parent)
        self._subject = subject
        self._matrix: Matrix = np.zeros((0, 0), np.float32)
        self._scale = self._centre = 0.0
        self._cell, self._thick = 4, 0
        self._frozen = False
        self._row: int | None = None
        self._column: int | None = None
        self._pinned = False
        self._index: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._picture = QImage()
        self._table = look.theme.table
        self.setMouseTracking(True)
        # Not by click: that would take → away from the transport.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        look.changed.connect(self._on_look_changed)

    # ------------------------------------------------------------ what it shows

    def draw(self, matrix: Matrix, scale: float, centre: float = 0.0) -> None:
        """Show `matrix`, its values centre ± scale over the whole map. No work if all is equal.

        Args: matrix: (rows, columns) float32.  scale: ≥ 0; at 0 every finite cell is "zero".
        """
        same_shape = matrix.shape == self._matrix.shape
        same_scale = (scale, centre) == (self._scale, self._centre)
        unchanged = same_shape and same_scale and np.array_equal(matrix, self._matrix)
        self._matrix = matrix
        if unchanged:
            return
        self._scale, self._centre = scale, centre
        if not same_shape:
            self._fit()
        self._colour()
        self._describe()
        self.update()

    def matrix(self) -> Matrix:
        """The very array that is drawn: (rows, columns) float32."""
        return self._matrix

    def set_cell(self, side: int, thick: int = 0) -> None:
        """Draw cells `side` logical pixels wide and high; the widget's fixed size follows.

        Args: thick: least width of a single column, and least height of a single row.
        """
        if (side, thick) != (self._cell, self._thick):
            self._cell, self._thick = side, thick
            self._fit()
            self.update()

    def picture_size(self) -> QSize:
        """What the picture alone takes, in logical pixels."""
        rows, columns = self._matrix.shape
        across, down = self._device_cell(1.0)
        return QSize(columns * across, rows * down)

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

    def cross(self) -> tuple[int, int] | None:
        """(row, column) of the marked cell; None where no single cell is marked."""
        if self._row is None or self._column is None:
            return None
        return self._row, self._column

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """(row, column) at a point of the widget; None beside the picture."""
        ratio = self.devicePixelRatioF()
        across, down = (side / ratio for side in self._device_cell(ratio))
        row, column = int((position.y() - INSET) // down), int((position.x() - INSET) // across)
        rows, columns = self._matrix.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    # ------------------------------------------------------------ drawing

    def _fit(self) -> None:
        rows, columns = self._matrix.shape
        self.setFixedSize(self.picture_size() + QSize(2 * INSET, 2 * INSET))
        self.setAccessibleName(f"{self._subject}, {rows} rows, {columns} columns")

    def _colour(self) -> None:
        """Values → 0…254, not finite → 255 → a picture of one pixel a cell."""
        rows, columns = self._matrix.shape
        stride = -(-columns // 4) * 4  # QImage wants rows of whole 32-bit words
        if self._index.shape != (rows, stride):
            self._index = np.zeros((rows, stride), np.uint8)
        steps = np.float32(ZERO_INDEX / max(self._scale, _SMALLEST_SCALE))
        with np.errstate(over="ignore", invalid="ignore"):
            level = np.rint((self._matrix - np.float32(self._centre)) * steps)  # (rows, columns)
        np.clip(level, -ZERO_INDEX, ZERO_INDEX, out=level)
        level += ZERO_INDEX
        finite = np.isfinite(self._matrix)
        if not finite.all():
            level[~finite] = NAN_INDEX
        self._index[:, :columns] = level
        self._convert()

    def _convert(self) -> None:
        """Look the colours up now: scaling an indexed image would do it for each pixel."""
        rows, columns = self._matrix.shape
        if not self._matrix.size:
            self._picture = QImage()
            return
        indexed = QImage(
            self._index.data, columns, rows, self._index.shape[1], QImage.Format.Format_Indexed8
        )
        indexed.setColorTable(self._table)
        self._picture = indexed.convertToFormat(QImage.Format.Format_RGB32)

    def _device_cell(self, ratio: float) -> tuple[int, int]:
        """Width and height of a cell in pixels of a screen with so many per logical pixel."""
        rows, columns = self._matrix.shape
        across = max(self._cell, self._thick) if columns == 1 else self._cell
        down = max(self._cell, self._thick) if rows == 1 else self._cell
        return max(int(across * ratio), 1), max(int(down * ratio), 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the picture; every cell a whole number of device pixels."""
        theme = look.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.page))
        view = painter.deviceTransform()
        ratio = view.m11()
        rows, columns = self._matrix.shape
        cell, pixel = QSize(*self._device_cell(ratio)), max(round(ratio), 1)
        corner = view.map(QPointF(INSET, INSET))
        # From here on one unit is one pixel of the screen.
        painter.setWorldTransform(view.inverted()[0] * painter.worldTransform())
        size = QSize(columns * cell.width(), rows * cell.height())
        picture = QRect(QPoint(round(corner.x()), round(corner.y())), size)
        painter.drawImage(picture, self._picture)
        if self._frozen:
            painter.setBrushOrigin(picture.topLeft())
            painter.fillRect(picture, hatching(theme.hatch, pixel))
        outline(painter, picture, QColor(theme.line), 1)
        self._paint_cross(painter, picture, cell, pixel)
        if self.hasFocus():
            ring = picture.adjusted(-1, -1, 1, 1)
            outline(painter, ring, QColor(theme.accent), 2 * pixel)

    def _paint_cross(self, painter: QPainter, picture: QRect, cell: QSize, pixel: int) -> None:
        across, down = QRect(picture), QRect(picture)
        if self._row is not None:
            across.translate(0, self._row * cell.height())
            across.setHeight(cell.height())
        if self._column is not None:
            down.translate(self._column * cell.width(), 0)
            down.setWidth(cell.width())
        if self.cross() is not None:
            paint_cell(painter, across, down, look.theme, pixel, pinned=self._pinned)
        elif across != down:
            paint_band(painter, across & down, look.theme, pixel)

    # ------------------------------------------------------------ what the user does

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report the cell under the pointer."""
        cell = self.cell_at(event.position())
        if cell is None:
            self.left.emit()
        elif cell != self.cross():
            self.hovered.emit(*cell)

    def leaveEvent(self, event: QEvent) -> None:
        """Report that the pointer is gone."""
        self.left.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Report a click with the main button."""
        cell = self.cell_at(event.position())
        if cell is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.pressed.emit(*cell)

    def event(self, event: QEvent) -> bool:
        """Claim the keys used here before a shortcut of the window takes them."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in _ARROWS or event.key() in _PRESS or event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cross, Enter pins it, Escape releases it."""
        cross = self.cross()
        if event.key() in _ARROWS and self._matrix.size:
            self.moved.emit(*self._neighbour(cross, *_ARROWS[Qt.Key(event.key())]))
        elif event.key() in _PRESS and cross is not None:
            self.pressed.emit(*cross)
        elif event.key() == Qt.Key.Key_Escape:
            self.released.emit()
        else:
            super().keyPressEvent(event)

    def _neighbour(self, cross: tuple[int, int] | None, down: int, right: int) -> tuple[int, int]:
        if cross is None:
            return 0, 0
        rows, columns = self._matrix.shape
        row, column = cross[0] + down, cross[1] + right
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Report that the keyboard is elsewhere, unless the pointer is still here."""
        if not self.underMouse():
            self.left.emit()
        super().focusOutEvent(event)

    # ------------------------------------------------------------ words and looks

    def _describe(self) -> None:
        """Say the value under the cross; Qt tells a screen reader of each change."""
        cross = self.cross()
        rows, columns = self._matrix.shape
        if cross is None or cross[0] >= rows or cross[1] >= columns:
            text = ""
        else:
            value = number(float(self._matrix[cross]), 4)
            text = f"row {cross[0] + 1}, column {cross[1] + 1}: {value}"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    @Slot()
    def _on_look_changed(self) -> None:
        self._table = look.theme.table
        self._convert()
        self.update()
