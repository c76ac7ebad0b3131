"""List of lessons: the program's, the user's own, and files with mistakes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
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
        self._entries: list[Entry] = []
        self._items: list[QTreeWidgetItem] = []
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

    def entry(self, row: int) -> Entry:
        """Return the lesson or error of a row; None: the heading."""
        return self._entries[row]

    @Slot()
    def refresh(self) -> None:
        """Show the present lessons and their status."""
        library = self._library
        broken = [error for error in library.errors if error.file.parent != library.folder]
        own_broken = [error for error in library.errors if error.file.parent == library.folder]
        wanted: list[Entry] = [*library.lessons, *broken]
        if library.own or own_broken:
            wanted += [None, *library.own, *own_broken]
        if wanted != self._entries:
            self._rebuild(wanted)
        for item, entry in zip(self._items, self._entries, strict=True):
            if isinstance(entry, Lesson):
                self._show_status(item, entry)

    def _show_status(self, item: QTreeWidgetItem, lesson: Lesson) -> None:
        begun = self._controller.answers.seen(lesson.key)
        done = len(lesson.cards) - 1 in begun
        item.setText(STATUS, DONE if done else BEGUN if begun else "")
        item.setForeground(
            STATUS, QColor(appearance.theme.good if done else appearance.theme.muted)
        )
        said = ", done" if done else ", begun" if begun else ""
        item.setData(
            TITLE, Qt.ItemDataRole.AccessibleTextRole, f"{lesson.number} {lesson.title}{said}"
        )

    def _rebuild(self, entries: list[Entry]) -> None:
        row = self.currentIndex().row()
        self._entries = entries
        self.clear()
        self._items = [self._new_item(entry) for entry in entries]
        self.addTopLevelItems(self._items)
        for item, entry in zip(self._items, entries, strict=True):
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

    def event(self, event: QEvent) -> bool:
        """Keep the keys that a list needs from the window's shortcuts while focused."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in KEYS:
                event.accept()
                return True
        return super().event(event)

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
        entry = self._entries[self.indexOfTopLevelItem(item)]
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
        self._entries = []  # its items have fonts and colours of their own
        self.refresh()
