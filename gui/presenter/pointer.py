"""Mouse pointer that hides while nobody moves it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication


class AutoHidePointer(QObject):
    """Hides the pointer once it has rested over the window; any movement shows it again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.hide_after = 3000
        """Milliseconds without a movement until the pointer hides."""
        self._window: QWindow | None = None
        self.hidden = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timer_timeout)

    def watch(self, window: QWindow) -> None:
        """Begin to hide it. Args: window: the one over which it hides."""
        self._window = window
        window.installEventFilter(self)
        self._timer.start(self.hide_after)

    def stop(self) -> None:
        """Show the pointer for good."""
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None
        self._timer.stop()
        self._show_pointer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook: see each movement before any widget does, and pass it on."""
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress):
            self._show_pointer()
            self._timer.start(self.hide_after)
        return False

    def _show_pointer(self) -> None:
        if self.hidden:
            self.hidden = False
            QApplication.restoreOverrideCursor()

    @Slot()
    def _on_timer_timeout(self) -> None:
        self.hidden = True
        QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
