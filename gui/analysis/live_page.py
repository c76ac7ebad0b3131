"""What the pages share: they draw only while they are seen, and at their own pace."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.theme import MARGIN, SPACE, appearance

REDRAW_MILLISECONDS = 66
"""At most fifteen pictures a second: figures that change faster cannot be read."""
GAP = 3 * SPACE
LEAST_WORDS, WIDEST_WORDS = 110, 460
"""In pixels at the ordinary text size: of the column that says in words what is to be seen."""


class LivePage(QWidget):
    """A picture at the left, words beside it; what does not fit can be scrolled."""

    def __init__(self, session: Session, object_name: str) -> None:
        super().__init__()
        self._session = session
        self._stale = False
        self._picture, self._words, self._width = QWidget(), QWidget(), 0
        self._area = QScrollArea()
        self.setObjectName(object_name)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        appearance.changed.connect(self._on_appearance_changed)

    def draw(self, frame: Frame) -> None:
        """Show this frame."""
        raise NotImplementedError

    def look_on(self, watching: bool) -> None:
        """Ask the engine for what this page shows, or for it no longer."""

    def lay_out(self, picture: QWidget, *words: QWidget, width: int) -> None:
        """Put the picture and the words in their places.

        Args: width: of the words where there is room, in pixels at the ordinary text size.
        """
        self._picture, self._width = picture, width
        column = QVBoxLayout(self._words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 4)
        for part in words:
            column.addWidget(part)
        column.addStretch(1)
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(MARGIN, SPACE // 2, MARGIN, 0)
        row.setSpacing(GAP)
        row.addWidget(picture, 1)
        row.addWidget(self._words)
        area = self._area
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
            bar.rangeChanged.connect(self._on_scroll_bar_range_changed)
        area.setWidget(inside)
        for part in (area.viewport(), inside):  # the page shows through
            part.setAutoFillBackground(False)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)

    def _place(self) -> None:
        """Give the words a quarter, or what they need, or what the picture leaves them."""
        scale = max(1.0, appearance.text_scale)
        wished = max(self.width() // 4, round(self._width * scale))
        left = self.width() - self._picture.minimumSizeHint().width() - 2 * MARGIN - GAP
        words = max(min(wished, left), LEAST_WORDS)
        self._words.setFixedWidth(min(words, round(WIDEST_WORDS * scale)))

    def redraw(self) -> None:
        """Draw the newest frame at once."""
        self._stale = False
        if self._session.state.frame is not None:
            self.draw(self._session.state.frame)
        self._timer.start()

    # ------------------------------------------------------------ events

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: from now on it is worth drawing."""
        super().showEvent(event)
        self.look_on(True)
        self.redraw()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: share the width out anew."""
        super().resizeEvent(event)
        self._place()

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

    @Slot(int, int)
    def _on_scroll_bar_range_changed(self, _low: int, _high: int) -> None:
        """With Tab it is reached where there is something to scroll."""
        bars = (self._area.verticalScrollBar(), self._area.horizontalScrollBar())
        scrolls = any(bar.maximum() > 0 for bar in bars)
        self._area.setFocusPolicy(Qt.FocusPolicy.TabFocus if scrolls else Qt.FocusPolicy.NoFocus)

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self._stale and self.isVisible():
            self.redraw()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._place()
