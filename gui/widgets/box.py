"""Box layouts, written as the list of what stands in them."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Item = QWidget | QLayout
Part = Item | int | tuple[Item, int] | tuple[QWidget, int, Qt.AlignmentFlag]
"""A widget or a layout, with stretch and alignment if it has any; a number: a stretch alone."""
Margins = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels."""
Box = TypeVar("Box", bound=QBoxLayout)
NO_LIMIT = 16_777_215
"""Greatest width and height of a widget in Qt: as good as none."""


def hbox(
    *parts: Part, on: QWidget | None = None, spacing: int = 0, margins: Margins = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Return a row of parts. Args: on: the widget that it lays out; None: part of a layout."""
    return _filled(QHBoxLayout() if on is None else QHBoxLayout(on), parts, spacing, margins)


def vbox(
    *parts: Part, on: QWidget | None = None, spacing: int = 0, margins: Margins = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Return a column of parts. Args: on: the widget that it lays out; None: part of a layout."""
    return _filled(QVBoxLayout() if on is None else QVBoxLayout(on), parts, spacing, margins)


def stand_in(box: QBoxLayout, width: int, needed: int) -> None:
    """Make a box a row where there is room for one, else a column.

    Args: width: that there is.  needed: for a row; both in pixels.
    """
    row, column = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
    box.setDirection(row if needed <= width else column)


def retain_size_when_hidden(*widgets: QWidget) -> None:
    """Keep the places of widgets in their layouts while they are hidden, so that nothing moves."""
    for widget in widgets:
        policy = widget.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)


def _filled(box: Box, parts: tuple[Part, ...], spacing: int, margins: Margins) -> Box:
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for part in parts:
        match part:
            case int():
                box.addStretch(part)
            case QLayout():
                box.addLayout(part)
            case QWidget():
                box.addWidget(part)
            case (QLayout() as layout, stretch):
                box.addLayout(layout, stretch)
            case (QWidget() as widget, stretch):
                box.addWidget(widget, stretch)
            case (QWidget() as widget, stretch, alignment):
                box.addWidget(widget, stretch, alignment)
    return box
