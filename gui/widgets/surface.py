"""Surfaces: a hairline, a side panel, a scroll area."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def rule(*, vertical: bool = False) -> QFrame:
    """Return a hairline between two parts."""
    line = QFrame()
    line.setProperty("role", "rule")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def side_panel() -> QWidget:
    """Return a column beside the page, in the colour of the bars."""
    panel = QWidget()
    panel.setProperty("role", "panel")
    return panel


def scroll_area(content: QWidget) -> QScrollArea:
    """Return a frameless scroll area that scrolls vertically only. Args: content: its widget."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    for surface in (area.viewport(), content):
        surface.setAutoFillBackground(False)
    return area
