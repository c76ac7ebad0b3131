"""Selectable label: a text of which one can select a part with the mouse, and copy it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QMouseEvent

from gui.widgets.copying import Copy
from gui.widgets.keyboard import release_keyboard
from gui.widgets.label import Label

KEPT_BY = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
)
"""Reasons to lose the keyboard at which the selection stays."""


class SelectableLabel(Label):
    """A label that has the keyboard only while a part of it is selected."""

    clicked = Signal()
    """The mouse was pressed and released, and selected nothing."""

    def __init__(self, *, scale: float = 1.0, colour: str = "text", wrap: bool = False) -> None:
        super().__init__(scale=scale, colour=colour, wrap=wrap)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def copies(self, _at: QPoint | None) -> tuple[Copy, ...]:
        """Return the selection, if there is one."""
        return (Copy("Copy the selection", self._selection),) if self.hasSelectedText() else ()

    def _selection(self) -> str:
        return self.selectedText().replace("\u00a0", " ")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: keep the keyboard only for what is selected."""
        super().mouseReleaseEvent(event)
        if not self.hasSelectedText() and event.button() == Qt.MouseButton.LeftButton:
            release_keyboard(self)
            self.clicked.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's hook: a selection ends with the next click elsewhere."""
        super().focusOutEvent(event)
        if event.reason() not in KEPT_BY:
            self.setSelection(0, 0)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's hook: leave it to the window."""
        event.ignore()
