"""Surfaces: a hairline, a scroll area."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

SCROLL_BAR_WIDTH = 10
"""Of a vertical scroll bar, in pixels, as in the style sheet."""


def rule(*, vertical: bool = False) -> QFrame:
    """Return a hairline between two parts."""
    line = QFrame()
    line.setProperty("role", "rule")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


class ScrollArea(QScrollArea):
    """Frameless scroll area, as wide as it may be, through which the page shows.

    Args: content: its widget.  horizontal: whether it scrolls sideways as well.  keeps_place:
    whether the vertical bar's place stays free, so that nothing moves when there is one.
    """

    def __init__(
        self, content: QWidget, *, horizontal: bool = False, keeps_place: bool = False
    ) -> None:
        super().__init__()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        if not horizontal:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if keeps_place:  # the style sheet shows no handle where nothing scrolls
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for surface in (self.viewport(), content):
            surface.setAutoFillBackground(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: a key that scrolls nothing is left to the parts around it."""
        bars = self.verticalScrollBar(), self.horizontalScrollBar()
        before = [bar.value() for bar in bars]
        super().keyPressEvent(event)
        if [bar.value() for bar in bars] == before:
            event.ignore()
