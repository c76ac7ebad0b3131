"""The sample's picture, to be drawn on with the mouse or by keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent

from engine.protocol.messages import Matrix
from gui.matrices.heatmap import ARROWS
from gui.matrices.overlays import outline
from gui.network_page.brush import Point, stroke
from gui.sample.picture import SamplePicture
from gui.text.layers import number
from gui.theme import appearance

INK = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
RUB = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
GRID_ALPHA = 70
"""Of 255: the cells can be counted and the picture still reads as one."""


class Pad(SamplePicture):
    """Left button: ink; right button or Shift: rubber. Arrows, Enter and Delete do the same."""

    drawn = Signal(object)
    """Matrix: the picture after a stroke."""

    def __init__(self) -> None:
        super().__init__()
        self._can_draw = False
        self._cell = (0, 0)
        self._last: Point | None = None
        self.setObjectName("pad")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def set_drawable(self, can_draw: bool) -> None:
        """Take strokes, or only be looked at."""
        self._can_draw = can_draw
        self._last = self._last if can_draw else None
        policy = Qt.FocusPolicy.TabFocus if can_draw else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)
        shape = Qt.CursorShape.CrossCursor if can_draw else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.setAccessibleName("Sample, 8 rows, 8 columns, to draw on" if can_draw else "Sample")
        self._describe()

    def show_picture(self, matrix: Matrix, names: tuple[str, ...]) -> None:
        """Show a sample, or what was drawn; as `SamplePicture` has it."""
        super().show_picture(matrix, names)
        self._describe()

    # ------------------------------------------------------------ the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: a stroke begins."""
        if self._can_draw and event.button() in (
            Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton,
        ):  # fmt: skip
            self._last = self._point(event.position())
            self._draw_to(self._last, event)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: it goes on."""
        if self._last is not None:
            self._draw_to(self._point(event.position()), event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: it ends."""
        self._last = None

    def _draw_to(self, point: Point, event: QMouseEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        right = (event.buttons() | event.button()) & Qt.MouseButton.RightButton
        start, self._last = self._last or point, point
        self._leave_stroke(start, point, erase=bool(shift or right))

    def _leave_stroke(self, start: Point, end: Point, *, erase: bool) -> None:
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

    def event(self, event: QEvent) -> bool:
        """Claim the keys used here before they move the run."""
        if (
            self._can_draw
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in (*ARROWS, *INK, *RUB)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: arrows move the cell that Enter inks and Delete clears."""
        matrix, key = self.matrix(), event.key()
        if matrix is None or not self._can_draw or key not in (*ARROWS, *INK, *RUB):
            super().keyPressEvent(event)
            return
        if key in ARROWS:
            down, right = ARROWS[Qt.Key(key)]
            row, column = self._cell
            rows, columns = matrix.shape
            self._cell = min(max(row + down, 0), rows - 1), min(max(column + right, 0), columns - 1)
        else:
            point = self._cell[0] + 0.5, self._cell[1] + 0.5
            self._leave_stroke(point, point, erase=key in RUB)
        self._describe()
        self.update()

    def _describe(self) -> None:
        matrix, text = self.matrix(), ""
        if self._can_draw and matrix is not None:
            row, column = self._cell
            ink = number(float(matrix[row, column]))
            text = f"row {row + 1}, column {column + 1}: ink {ink}"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's hook: show the cell that keys would ink."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's hook: and hide it."""
        super().focusOutEvent(event)
        self.update()

    # ------------------------------------------------------------ drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: the picture, the lines between its cells, the cell that keys would ink."""
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
            outline(painter, ring.adjusted(2, 2, -2, -2), QColor(theme.accent), 2)
