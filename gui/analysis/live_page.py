"""What the pages share: they draw only while they are seen, and at their own pace."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.stage.plan import MARGIN
from gui.theme import SPACE, look

REDRAW_MILLISECONDS = 66
"""At most fifteen pictures a second: figures that change faster cannot be read."""
WORDS_WIDTH = 250
WIDEST_WORDS = 460
"""In pixels at the ordinary text size: of the column that says in words what is to be seen."""


class LivePage(QWidget):
    """A picture at the left, words beside it; what does not fit in the height can be scrolled."""

    def __init__(self, session: Session, object_name: str) -> None:
        super().__init__()
        self._session = session
        self._stale = False
        self._words, self._width = QWidget(), WORDS_WIDTH
        self.setObjectName(object_name)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)
        session.frame_changed.connect(self._on_session_frame_changed)
        look.changed.connect(self._on_look_changed)

    def draw(self, frame: Frame) -> None:
        """Show this frame."""
        raise NotImplementedError

    def look_on(self, watching: bool) -> None:
        """Ask the engine for what this page shows, or for it no longer."""

    def lay_out(self, picture: QWidget, *words: QWidget, width: int = WORDS_WIDTH) -> None:
        """Put the picture and the words in their places. Args: width: of the words, at least."""
        self._width = width
        column = QVBoxLayout(self._words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        for part in words:
            column.addWidget(part)
        column.addStretch(1)
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(MARGIN, SPACE // 2, MARGIN, 0)
        row.setSpacing(3 * SPACE)
        row.addWidget(picture, 3)
        row.addWidget(self._words, 1)
        row.addStretch(0)  # of a very wide window the rest stays empty
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        area.setWidget(inside)
        for part in (area.viewport(), inside):  # the page shows through
            part.setAutoFillBackground(False)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)
        self._on_look_changed()

    def redraw(self) -> None:
        """Draw the newest frame at once."""
        self._stale = False
        if self._session.frame is not None:
            self.draw(self._session.frame)
        self._timer.start()

    # ------------------------------------------------------------ events

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: from now on it is worth drawing."""
        super().showEvent(event)
        self.look_on(True)
        self.redraw()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's hook: nobody looks."""
        super().hideEvent(event)
        self._timer.stop()
        self.look_on(False)

    @Slot(object)
    def _on_session_frame_changed(self, _frame: Frame) -> None:
        if self._timer.isActive():
            self._stale = True
        elif self.isVisible():
            self.redraw()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self._stale and self.isVisible():
            self.redraw()

    @Slot()
    def _on_look_changed(self) -> None:
        scale = max(1.0, look.text_scale)
        self._words.setMinimumWidth(round(self._width * scale))
        self._words.setMaximumWidth(round(WIDEST_WORDS * scale))
