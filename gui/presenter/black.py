"""Black screen, so that everybody looks at whoever speaks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QWidget


class BlackPage(QWidget):
    """Covers the window and its dialogs until any key or click."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._hidden_dialogs: list[QDialog] = []
        self.setObjectName("blackPage")
        self.setAccessibleName("Black screen: any key brings the window back")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.hide()

    def cover(self) -> None:
        """Cover the window, and hide its dialogs."""
        self._hidden_dialogs = [
            dialog for dialog in self._window.findChildren(QDialog) if dialog.isVisible()
        ]
        for dialog in self._hidden_dialogs:
            dialog.hide()
        self.fit()
        self.raise_()
        self.show()
        self.setFocus()

    def lift(self) -> None:
        """Show the window and its dialogs again, as they are by now."""
        if self.isHidden():
            return
        self.hide()
        self._window.setFocus()
        for dialog in self._hidden_dialogs:
            dialog.setVisible(self._window.isVisible())  # it may be closing
        self._hidden_dialogs = []

    def fit(self) -> None:
        """Take the size of the window."""
        self.setGeometry(self._window.rect())

    def event(self, event: QEvent) -> bool:
        """Qt's hook: keep every key from the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: any key lifts it, except one that is still held down."""
        if not event.isAutoRepeat():
            self.lift()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: a click lifts it, and does nothing else."""
        self.lift()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: black."""
        QPainter(self).fillRect(event.rect(), Qt.GlobalColor.black)
