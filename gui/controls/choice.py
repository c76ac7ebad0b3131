"""A box to choose from that only a deliberate act changes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox


class Choice(QComboBox):
    """A combo box of (data, label) pairs; a wheel that passes over it changes nothing.

    A click does not give it the keyboard, so that Space stays Play after a choice.
    """

    def __init__(self, object_name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def offer(self, pairs: Iterable[tuple[object, str]], chosen: object) -> None:
        """Replace what is offered, without a signal."""
        self.blockSignals(True)
        self.clear()
        for data, label in pairs:
            self.addItem(label, data)
        self.setCurrentIndex(self.findData(chosen))
        self.blockSignals(False)

    def show_choice(self, data: object) -> None:
        """Show this one as chosen, without a signal."""
        self.blockSignals(True)
        self.setCurrentIndex(self.findData(data))
        self.blockSignals(False)

    def event(self, event: QEvent) -> bool:
        """Keep Space, which opens the list, from the window's shortcuts while focused."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            event.accept()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()
