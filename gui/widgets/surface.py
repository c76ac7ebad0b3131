"""Plain pieces of the page: a hairline, a column at the side, room that scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def rule(*, vertical: bool = False) -> QFrame:
    """A hairline between two parts."""
    line = QFrame()
    line.setProperty("role", "rule")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def side_panel() -> QWidget:
    """A column beside the page, in the colour of the bars."""
    panel = QWidget()
    panel.setProperty("role", "panel")
    return panel


def scroll_area(content: QWidget) -> QScrollArea:
    """A room for what may be higher than it; it is as wide as its content."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    for surface in (area.viewport(), content):
        surface.setAutoFillBackground(False)
    return area
