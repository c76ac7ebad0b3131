"""Plain pieces of the page: a hairline, a column at the side."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget


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
