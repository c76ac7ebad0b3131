"""Copying: what a widget offers to the clipboard, and in its context menu.

A widget that has something to copy has a method `copies`, one that can do something has
`menu_rows`. The window makes the context menu of both; Ctrl+C copies the first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from gui.theme import appearance

COPY_ROW, COPY_TABLE, COPY_PICTURE = "Copy the row", "Copy the table", "Copy the picture"
LARGE_PICTURE, MAX_FACTOR = 1600, 4
"""Pixels of the longer side of a picture; how much larger than on the screen it is at most."""
ROW_GAP = 4
"""Pixels between two rows that count to the upper one."""
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Copy:
    """One thing that can be copied."""

    text: str
    """In menus: “Copy the value”."""
    take: Callable[[], str | QImage]
    """Returns it, as it is now: text, of a table with tabs; or a picture."""

    def put_on_clipboard(self) -> None:
        """Copy it."""
        taken, clipboard = self.take(), QGuiApplication.clipboard()
        if isinstance(taken, str):
            clipboard.setText(taken)
        else:
            clipboard.setImage(taken)


@dataclass(frozen=True, slots=True)
class MenuRow:
    """One thing that a widget can do, in its context menu."""

    text: str
    do: Callable[[], object]
    hint: str = ""
    """At the right: its key, or what the mouse does for it."""
    reason: str = ""
    """Why it cannot be done now; empty: it can."""
    checked: bool | None = None
    """Whether it is on; None: it is nothing that can be on."""


@runtime_checkable
class CanCopy(Protocol):
    """A widget with something to copy."""

    def copies(self, at: QPoint | None) -> tuple[Copy, ...]:
        """Return what can be copied, the most likely first.

        Args: at: the point meant; None: the part that the keyboard is on.
        """


@runtime_checkable
class HasMenu(Protocol):
    """A widget that can do something; an action of the table is named by its name."""

    def menu_rows(self, at: QPoint | None) -> tuple[MenuRow | str, ...]:
        """Return what it can do. Args: at: the point meant; None: where the keyboard is."""


def sharp_factor(widget: QWidget) -> int:
    """Return how many pixels a picture for a slide has for one of the screen."""
    longer = max(widget.width(), widget.height(), 1)
    return min(max(math.ceil(LARGE_PICTURE / longer), 2), MAX_FACTOR)


def picture_of(widget: QWidget, factor: float | None = None) -> QImage:
    """Return what a widget shows. Args: factor: None: that of `sharp_factor`."""
    factor = factor or sharp_factor(widget)
    picture = QImage(widget.size() * factor, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(factor)
    picture.fill(appearance.theme.page)
    QWidget.render(widget, picture)  # a plot has a `render` of its own
    picture.setDevicePixelRatio(1.0)
    return picture


def table_text(rows: Iterable[Sequence[str]]) -> str:
    r"""Return rows as lines with tabs between the cells, as a spreadsheet takes them.

    >>> table_text([("strategy", "target,\n%"), ("LoRA", "83.5")])
    'strategy\ttarget, %\nLoRA\t83.5'
    """
    return "\n".join("\t".join(_SPACES.sub(" ", cell).strip() for cell in row) for row in rows)


def in_row(parts: Iterable[QWidget], at: QPoint | None) -> bool:
    """Return whether a point is in a row of widgets, or the keyboard is in one of them.

    Args: parts: of one parent.  at: in that; None: ask for the keyboard.
    """
    if at is None:
        return any(_has_keyboard(part) for part in parts)
    seen = [part.geometry() for part in parts if part.isVisible()]
    tops, bottoms = (place.top() for place in seen), (place.bottom() for place in seen)
    return min(tops, default=0) - ROW_GAP <= at.y() <= max(bottoms, default=-ROW_GAP) + ROW_GAP


def _has_keyboard(widget: QWidget) -> bool:
    focused = widget.window().focusWidget()
    return focused is not None and (widget is focused or widget.isAncestorOf(focused))


def table_copies(
    headings: Sequence[str], rows: Sequence[Sequence[str]], row: int | None
) -> tuple[Copy, ...]:
    """Return a table's copies. Args: row: number of the one that is meant; None: none is."""
    whole = Copy(COPY_TABLE, partial(table_text, (headings, *rows)))
    if row is None:
        return (whole,)
    return Copy(COPY_ROW, partial(table_text, (rows[row],))), whole
