"""The line under W: that it is a random start, and the visible part of a large layer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QToolButton, QWidget

from gui.matrices.viewport import Viewport
from gui.text.layers import RANDOM_START
from gui.theme import SMALL, SPACE, font
from gui.widgets.label import Label

SHOW_ALL = "show all"
SHOW_ALL_TOOLTIP = "Back to the whole layer (0 or Escape)"
ZOOM_HINT = "Turn the wheel to look closer, drag to move, click twice to see single cells"


class ViewCaption(QWidget):
    """Visible rows and columns, cells to a pixel, and a button back to the whole layer."""

    overview_requested = Signal()

    def __init__(self, subject: str, parent: QWidget) -> None:
        """Show nothing yet.

        Args: subject: title of the layer, for screen readers.  parent: of the widget.
        """
        super().__init__(parent)
        self._viewport: Viewport | None = None
        self._random_start = False
        self._words = Label("", self, scale=SMALL, colour="muted")
        self._button = QToolButton(self)
        self._button.setText(SHOW_ALL)
        self._button.setToolTip(SHOW_ALL_TOOLTIP)
        self._button.setAccessibleName(f"{SHOW_ALL} of {subject}")
        self._button.setProperty("role", "caption")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.overview_requested)
        self._button.hide()

    def show_viewport(self, viewport: Viewport | None, *, random_start: bool = False) -> None:
        """Describe the visible part; None: the layer is small."""
        if (viewport, random_start) != (self._viewport, self._random_start):
            self._viewport, self._random_start = viewport, random_start
            self._update_text()

    def text(self) -> str:
        """Return the text, shortened as needed."""
        return self._words.text()

    def arrange(self, x: int, y: int, width: int, height: int) -> None:
        """Set the geometry; a text that does not fit is shortened."""
        self.setGeometry(x, y, width, height)
        self._update_text()

    def _update_text(self) -> None:
        viewport = self._viewport
        self._button.setFont(font(SMALL))
        zoomed = viewport is not None and not viewport.whole
        self._button.setVisible(zoomed)
        size = self._button.sizeHint()
        available = self.width() - (size.width() + SPACE if zoomed else 0)
        start = RANDOM_START if self._random_start else ""
        visible = "" if viewport is None else viewport.description()
        full = " · ".join(filter(None, (start, visible)))
        shorter = (
            [visible]
            if viewport is None or not zoomed
            else [visible, viewport.range_text(), viewport.short_range_text()]
        )
        fitting = (words for words in (full, *shorter) if self._words.advance(words) <= available)
        metrics = QFontMetrics(self._words.font())
        elided = metrics.elidedText(shorter[-1], Qt.TextElideMode.ElideRight, available)
        self._words.show_text(next(fitting, elided))
        self._words.setToolTip("" if viewport is None else f"{full}\n{ZOOM_HINT}".strip())
        self._words.move(0, (self.height() - self._words.height()) // 2)
        self._button.setGeometry(self._words.width() + SPACE // 2, 0, size.width(), self.height())
