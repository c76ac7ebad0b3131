"""Picture of the sample that can be drawn on with the mouse or the keyboard, and its brush."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent

from engine.protocol.messages import Array
from gui.matrices.heatmap import ARROW_KEYS
from gui.matrices.overlays import paint_frame
from gui.sample.picture import SamplePicture
from gui.text.numbers import number_text
from gui.theme import appearance

DRAW_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
ERASE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
GRID_ALPHA = 70
"""Alpha of the grid, 0…255: the cells can be counted, and the picture stays legible."""
Point = tuple[float, float]
"""(row, column) in cells; the middle of the first cell is (0.5, 0.5)."""

BRUSH_RADIUS = 1.25
"""Cells from a stroke's middle to its edge. With it, digits look about like those of the
data, whose pixels count how much of a pen's stroke, a cell and a half wide, lies in them."""
ERASER_RADIUS = 0.25
"""Cells from the eraser's middle that are cleared; beyond them it clears less and less."""


class Pad(SamplePicture):
    """The left button draws, the right one or Shift erases; so do arrow keys, Enter and Delete."""

    drawn = Signal(object)
    """Emitted with the picture after a stroke."""

    def __init__(self) -> None:
        super().__init__()
        self._can_draw = False
        self._cell = (0, 0)
        self._last_point: Point | None = None
        self.setObjectName("pad")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def set_drawable(self, can_draw: bool) -> None:
        """Enable or disable drawing."""
        self._can_draw = can_draw
        self._last_point = self._last_point if can_draw else None
        policy = Qt.FocusPolicy.TabFocus if can_draw else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)
        shape = Qt.CursorShape.CrossCursor if can_draw else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.setAccessibleName("Sample, 8 rows, 8 columns, to draw on" if can_draw else "Sample")
        self._describe()

    def show_picture(self, matrix: Array, names: tuple[str, ...]) -> None:
        """Show a sample or a drawing, as `SamplePicture.show_picture` does."""
        super().show_picture(matrix, names)
        self._describe()

    # ------------------------------------------------------------ the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if self._can_draw and event.button() in (
            Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton,
        ):  # fmt: skip
            self._last_point = self._point(event.position())
            self._draw_to(self._last_point, event)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Continue the stroke."""
        if self._last_point is not None:
            self._draw_to(self._point(event.position()), event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        self._last_point = None

    def _draw_to(self, point: Point, event: QMouseEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        right = (event.buttons() | event.button()) & Qt.MouseButton.RightButton
        start, self._last_point = self._last_point or point, point
        self._apply_stroke(start, point, erase=bool(shift or right))

    def _apply_stroke(self, start: Point, end: Point, *, erase: bool) -> None:
        before = self.matrix()
        if before is None or not self._can_draw:
            return
        after = stroke(before, start, end, erase=erase)
        if not np.array_equal(after, before):
            self.show_picture(after, ())
            self.drawn.emit(after)

    def _point(self, position: QPointF) -> Point:
        area, matrix = self._area(), self.matrix()
        rows, columns = (1, 1) if matrix is None else matrix.shape
        return (
            (position.y() - area.top()) / max(area.height(), 1) * rows,
            (position.x() - area.left()) / max(area.width(), 1) * columns,
        )

    # ------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the current cell with the arrow keys, draw with Enter, erase with Delete."""
        matrix, key = self.matrix(), event.key()
        if (
            matrix is None
            or not self._can_draw
            or key not in (*ARROW_KEYS, *DRAW_KEYS, *ERASE_KEYS)
        ):
            super().keyPressEvent(event)
            return
        if key in ARROW_KEYS:
            down, right = ARROW_KEYS[Qt.Key(key)]
            row, column = self._cell
            rows, columns = matrix.shape
            self._cell = min(max(row + down, 0), rows - 1), min(max(column + right, 0), columns - 1)
        else:
            point = self._cell[0] + 0.5, self._cell[1] + 0.5
            self._apply_stroke(point, point, erase=key in ERASE_KEYS)
        self._describe()
        self.update()

    def _describe(self) -> None:
        matrix, text = self.matrix(), ""
        if self._can_draw and matrix is not None:
            row, column = self._cell
            ink = number_text(float(matrix[row, column]))
            text = f"row {row + 1}, column {column + 1}: ink {ink}"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    # ------------------------------------------------------------ drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, its grid, and the current cell while focused."""
        super().paintEvent(event)
        matrix, area = self.matrix(), self._area().toRect()
        if matrix is None or not self._can_draw:
            return
        painter, theme = QPainter(self), appearance.theme
        rows, columns = matrix.shape
        cell = area.width() // columns
        line = QColor(theme.hatch)
        line.setAlpha(GRID_ALPHA)
        for place in range(1, columns):
            painter.fillRect(area.left() + place * cell, area.top(), 1, area.height(), line)
        for place in range(1, rows):
            painter.fillRect(area.left(), area.top() + place * cell, area.width(), 1, line)
        if self.hasFocus():
            row, column = self._cell
            ring = QRect(area.left() + column * cell, area.top() + row * cell, cell, cell)
            paint_frame(painter, ring.adjusted(2, 2, -2, -2), QColor(theme.accent), 2)


def stroke(picture: Array, start: Point, end: Point, *, erase: bool = False) -> Array:
    """Return the picture after a stroke from one point to another.

    Args: picture: (rows, columns) in 0…1.  start, end: in cells.  erase: clear instead of drawing.
    Returns: a new (rows, columns) float32 in 0…1.
    """
    distances = _distances(picture.shape, start, end)
    if erase:
        drawn = np.minimum(picture, np.clip(distances - ERASER_RADIUS, 0, 1))
    else:
        drawn = np.maximum(picture, np.clip(BRUSH_RADIUS - distances, 0, 1))
    return np.clip(drawn, 0, 1).astype(np.float32)


def _distances(shape: tuple[int, ...], start: Point, end: Point) -> NDArray[np.float64]:
    """Return each cell's distance from the stroke's line, (rows, columns) in cells."""
    y, x = np.indices(shape) + 0.5
    down, right = end[0] - start[0], end[1] - start[1]
    length = max(down**2 + right**2, 1e-12)
    along = np.clip(((y - start[0]) * down + (x - start[1]) * right) / length, 0, 1)
    distances = np.hypot(y - start[0] - along * down, x - start[1] - along * right)
    return np.asarray(distances, np.float64)
