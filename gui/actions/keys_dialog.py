"""Keys dialog: the list of keys, made of the table of actions."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QPushButton, QWidget

from gui.actions.table import MENUS
from gui.theme import SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.label import RIGHT, Label
from gui.widgets.surface import SCROLL_BAR_WIDTH, ScrollArea

PARTS = {
    "In a lesson": (
        ("1 … 9", "without one: open a lesson; in it: choose an answer, as a b c … do"),
        ("Enter", "the blue button"),
        ("1 … 6", "presenting: count a vote for an option; Backspace undoes the last one"),
        ("Page ↓  ↑", "presenting: the clicker’s keys: run, answer, rest of the card, next; back"),
        ("L", "presenting: the list of lessons; a number or ↑ ↓, then Enter"),
        ("Escape", "presenting: leave"),
    ),
    "In a step": (
        ("→  ←", "next phase, previous phase"),
        ("Space  ↑  ↓", "slow motion, and its speed"),
    ),
    "On a matrix": (
        ("↑ ↓ → ←", "from cell to cell; Enter pins one, Escape lets it go"),
        ("double click", "its layer alone; on a large one: single cells"),
        ("+  −  0", "on a large one: zoom in, zoom out, show all"),
    ),
    "On the network’s sample": (("Enter  Delete", "draw, erase; arrows go to other pixels"),),
    "On a branch’s name": (("F2  Delete", "rename it, delete it"),),
    "In the window": (
        ("Tab", "to the next control or matrix; arrows move within a bar, a slider or a matrix"),
        ("F6  Shift+F6", "to the next or the previous part"),
        ("Escape", "unpin a cell; then leave a step or a page"),
    ),
}
"""Part of the window -> (keys that only it has, what they do)."""
COLUMN_BREAK = "Run"
"""The menu with which the second column begins."""
WIDTH = 1080
"""Pixels of the dialog at the ordinary text size, where the window is as wide."""


class KeysDialog(QDialog):
    """Lists each key with what it does, in two columns that scroll."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setObjectName("keysDialog")
        sections = {
            title: [
                ("  ".join(action.shown_keys), action.hint)
                for group in groups
                for action in group
                if action.keys
            ]
            for title, groups in MENUS.items()
        } | {title: list(rows) for title, rows in PARTS.items()}
        titles = [title for title, rows in sections.items() if rows]
        middle = titles.index(COLUMN_BREAK)
        columns = [
            _column((title, sections[title]) for title in some)
            for some in (titles[:middle], titles[middle:])
        ]
        content = QWidget()
        top = Qt.AlignmentFlag.AlignTop
        hbox(*((column, 1, top) for column in columns), on=content, spacing=4 * SPACE)
        self._content, area = content, ScrollArea(content, keeps_place=True)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        margins = (3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        right = Qt.AlignmentFlag.AlignRight
        vbox((area, 1), (close, 0, right), on=self, spacing=2 * SPACE, margins=margins)

    def sizeHint(self) -> QSize:
        """Qt's hook: as large as the keys, as far as the window allows it."""
        window, content = self.parentWidget(), self._content
        width = round(WIDTH * appearance.layout_scale)
        height = content.heightForWidth(width - SCROLL_BAR_WIDTH - 6 * SPACE) + 12 * SPACE
        size = QSize(width, height)
        return size if window is None else size.boundedTo(window.size() * 0.9)


def _column(sections: Iterable[tuple[str, list[tuple[str, str]]]]) -> QWidget:
    column, form = QWidget(), QFormLayout()
    form.setLabelAlignment(RIGHT | Qt.AlignmentFlag.AlignTop)
    form.setHorizontalSpacing(2 * SPACE)
    form.setVerticalSpacing(SPACE // 2)
    for title, rows in sections:
        form.addRow(Label(title, colour="muted"))
        for key, meaning in rows:
            form.addRow(Label(key, bold=True), Label(meaning, wrap=True))
    vbox(form, on=column)
    return column
