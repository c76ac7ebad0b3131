"""The mouse pointer, out of the picture while nobody moves it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

REST_MILLISECONDS = 3000
"""Without a movement, until it hides."""


class RestingPointer(QObject):
    """Hides the pointer once it has rested over the window; any movement brings it back."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._window: QWindow | None = None
        self._hidden = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def hidden(self) -> bool:
        """Whether it is out of the picture."""
        return self._hidden

    def watch(self, window: QWindow) -> None:
        """Begin. Args: window: whose movements count."""
        self._window = window
        window.installEventFilter(self)
        self._timer.start(REST_MILLISECONDS)

    def stop(self) -> None:
        """Bring it back for good."""
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None
        self._timer.stop()
        self._bring_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook: a movement, before any widget has it; it stays the widget's."""
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress):
            self._bring_back()
            self._timer.start(REST_MILLISECONDS)
        return False

    def _bring_back(self) -> None:
        if self._hidden:
            self._hidden = False
            QApplication.restoreOverrideCursor()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if not self._hidden:
            self._hidden = True
            QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
