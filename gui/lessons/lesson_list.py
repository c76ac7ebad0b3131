"""List of lessons: the program's by level, the user's own, and files with mistakes."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from gui.lessons.card.type import card_font
from gui.lessons.controller import LessonController
from gui.lessons.lesson import LEVELS, Lesson
from gui.lessons.library import LessonLibrary
from gui.lessons.toml_reader import LessonError
from gui.theme import SECONDARY, SMALL, SPACE, TINY, appearance, icon
from gui.widgets.label import RIGHT

NUMBER, TITLE, STATUS = range(3)
"""Columns."""
GOAL = Qt.ItemDataRole.UserRole
"""Role of the line below a title."""
DONE, BEGUN = "✓", "…"
HEADING = "Your own lessons"
KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
                  Qt.Key.Key_Return, Qt.Key.Key_Enter})  # fmt: skip
PADDING = 5
"""Space above and below the text of a row, in logical pixels."""
WRAPPED = int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
Entry = Lesson | LessonError | str
"""A lesson, the mistake in a file that is none, or a heading."""


class LessonDelegate(QStyledItemDelegate):
    """Draws a row's texts from its top on, wrapped: a title, and its goal below it."""

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size that the texts need at the column's width."""
        self.initStyleOption(option, index)
        width = max(self._tree.columnWidth(index.column()), 1)
        if self._tree.isFirstColumnSpanned(index.row(), index.parent()):
            width = max(self._tree.viewport().width(), 1)
        title, goal = self._places(option, index, QRect(0, 0, width, 10_000))
        return QSize(0, (goal or title).bottom() + PADDING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        """Draw the row's background, and its texts on it."""
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        tree, theme = self._tree, appearance.theme
        tree.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, tree)
        option.text = text
        title, goal = self._places(option, index, option.rect)
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        alignment = int(index.data(Qt.ItemDataRole.TextAlignmentRole) or 0) & int(RIGHT)
        painter.setFont(option.font)
        painter.setPen(QColor(theme.text) if colour is None else colour.color())
        painter.drawText(title, WRAPPED | alignment, text)
        if goal is not None:
            painter.setFont(card_font(TINY))
            painter.setPen(QColor(theme.muted))
            painter.drawText(goal, WRAPPED, index.data(GOAL))

    def _places(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, rect: QRect
    ) -> tuple[QRect, QRect | None]:
        """Return where title and goal stand within a row; the goal's is None if it has none."""
        if index.column() == NUMBER and not index.data(Qt.ItemDataRole.TextAlignmentRole):
            rect = rect.adjusted(SPACE, 0, 0, 0)  # a heading stands in line with the title above
        width = rect.width() - SPACE // 2
        height = _text_height(option.font, width, option.text)
        title = QRect(rect.left(), rect.top() + PADDING, width, height)
        goal = index.data(GOAL)
        if not goal:
            return title, None
        below = _text_height(card_font(TINY), width, goal)
        return title, QRect(rect.left(), title.bottom() + 1, width, below)


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
        self.setVerticalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.setColumnCount(3)
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setAllColumnsShowFocus(True)
        self.setItemDelegate(LessonDelegate(self))
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(0)
        self.header().setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        self.header().sectionResized.connect(self._on_header_section_resized)
        self.itemClicked.connect(self._on_self_item_chosen)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def current_lesson(self) -> Lesson | None:
        """Return the lesson that is marked; None: none is."""
        row = self.currentIndex().row()
        entry = self.entries[row] if 0 <= row < len(self.entries) else None
        return entry if isinstance(entry, Lesson) else None

    @Slot()
    def refresh(self) -> None:
        """Show the present lessons and their status, once the list can be seen."""
        if not self.isVisible():
            return
        wanted = self._wanted_entries()
        if wanted != self.entries:
            self._rebuild(wanted)
        for row, entry in enumerate(self.entries):
            item = self.topLevelItem(row)
            if isinstance(entry, Lesson) and item is not None:
                self._show_status(item, entry)

    def _wanted_entries(self) -> list[Entry]:
        """Return all lessons; a heading stands above the first of each level, and of the user's."""
        library = self._library
        broken = [error for error in library.errors if error.file.parent != library.folder]
        own_broken = [error for error in library.errors if error.file.parent == library.folder]
        wanted: list[Entry] = []
        level = ""
        for lesson in library.lessons:
            if lesson.level and lesson.level != level:
                level = lesson.level
                wanted.append(LEVELS[level])
            wanted.append(lesson)
        wanted += broken
        if library.own or own_broken:
            wanted += [HEADING, *library.own, *own_broken]
        return wanted

    def _show_status(self, item: QTreeWidgetItem, lesson: Lesson) -> None:
        theme, answers = appearance.theme, self._controller.answers
        sign, word, colour = "", "", theme.muted
        if answers.is_done(lesson):
            sign, word, colour = DONE, ", done", theme.good
        elif answers.seen(lesson.key):
            sign, word = BEGUN, ", begun"
        item.setText(STATUS, sign)
        item.setForeground(STATUS, QColor(colour))
        said = f"{lesson.number} {lesson.title}{word}. {_about(lesson)}"
        item.setData(TITLE, Qt.ItemDataRole.AccessibleTextRole, said)

    def _rebuild(self, entries: list[Entry]) -> None:
        row = self.currentIndex().row()
        self.entries = entries
        self.clear()
        items = [self._new_item(entry) for entry in entries]
        self.addTopLevelItems(items)
        for entry, item in zip(entries, items, strict=True):
            if isinstance(entry, str):
                item.setFirstColumnSpanned(True)  # the first one lays all items out …
        self.scheduleDelayedItemsLayout()  # … with the other headings in a narrow column still
        self.setCurrentIndex(self.model().index(min(row, len(entries) - 1), 0))

    def _new_item(self, entry: Entry) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setForeground(NUMBER, QColor(appearance.theme.muted))
        for column in (NUMBER, TITLE, STATUS):
            item.setFont(column, card_font(SECONDARY))
        match entry:
            case Lesson():
                item.setText(NUMBER, str(entry.number))
                item.setText(TITLE, entry.title)
                item.setData(TITLE, GOAL, _about(entry))
                item.setTextAlignment(NUMBER, RIGHT)
                item.setTextAlignment(STATUS, RIGHT)
            case LessonError():
                item.setIcon(NUMBER, icon("triangle-alert"))
                item.setText(TITLE, entry.file.name)
                item.setToolTip(TITLE, str(entry))
            case str():
                item.setText(NUMBER, entry)
                item.setFont(NUMBER, card_font(SMALL, bold=True))
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        return item

    def showEvent(self, event: QShowEvent) -> None:
        """Show what has changed meanwhile."""
        super().showEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the highlighted lesson on Enter; leave letters to the window."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex().row())
        elif event.key() in KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()

    @Slot(QTreeWidgetItem)
    def _on_self_item_chosen(self, item: QTreeWidgetItem) -> None:
        self._open(self.indexOfTopLevelItem(item))

    def _open(self, row: int) -> None:
        entry = self.entries[row] if 0 <= row < len(self.entries) else ""
        if not isinstance(entry, str):
            self.opened.emit(entry)

    @Slot()
    def _on_header_section_resized(self) -> None:
        self.scheduleDelayedItemsLayout()  # texts wrap elsewhere

    @Slot()
    def _on_appearance_changed(self) -> None:
        theme = appearance.theme
        self.setStyleSheet(f"""
            QTreeView {{ background: transparent; outline: none; border: none;
                show-decoration-selected: 1; }}
            QTreeView::item {{ border: 1px solid transparent; }}
            QTreeView::item:hover {{ background: {theme.hover}; }}
            QTreeView::item:selected {{ background: {theme.accent_soft}; color: {theme.text}; }}
            QTreeView::item:focus {{ border: 1px solid {theme.accent}; }}
        """)
        metrics = QFontMetrics(card_font(SECONDARY))
        self.setColumnWidth(NUMBER, metrics.horizontalAdvance("00") + SPACE * 3 // 2)
        self.setColumnWidth(STATUS, metrics.horizontalAdvance(DONE) + SPACE)
        self.entries = []  # its items have fonts and colours of their own
        self.refresh()


def _about(lesson: Lesson) -> str:
    return f"{lesson.minutes} min. {lesson.goal}".strip()


def _text_height(font: QFont, width: int, text: str) -> int:
    return QFontMetrics(font).boundingRect(0, 0, width, 10_000, WRAPPED, text).height()
