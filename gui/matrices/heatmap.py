"""A matrix that a user can point at, move about in and look into."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.matrices.matrix_view import INSET as INSET, MatrixView

DRAG = 4
"""Logical pixels that the pointer moves before a press becomes a drag."""
NOTCH = 120
"""What a wheel reports for one notch."""

ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_PRESS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ZOOM = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class Heatmap(MatrixView):
    """Reports what the user does to it; what that means it leaves to whoever listens."""

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
    zoomed = Signal(int, QPointF)
    """(steps closer, the place in pixels of the picture that is to stay where it is)."""
    grabbed = Signal()
    """A drag begins."""
    dragged = Signal(QPointF)
    """By so many pixels of the screen since then."""
    entered = Signal(int, int)
    """(row, column) clicked twice: to be seen close up."""
    whole_wanted = Signal()
    """The key 0: all of it."""

    def __init__(self, subject: str, parent: QWidget | None = None) -> None:
        """Show nothing yet. Args: subject: what is drawn, for screen readers: ΔW of layer 1."""
        super().__init__(subject, parent)
        self._grip: QPointF | None = None
        self._dragging = False
        self._turned = 0
        self.setMouseTracking(True)
        # Not by click: that would take → away from the transport.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def _lens(self) -> bool:
        """Whether it may show a part."""
        return self._rows is not None or self._columns is not None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report the cell under the pointer, or how far the picture is dragged."""
        if self._grip is not None:
            self._drag(event.position() - self._grip)
            return
        cell = self.cell_at(event.position())
        if cell is None:
            self.left.emit()
        elif cell != self.cross():
            self.hovered.emit(*cell)

    def _drag(self, way: QPointF) -> None:
        if not self._dragging and way.manhattanLength() >= DRAG:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.grabbed.emit()
        if self._dragging:
            self.dragged.emit(way * self.devicePixelRatioF())

    def leaveEvent(self, event: QEvent) -> None:
        """Report that the pointer is gone."""
        self.left.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Report a click with the main button; where one can drag, wait whether it is one."""
        cell = self.cell_at(event.position())
        if cell is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
        elif self._lens:
            self._grip = event.position()
        else:
            self.pressed.emit(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press that was no drag is a click."""
        grip, self._grip = self._grip, None
        dragging, self._dragging = self._dragging, False
        if dragging:
            self.unsetCursor()
        cell = None if grip is None or dragging else self.cell_at(grip)
        if cell is not None:
            self.pressed.emit(*cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask to see the cell close up; where that cannot be, a click like any other."""
        cell = self.cell_at(event.position())
        if self._lens and cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.entered.emit(*cell)
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer, a step for each notch; with Shift, scroll the page."""
        at = event.position()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or self.cell_at(at) is None:
            event.ignore()
        elif not self._lens:
            event.ignore()
        else:
            self._turned += event.angleDelta().y()
            steps = int(self._turned / NOTCH)
            self._turned -= steps * NOTCH
            if steps:
                self.zoomed.emit(steps, self._pixel(at))

    def event(self, event: QEvent) -> bool:
        """Claim the keys used here before a shortcut of the window takes them."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            key = event.key()
            if key in ARROWS or key in _PRESS or key == Qt.Key.Key_Escape:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cross, Enter pins it, Escape releases it; + − 0 zoom a large matrix."""
        cross = self.cross()
        if event.key() in ARROWS and self._matrix.size:
            self.moved.emit(*self._neighbour(cross, *ARROWS[Qt.Key(event.key())]))
        elif event.key() in _PRESS and cross is not None:
            self.pressed.emit(*cross)
        elif event.key() == Qt.Key.Key_Escape:
            self.released.emit()
        elif self._lens and event.key() in _ZOOM:
            self.zoomed.emit(_ZOOM[Qt.Key(event.key())], self._pivot())
        elif self._lens and event.key() == Qt.Key.Key_0:
            self.whole_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _pivot(self) -> QPointF:
        """Where the cross is, if it is seen, else the middle: what a key zooms about."""
        rows, columns = self._sides(self.devicePixelRatioF())
        y, x = (
            side.pixels / 2 if cell is None or not side.sees(cell) else side.middle(cell)
            for side, cell in ((rows, self._row), (columns, self._column))
        )
        return QPointF(x, y)

    def _neighbour(self, cross: tuple[int, int] | None, down: int, right: int) -> tuple[int, int]:
        """The cell of the next number, in the network's own counting."""
        if cross is None:
            rows, columns = self._sides(self.devicePixelRatioF())
            return rows.first, columns.first
        rows_, columns_ = self._blocks.shape
        row = cross[0] + down * self._blocks.down
        column = cross[1] + right * self._blocks.across
        return min(max(row, 0), rows_ - 1), min(max(column, 0), columns_ - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Report that the keyboard is elsewhere, unless the pointer is still here."""
        if not self.underMouse():
            self.left.emit()
        super().focusOutEvent(event)
