"""The line under a W: that it is a random start, and what of a large layer is seen."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QToolButton, QWidget

from gui.matrices.viewport import Viewport
from gui.stage.text import SMALL, PlainLabel
from gui.text.layers import RANDOM_START
from gui.theme import SPACE, font

WHOLE = "show all"
WHOLE_TIP = "Back to the whole layer (0 or Escape)"
HINT = "Turn the wheel to look closer, drag to move, click twice to see single cells"


class ViewCaption(QWidget):
    """Rows and columns, cells to a pixel, and a button that leads back to the overview."""

    overview_requested = Signal()

    def __init__(self, subject: str, parent: QWidget) -> None:
        """Args: subject: of which layer, for screen readers."""
        super().__init__(parent)
        self._viewport: Viewport | None = None
        self._random_start = False
        self._words = PlainLabel("", self, scale=SMALL, role="muted")
        self._button = QToolButton(self)
        self._button.setText(WHOLE)
        self._button.setToolTip(WHOLE_TIP)
        self._button.setAccessibleName(f"{WHOLE} of {subject}")
        self._button.setStyleSheet("QToolButton { min-height: 0px; padding: 0px 4px; }")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.overview_requested)
        self._button.hide()
        self.restyle()

    def say(self, viewport: Viewport | None, *, random_start: bool = False) -> None:
        """Show what is seen through the viewport; None: there is none."""
        if (viewport, random_start) != (self._viewport, self._random_start):
            self._viewport, self._random_start = viewport, random_start
            self._write()

    def text(self) -> str:
        """The words, as short as they had to be."""
        return self._words.text()

    def arrange(self, x: int, y: int, width: int, height: int) -> None:
        """Stand there; what does not fit is said shorter."""
        if self.geometry() != QRect(x, y, width, height):
            self.setGeometry(x, y, width, height)
            self._write()

    def restyle(self) -> None:
        """Take the theme and the text size in force."""
        self._words.restyle()
        self._button.setFont(font(SMALL))
        self._write()

    def _write(self) -> None:
        viewport = self._viewport
        zoomed = viewport is not None and not viewport.whole
        self._button.setVisible(zoomed)
        size = self._button.sizeHint()
        room = self.width() - (size.width() + SPACE if zoomed else 0)
        start = RANDOM_START if self._random_start else ""
        seen = "" if viewport is None else viewport.description()
        full = " · ".join(filter(None, (start, seen)))
        shorter = (
            [seen]
            if viewport is None or not zoomed
            else [seen, viewport.range_text(), viewport.short_range_text()]
        )
        fitting = (words for words in (full, *shorter) if self._words.advance(words) <= room)
        metrics = QFontMetrics(self._words.font())
        elided = metrics.elidedText(shorter[-1], Qt.TextElideMode.ElideRight, room)
        self._words.say(next(fitting, elided))
        self._words.setToolTip("" if viewport is None else f"{full}\n{HINT}".strip())
        self._words.move(0, (self.height() - self._words.height()) // 2)
        self._button.setGeometry(self._words.width() + SPACE // 2, 0, size.width(), self.height())
