"""What a presenter does to the screen: a hint, a black page, and a pointer that hides."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QFrame, QWidget

from gui.theme import LARGE, SPACE
from gui.widgets.box import vbox
from gui.widgets.label import Label

HINT = "L: list of lessons    Page Down, Page Up: turn the cards    H: controls    Esc: leave"
HINT_MILLISECONDS = 6000
"""How long the hint is shown; afterwards the stage has the whole screen."""


class Hint(QFrame):
    """Names the keys at the foot of the window, for some seconds."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("presenterHint")
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        margins = 2 * SPACE, SPACE, 2 * SPACE, SPACE
        vbox(Label(HINT, scale=LARGE), on=self, margins=margins)
        self._timer = QTimer(self, singleShot=True, interval=HINT_MILLISECONDS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def show_briefly(self) -> None:
        """Show the hint, and hide it by itself."""
        self.adjustSize()
        window = self._window.rect()
        self.move((window.width() - self.width()) // 2, window.height() - 2 * self.height())
        self.raise_()
        self.show()
        self._timer.start()


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


class AutoHidePointer(QObject):
    """Hides the pointer once it has rested over the window; any movement shows it again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.hide_after = 3000
        """Milliseconds without a movement until the pointer hides."""
        self._window: QWidget | None = None
        self.hidden = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)

    def watch(self, window: QWidget) -> None:
        """Begin to hide it over a window that has been shown."""
        self._window = window
        window.windowHandle().installEventFilter(self)
        self._timer.start(self.hide_after)

    def stop(self) -> None:
        """Show the pointer for good."""
        if self._window is not None:
            # Asked for anew: PySide may have forgotten the object that it returned before.
            self._window.windowHandle().removeEventFilter(self)
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
