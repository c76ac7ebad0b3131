"""Base class of the analysis pages: draws only while visible, at a limited rate."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.theme import MARGIN, SECONDARY, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.frame_throttle import PICTURE_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea

GAP = 3 * SPACE
MIN_TEXT_WIDTH, MAX_TEXT_WIDTH = 110, 460
"""Width limits of the column of text, in pixels at the ordinary text size."""


class LivePage(QWidget):
    """A picture at the left; beside it other parts and a sentence; all in a scroll area.

    Args: name: of its object, `NAMEPage`.  picture, parts: of the page.  width: preferred width of
    the sentence and the parts above it, in pixels at the ordinary text size.
    """

    def __init__(
        self, session: Session, name: str, picture: QWidget, *parts: QWidget, width: int
    ) -> None:
        super().__init__()
        self._session, self._picture, self._text_width = session, picture, width
        self.setObjectName(f"{name}Page")
        self._sentence = Label(scale=SECONDARY, wrap=True)
        self._sentence.setObjectName(f"{name}Sentence")
        self._text_column, content = QWidget(), QWidget()
        vbox(*parts, self._sentence, 1, on=self._text_column, spacing=SPACE // 4)
        margins = MARGIN, SPACE // 2, MARGIN, 0
        hbox((picture, 1), self._text_column, on=content, spacing=GAP, margins=margins)
        self._area = ScrollArea(content, horizontal=True)
        for bar in (self._area.verticalScrollBar(), self._area.horizontalScrollBar()):
            bar.rangeChanged.connect(self._on_scroll_bar_range_changed)
        vbox(self._area, on=self)
        self._throttle = FrameThrottle(self, PICTURE_MILLISECONDS)
        self._throttle.due.connect(self.redraw)
        session.state.frame_changed.connect(self._throttle.request)
        appearance.changed.connect(self._fit_text_column)

    def text(self) -> str:
        """Return the sentence beside the picture."""
        return self._sentence.text()

    def draw(self, frame: Frame) -> None:
        """Show a frame; each page implements it."""
        raise NotImplementedError

    def set_watching(self, watching: bool) -> None:
        """Start or stop asking the engine for what this page shows."""

    @Slot()
    def _fit_text_column(self) -> None:
        """Set the texts' width: a quarter, their preferred width, or what the picture leaves."""
        scale = max(1.0, appearance.text_scale)
        preferred = max(self.width() // 4, round(self._text_width * scale))
        available = self.width() - self._picture.minimumSizeHint().width() - 2 * MARGIN - GAP
        width = max(min(preferred, available), MIN_TEXT_WIDTH)
        self._text_column.setFixedWidth(min(width, round(MAX_TEXT_WIDTH * scale)))

    @Slot()
    def redraw(self) -> None:
        """Draw the newest frame at once."""
        if self._session.state.frame is not None:
            self.draw(self._session.state.frame)

    # ------------------------------------------------------------ events

    def showEvent(self, event: QShowEvent) -> None:
        """Start watching, and draw the newest frame."""
        super().showEvent(event)
        self.set_watching(True)
        self._throttle.draw_now()
        self._fit_text_column()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the column of text to the new width."""
        super().resizeEvent(event)
        self._fit_text_column()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop drawing and watching."""
        super().hideEvent(event)
        self.set_watching(False)

    @Slot(int, int)
    def _on_scroll_bar_range_changed(self, _minimum: int, _maximum: int) -> None:
        """Let Tab reach the scroll area only while there is something to scroll."""
        bars = (self._area.verticalScrollBar(), self._area.horizontalScrollBar())
        scrolls = any(bar.maximum() > 0 for bar in bars)
        self._area.setFocusPolicy(Qt.FocusPolicy.TabFocus if scrolls else Qt.FocusPolicy.NoFocus)
