"""A heatmap that reports what the user does to it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.matrices.matrix_view import INSET as INSET, MatrixView
from gui.widgets.copying import MenuRow

DRAG_THRESHOLD_PIXELS = 4
"""Logical pixels that the pointer moves before a press becomes a drag."""
WHEEL_NOTCH = 120
"""Qt's angle delta of one notch of the wheel, in eighths of a degree."""

ARROW_KEYS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_PRESS_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ZOOM_KEYS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class Heatmap(MatrixView):
    """A matrix view that reports pointer and keys; listeners decide what these do."""

    hovered = Signal(int, int)
    """(row, column) under the pointer."""
    moved = Signal(int, int)
    """(row, column) that an arrow key asks for."""
    activated = Signal(int, int)
    """(row, column) clicked, or confirmed with Enter."""
    left = Signal()
    """The pointer, or the keyboard's focus, has left."""
    unpin_requested = Signal()
    """Escape was pressed."""
    zoomed = Signal(int, QPointF)
    """(steps closer, the point that stays in place, in device pixels of the picture)."""
    drag_started = Signal()
    """A drag has begun."""
    dragged = Signal(QPointF)
    """Distance from the start of the drag, in device pixels."""
    double_clicked = Signal(int, int)
    """(row, column) to be shown close up."""
    overview_requested = Signal()
    """The key 0 was pressed: show the whole matrix."""

    def __init__(self, subject: str, parent: QWidget | None = None) -> None:
        super().__init__(subject, parent)
        self._press_position: QPointF | None = None
        self._dragging = False
        self._wheel_angle = 0
        self.can_pin = self.has_pin = False
        """Whether a click pins its cells; whether the pinned cell is one of them."""
        self.close_up = ""
        """What a double click does, in words; empty: nothing."""
        self.setMouseTracking(True)
        # Not by click: that would take → away from the transport.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def _has_viewport(self) -> bool:
        """Whether it may show a part of its matrix."""
        return self._rows is not None or self._columns is not None

    def menu_rows(self, at: QPoint | None) -> tuple[MenuRow | str, ...]:
        """Return what a click and a double click do. Args: at: as of `copies`."""
        cell = self.cross() if at is None else self.cell_at(QPointF(at))
        if cell is None:
            return ()
        pinned = self.has_pin and cell == self.cross()
        rows = []
        if self.can_pin:
            text = "Unpin this cell" if pinned else "Pin this cell"
            rows.append(MenuRow(text, partial(self.activated.emit, *cell), "click"))
        if self.close_up:
            do = partial(self.double_clicked.emit, *cell)
            rows.append(MenuRow(self.close_up, do, "double click"))
        return tuple(rows)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report the cell under the pointer, or the distance of a drag."""
        if self._press_position is not None:
            self._drag(event.position() - self._press_position)
            return
        cell = self.cell_at(event.position())
        if cell is None:
            self.left.emit()
        elif cell != self.cross():
            self.hovered.emit(*cell)

    def _drag(self, offset: QPointF) -> None:
        if not self._dragging and offset.manhattanLength() >= DRAG_THRESHOLD_PIXELS:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.drag_started.emit()
        if self._dragging:
            self.dragged.emit(offset * self.devicePixelRatioF())

    def leaveEvent(self, event: QEvent) -> None:
        """Report that the pointer has left."""
        self.left.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Report a click with the main button; where it might become a drag, wait for its end."""
        cell = self.cell_at(event.position())
        if cell is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
        elif self._has_viewport:
            self._press_position = event.position()
        else:
            self.activated.emit(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report a click where the press did not become a drag."""
        press_position, self._press_position = self._press_position, None
        dragging, self._dragging = self._dragging, False
        if dragging:
            self.unsetCursor()
        cell = None if press_position is None or dragging else self.cell_at(press_position)
        if cell is not None:
            self.activated.emit(*cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the cell close up."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(*cell)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer, one step a notch; with Shift leave the wheel to the page."""
        at = event.position()
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if shift or not self._has_viewport or self.cell_at(at) is None:
            event.ignore()
        else:
            self._wheel_angle += event.angleDelta().y()
            steps = int(self._wheel_angle / WHEEL_NOTCH)
            self._wheel_angle -= steps * WHEEL_NOTCH
            if steps:
                self.zoomed.emit(steps, self._pixel(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cross by arrows, pin it by Enter, release it by Escape; zoom by + − 0."""
        cross = self.cross()
        if event.key() in ARROW_KEYS and self._matrix.size:
            self.moved.emit(*self._neighbour(cross, *ARROW_KEYS[Qt.Key(event.key())]))
        elif event.key() in _PRESS_KEYS and cross is not None:
            self.activated.emit(*cross)
        elif event.key() == Qt.Key.Key_Escape:
            self.unpin_requested.emit()
        elif self._has_viewport and event.key() in _ZOOM_KEYS:
            self.zoomed.emit(_ZOOM_KEYS[Qt.Key(event.key())], self._zoom_centre())
        elif self._has_viewport and event.key() == Qt.Key.Key_0:
            self.overview_requested.emit()
        else:
            super().keyPressEvent(event)

    def _zoom_centre(self) -> QPointF:
        """Return the point that a key zooms about: the cross if visible, otherwise the middle."""
        rows, columns = self._sides(self.devicePixelRatioF())
        y, x = (
            side.pixels / 2 if cell is None or not side.sees(cell) else side.middle(cell)
            for side, cell in ((rows, self._row), (columns, self._column))
        )
        return QPointF(x, y)

    def _neighbour(self, cross: tuple[int, int] | None, down: int, right: int) -> tuple[int, int]:
        """Return the cell of the number next to the cross."""
        if cross is None:
            rows, columns = self._sides(self.devicePixelRatioF())
            return rows.first, columns.first
        rows_, columns_ = self._blocks.shape
        row = cross[0] + down * self._blocks.down
        column = cross[1] + right * self._blocks.across
        return min(max(row, 0), rows_ - 1), min(max(column, 0), columns_ - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Report that the keyboard’s focus has left, but not for a menu or under the pointer."""
        if not self.underMouse() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()
        super().focusOutEvent(event)
