"""Keys dialog: the list of keys, made of the table of actions."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFormLayout, QWidget

from gui.actions.table import MENUS
from gui.theme import SPACE, appearance
from gui.widgets.box import hbox, stand_in, vbox
from gui.widgets.dialog import Dialog
from gui.widgets.label import RIGHT, Label

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
WIDTH, TWO_COLUMNS_WIDTH = 1080, 680
"""Pixels at the ordinary text size: of the dialog, and from which on it has two columns."""


class KeysDialog(Dialog):
    """Lists each key with what it does, in two columns or one, that scroll."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Keys", "keysDialog", WIDTH)
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
        self._columns = hbox(
            *((column, 1, top) for column in columns), on=content, spacing=4 * SPACE
        )
        self.lay_out(content)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook: the columns stand below each other where they have no room."""
        super().resizeEvent(event)
        stand_in(self._columns, self.width(), round(TWO_COLUMNS_WIDTH * appearance.layout_scale))


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
