"""List of lessons: the program's, the user's own, and files with mistakes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTreeWidget, QTreeWidgetItem

from gui.lessons.card.type import card_font
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Lesson
from gui.lessons.library import LessonLibrary
from gui.lessons.toml_reader import LessonError
from gui.theme import SECONDARY, SMALL, SPACE, appearance, icon
from gui.widgets.label import RIGHT

NUMBER, TITLE, STATUS = range(3)
"""Columns."""
DONE, BEGUN = "✓", "…"
HEADING = "Your own lessons"
KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
                  Qt.Key.Key_Return, Qt.Key.Key_Enter})  # fmt: skip
ROW_PADDING = 9
"""Height of a row minus that of its text, in logical pixels."""
Entry = Lesson | LessonError | None
"""A lesson, the mistake in a file that is none, or the heading above the user's own."""


class LessonList(QTreeWidget):
    """List widget of all lessons; a click or Enter opens one."""

    opened = Signal(object)
    """Emitted with the Lesson or LessonError that was clicked or confirmed."""

    def __init__(self, controller: LessonController, library: LessonLibrary) -> None:
        super().__init__()
        self._controller, self._library = controller, library
        self.entries: list[Entry] = []
        """What the rows show."""
        self.setAccessibleName("Lessons")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setColumnCount(3)
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setAllColumnsShowFocus(True)
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(0)
        self.header().setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        self.itemClicked.connect(self._on_self_item_chosen)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @Slot()
    def refresh(self) -> None:
        """Show the present lessons and their status."""
        library = self._library
        broken = [error for error in library.errors if error.file.parent != library.folder]
        own_broken = [error for error in library.errors if error.file.parent == library.folder]
        wanted: list[Entry] = [*library.lessons, *broken]
        if library.own or own_broken:
            wanted += [None, *library.own, *own_broken]
        if wanted != self.entries:
            self._rebuild(wanted)
        for row, entry in enumerate(self.entries):
            item = self.topLevelItem(row)
            if isinstance(entry, Lesson) and item is not None:
                self._show_status(item, entry)

    def _show_status(self, item: QTreeWidgetItem, lesson: Lesson) -> None:
        theme, seen = appearance.theme, self._controller.answers.seen(lesson.key)
        sign, word, colour = "", "", theme.muted
        if len(lesson.cards) - 1 in seen:
            sign, word, colour = DONE, ", done", theme.good
        elif seen:
            sign, word = BEGUN, ", begun"
        item.setText(STATUS, sign)
        item.setForeground(STATUS, QColor(colour))
        said = f"{lesson.number} {lesson.title}{word}"
        item.setData(TITLE, Qt.ItemDataRole.AccessibleTextRole, said)

    def _rebuild(self, entries: list[Entry]) -> None:
        row = self.currentIndex().row()
        self.entries = entries
        self.clear()
        for entry in entries:
            item = self._new_item(entry)
            self.addTopLevelItem(item)
            item.setFirstColumnSpanned(entry is None)
        self.setCurrentIndex(self.model().index(min(row, len(entries) - 1), 0))

    def _new_item(self, entry: Entry) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        height = QFontMetrics(card_font(SECONDARY)).height() + ROW_PADDING
        item.setSizeHint(NUMBER, QSize(0, height))
        item.setForeground(NUMBER, QColor(appearance.theme.muted))
        for column in (NUMBER, TITLE, STATUS):
            item.setFont(column, card_font(SECONDARY))
        match entry:
            case Lesson():
                item.setText(NUMBER, str(entry.number))
                item.setText(TITLE, entry.title)
                item.setTextAlignment(NUMBER, RIGHT)
                item.setTextAlignment(STATUS, RIGHT)
            case LessonError():
                item.setIcon(NUMBER, icon("triangle-alert"))
                item.setText(TITLE, entry.file.name)
                item.setToolTip(TITLE, str(entry))
            case None:
                item.setText(NUMBER, HEADING)
                item.setFont(NUMBER, card_font(SMALL, bold=True))
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        return item

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the highlighted lesson on Enter; leave letters to the window."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.currentItem()
            if item is not None:
                self._on_self_item_chosen(item)
        elif event.key() in KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()

    @Slot(QTreeWidgetItem)
    def _on_self_item_chosen(self, item: QTreeWidgetItem) -> None:
        entry = self.entries[self.indexOfTopLevelItem(item)]
        if entry is not None:
            self.opened.emit(entry)

    @Slot()
    def _on_appearance_changed(self) -> None:
        theme = appearance.theme
        self.setStyleSheet(f"""
            QTreeView {{ background: transparent; outline: none; border: none;
                show-decoration-selected: 1; }}
            QTreeView::item {{ border: 1px solid transparent; }}
            QTreeView::item:hover {{ background: {theme.hover}; }}
            QTreeView::item:selected {{ background: {theme.accent_soft}; color: {theme.text}; }}
        """)
        metrics = QFontMetrics(card_font(SECONDARY))
        self.setColumnWidth(NUMBER, metrics.horizontalAdvance("00") + SPACE * 3 // 2)
        self.setColumnWidth(STATUS, metrics.horizontalAdvance(DONE) + SPACE)
        self.entries = []  # its items have fonts and colours of their own
        self.refresh()
