"""Splitter whose dividers are hairlines that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from gui.theme import appearance

HANDLE_WIDTH = 7
"""Pixels in which a divider can be caught; its line is one pixel wide."""


class Splitter(QSplitter):
    """Splitter in the theme's colours."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setHandleWidth(HANDLE_WIDTH)

    def createHandle(self) -> QSplitterHandle:
        """Qt's hook: the divider."""
        return _Handle(self.orientation(), self)


class _Handle(QSplitterHandle):
    """A hairline, thicker under the pointer."""

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = appearance.theme, QPainter(self), self.rect()
        painter.fillRect(area, QColor(theme.panel))
        thick = 1 if self.underMouse() else 0
        colour = QColor(theme.accent if self.underMouse() else theme.rule)
        if self.orientation() == Qt.Orientation.Horizontal:
            x = area.center().x()
            area.setLeft(x - thick)
            area.setRight(x + thick)
        else:
            y = area.center().y()
            area.setTop(y - thick)
            area.setBottom(y + thick)
        painter.fillRect(area, colour)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)
