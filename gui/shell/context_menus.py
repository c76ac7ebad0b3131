"""Context menus and copying: what is pointed at, or has the keyboard, says what it offers."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QContextMenuEvent, QCursor
from PySide6.QtWidgets import QApplication, QWidget

from gui.actions.actions import Actions
from gui.actions.context_menu import ContextMenu
from gui.actions.table import ACTIONS
from gui.widgets.copying import CanCopy, Copy, HasMenu, MenuRow

NOTHING = "Nothing here to copy: point at a matrix, a chart or a table"
NO_MENU = "Nothing here has a menu: point at a matrix, a chart or a table"
PINNED = "inspector"
"""Name of the card of a pinned cell: from a menu one cannot point at it."""
Place = tuple[QWidget, QPoint | None]
"""A widget, and the point of it that is meant; None: the part that the keyboard is on."""


class ContextMenus(QObject):
    """Opens context menus and copies, in one window."""

    def __init__(self, window: QWidget, table: Actions) -> None:
        super().__init__(window)
        self._window, self._table = window, table

    def open(self, event: QContextMenuEvent) -> None:
        """Open the menu of what an event was meant for, if it has one."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self._open(self._pointed(event.pos()), event.globalPos())
        else:
            self.open_focused()

    def open_focused(self) -> None:
        """Open the menu of what has the keyboard, or else of what the pointer is on."""
        focused = self._focused()
        if focused is not None and self._groups((focused, None)):
            self._open((focused, None), focused.mapToGlobal(focused.rect().center()))
        else:
            self._open(self._under_pointer(), QCursor.pos())

    def why_no_menu(self) -> str:
        """Return why `open_focused` opens nothing; empty: it does."""
        focused = self._focused()
        places = self._under_pointer(), (focused or self._window, None)
        return "" if any(self._groups(place) for place in places) else NO_MENU

    def copy(self) -> None:
        """Copy what is most likely meant."""
        target = self._target()
        if target is not None:
            target[1].put_on_clipboard()

    def why_not_copy(self) -> str:
        """Return why there is nothing to copy; empty: there is."""
        return NOTHING if self._target() is None else ""

    def copy_text(self) -> str:
        """Return what would be copied, in words."""
        target = self._target()
        return ACTIONS["copy"].text if target is None else target[1].text

    # ------------------------------------------------------------ finding

    def _pointed(self, at: QPoint) -> Place:
        """Return the widget at a point of the window. Args: at: in the window."""
        found = self._window.childAt(at) or self._window
        return found, found.mapFrom(self._window, at)

    def _focused(self) -> QWidget | None:
        """Return what has the keyboard in this window, if it is not the window itself."""
        focused = self._window.focusWidget()
        return None if focused is self._window else focused

    def _under_pointer(self) -> Place:
        at = self._window.mapFromGlobal(QCursor.pos())
        inside = self._window.rect().contains(at) and QApplication.activePopupWidget() is None
        return self._pointed(at) if inside else (self._window, None)

    def _target(self) -> tuple[QWidget, Copy] | None:
        """Return who copies, and what: what has the keyboard, or the pointer, or a pinned cell.

        A click gives no matrix and no chart the keyboard: that belongs to the run.
        """
        pinned = self._window.findChild(QWidget, PINNED)
        places: list[Place] = [(self._focused() or self._window, None), self._under_pointer()]
        places += [(pinned, None)] if pinned is not None and pinned.isVisible() else []
        for place in places:
            for widget, at in self._chain(place):
                if isinstance(widget, CanCopy) and (offered := widget.copies(at)):
                    return widget, offered[0]
        return None

    def _chain(self, place: Place) -> Iterator[Place]:
        """Yield the widget and all around it, up to the window."""
        widget: QWidget | None
        widget, at = place
        while widget is not None and widget is not self._window:
            yield widget, at
            if at is not None:
                at = widget.mapToParent(at)
            widget = widget.parentWidget()

    def _groups(self, place: Place) -> list[list[MenuRow | str]]:
        """Return the rows of a menu: of the widget, then of those around it."""
        groups: list[list[MenuRow | str]] = []
        target = self._target()
        for widget, at in self._chain(place):
            copies = widget.copies(at) if isinstance(widget, CanCopy) else ()
            by_key = target is not None and target[0] is widget
            keys = ACTIONS["copy"].shown_keys[0] if by_key else ""
            rows = [
                MenuRow(copy.text, copy.put_on_clipboard, "" if number else keys)
                for number, copy in enumerate(copies)
            ]
            own: tuple[MenuRow | str, ...] = ()
            if isinstance(widget, HasMenu):
                own = widget.menu_rows(at)
            doing = [row for row in own if not isinstance(row, str)]
            of_table = [row for row in own if isinstance(row, str)]
            groups += filter(None, ([*doing], [*rows, *of_table]))
        return groups

    def _open(self, place: Place, at: QPoint) -> None:
        groups = self._groups(place)
        if groups:
            ContextMenu(self._table, groups, self._window).popup(at)
