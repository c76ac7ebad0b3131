"""Base class of the analysis pages: draws only while visible, at a limited rate."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.protocol.messages import Frame
from gui.session import Session
from gui.theme import SECONDARY, SPACE, appearance
from gui.widgets.box import vbox
from gui.widgets.frame_throttle import PICTURE_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label
from gui.widgets.surface import SCROLL_BAR_WIDTH, ScrollArea

GAP = 3 * SPACE
NARROW = 560
"""Pixels below which the parts stand below each other, at the ordinary text size."""
MIN_TEXT_WIDTH, MAX_TEXT_WIDTH = 110, 460
"""Width limits of the column of text, in pixels at the ordinary text size."""


class LivePage(QWidget):
    """A picture; beside it, in a narrow place round it, other parts and a sentence; all scrolled.

    Args: name: of its object, `NAMEPage`.  picture, parts: of the page.  width: preferred width of
    the sentence and the parts above it, in pixels at the ordinary text size.
    """

    sentence_is_first = False
    """Whether it stands above the picture in a narrow place, where the picture is cut off below."""

    def __init__(
        self, session: Session, name: str, picture: QWidget, *parts: QWidget, width: int
    ) -> None:
        super().__init__()
        self._session, self._picture, self._text_width = session, picture, width
        self.setObjectName(f"{name}Page")
        self._sentence = Label(scale=SECONDARY, wrap=True)
        self._sentence.setObjectName(f"{name}Sentence")
        self._parts, content = QWidget(), QWidget()
        vbox(*parts, on=self._parts, spacing=SPACE // 4)
        self._parts.setVisible(bool(parts))
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(2 * SPACE, SPACE // 2, 2 * SPACE - SCROLL_BAR_WIDTH, 0)
        self._grid.setVerticalSpacing(SPACE // 4)
        self._is_narrow = False
        self._place(narrow=False)
        self._area = ScrollArea(content, horizontal=True, keeps_place=True)
        for bar in (self._area.verticalScrollBar(), self._area.horizontalScrollBar()):
            bar.rangeChanged.connect(self._on_scroll_bar_range_changed)
        vbox(self._area, on=self)
        self._throttle = FrameThrottle(self, PICTURE_MILLISECONDS)
        self._throttle.due.connect(self.redraw)
        session.state.frame_changed.connect(self._throttle.request)
        appearance.changed.connect(self._arrange)

    def text(self) -> str:
        """Return the sentence beside the picture."""
        return self._sentence.text()

    def draw(self, frame: Frame) -> None:
        """Show a frame; each page implements it."""
        raise NotImplementedError

    def set_watching(self, watching: bool) -> None:
        """Start or stop asking the engine for what this page shows."""

    @Slot()
    def _arrange(self) -> None:
        """Stand the texts beside the picture, or around it where the place is narrow.

        Beside it they have a quarter, their preferred width, or what the picture leaves.
        """
        scale = appearance.layout_scale
        narrow = self.width() < NARROW * scale
        if narrow != self._is_narrow:
            self._is_narrow = narrow
            self._place(narrow=narrow)
        if narrow:
            width = max(self.width() - 4 * SPACE, 0)
        else:
            preferred = max(self.width() // 4, round(self._text_width * scale))
            available = self.width() - self._picture.sizeHint().width() - 4 * SPACE - GAP
            most = round(MAX_TEXT_WIDTH * scale)
            width = min(max(min(preferred, available), MIN_TEXT_WIDTH), most)
        for texts in (self._parts, self._sentence):
            texts.setMaximumWidth(width)
            texts.setMinimumWidth(0 if narrow else width)

    def _place(self, *, narrow: bool) -> None:
        grid, top = self._grid, Qt.AlignmentFlag.AlignTop
        if narrow:
            grid.addWidget(self._parts, 0, 0)
            grid.addWidget(self._picture, 2, 0)
            grid.addWidget(self._sentence, 1 if self.sentence_is_first else 3, 0)
        else:
            grid.addWidget(self._picture, 0, 0, 3, 1)
            grid.addWidget(self._parts, 0, 1)
            grid.addWidget(self._sentence, 1, 1, top)
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(0 if narrow else GAP)
        for row, stretch in enumerate((0, 0, 1, 0)):
            grid.setRowStretch(row, stretch)

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
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the texts to the new width."""
        super().resizeEvent(event)
        self._arrange()

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
