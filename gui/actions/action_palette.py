"""Action palette: finds an action, a lesson, a strategy or a task by a few letters of its name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from gui.theme import SPACE, appearance
from gui.widgets.box import vbox
from gui.widgets.label import RIGHT

WIDTH, ROWS = 520, 12
"""Pixels at the ordinary text size; rows that are seen at once."""
LIST_KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
"""Keys that the list gets although somebody is typing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One thing to find."""

    what: tuple[str, str]
    """(kind, name), handed back when it is chosen."""
    text: str
    keys: tuple[str, ...] = ()
    reason: str = ""
    """Why it cannot be chosen now."""


def find_entries(entries: Iterable[Entry], typed: str) -> list[Entry]:
    """Return the entries that have every word typed, those that begin with it first."""
    words = typed.casefold().split()
    found = [entry for entry in entries if all(w in entry.text.casefold() for w in words)]
    return sorted(found, key=lambda entry: _rank(entry.text.casefold(), words))


def _rank(text: str, words: list[str]) -> int:
    if not words or text.startswith(words[0]):
        return 0
    return 1 if f" {words[0]}" in text else 2


class ActionPalette(QDialog):
    """A field and what fits what is typed into it."""

    chosen = Signal(object)
    """`what` of the entry that was chosen."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._entries: list[Entry] = []
        self._found: list[Entry] = []
        self.setObjectName("palette")
        self.setWindowTitle("Find an action")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setProperty("role", "floating")
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find an action, a lesson, a strategy or a task")
        self._field.setAccessibleName("Find an action")
        self._field.installEventFilter(self)
        self._list = QTreeWidget()
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setColumnCount(2)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setProperty("role", "table")
        margins = (SPACE, SPACE, SPACE, SPACE)
        vbox(self._field, (self._list, 1), on=self, spacing=SPACE, margins=margins)
        self._field.textChanged.connect(self._show_found)
        self._list.itemClicked.connect(self._on_list_item_clicked)

    def ask(self, entries: list[Entry]) -> None:
        """Open it. Args: entries: to choose from."""
        self._entries = entries
        self._field.clear()
        self._show_found()
        scale, window = appearance.layout_scale, self._window
        row = max(self._list.sizeHintForRow(0), 1)
        height = self._field.sizeHint().height() + ROWS * row + 4 * SPACE
        self.resize(min(round(WIDTH * scale), window.width()), min(height, window.height()))
        left = (window.width() - self.width()) // 2
        self.move(window.mapToGlobal(window.rect().topLeft()))
        self.move(self.x() + left, self.y() + window.height() // 8)
        self.show()
        self.activateWindow()
        self._field.setFocus()

    @Slot()
    def _show_found(self) -> None:
        self._found = find_entries(self._entries, self._field.text())
        self._list.clear()
        for entry in self._found:
            item = QTreeWidgetItem([entry.text, entry.reason or " ".join(entry.keys)])
            item.setTextAlignment(1, RIGHT)
            item.setDisabled(bool(entry.reason))
            self._list.addTopLevelItem(item)
        self._list.setColumnWidth(0, round(0.6 * WIDTH * appearance.layout_scale))
        self._list.setCurrentIndex(self._list.model().index(0, 0))

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        """Qt's hook: arrows move in the list, Enter chooses, while the field has the keyboard."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(field, event)
        if event.key() in LIST_KEYS:
            self._list.keyPressEvent(event)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._list.currentIndex().row())
            return True
        return super().eventFilter(field, event)

    @Slot(QTreeWidgetItem)
    def _on_list_item_clicked(self, item: QTreeWidgetItem) -> None:
        self._choose(self._list.indexOfTopLevelItem(item))

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._found) and not self._found[row].reason:
            self.accept()
            self.chosen.emit(self._found[row].what)
