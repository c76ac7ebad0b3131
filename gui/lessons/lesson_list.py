"""The list of lessons: the program's, the user's own, and files with mistakes."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from gui.lessons.card.type import card_font
from gui.lessons.controller import LessonController
from gui.lessons.lesson import Lesson
from gui.lessons.library import LessonLibrary
from gui.lessons.toml_reader import LessonError
from gui.theme import RADIUS, SPACE, appearance, icon

ENTRY, MARK = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
DONE, BEGUN = "✓", "…"
HEADING = "Your own lessons"
KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
                  Qt.Key.Key_Return, Qt.Key.Key_Enter})  # fmt: skip
TEXT_SCALE, HEADING_SCALE = 0.94, 0.82
"""Of a lesson's text."""
AIR = 9
"""Logical pixels that a row is higher than its text."""
NUMBER_WIDTH = "00"


class LessonListDelegate(QStyledItemDelegate):
    """Draws number, title and mark of a lesson, each in its column."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        """Qt's hook."""
        theme, entry = appearance.theme, index.data(ENTRY)
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, box, state)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        inside = box.adjusted(SPACE, 0, -SPACE, 0)
        if entry is None:
            painter.setFont(card_font(HEADING_SCALE, bold=True))
            painter.setPen(QColor(theme.muted))
            painter.drawText(inside, middle, index.data())
            painter.restore()
            return
        painter.setFont(card_font(TEXT_SCALE, bold=chosen))
        metrics = painter.fontMetrics()
        number = metrics.horizontalAdvance(NUMBER_WIDTH)
        if isinstance(entry, LessonError):
            side = metrics.ascent()
            icon("triangle-alert").paint(
                painter, QRect(inside.left(), box.center().y() - side // 2, side, side)
            )
        else:
            painter.setPen(QColor(theme.muted))
            column = inside.adjusted(0, 0, number - inside.width(), 0)
            painter.drawText(column, middle | int(Qt.AlignmentFlag.AlignRight), str(entry.number))
        mark = index.data(MARK) or ""
        room = inside.adjusted(number + SPACE, 0, -metrics.horizontalAdvance(DONE) - SPACE, 0)
        painter.setPen(QColor(theme.text))
        title = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, middle, title)
        painter.setPen(QColor(theme.good if mark == DONE else theme.muted))
        painter.drawText(inside, middle | int(Qt.AlignmentFlag.AlignRight), mark)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRect, state: QStyle.StateFlag) -> None:
        theme = appearance.theme
        chosen, over = (
            bool(state & flag)
            for flag in (QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver)
        )
        focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
        if chosen or over:
            painter.setBrush(QColor(theme.accent_soft if chosen else theme.hover))
            painter.setPen(QColor(theme.accent) if focused else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Qt's hook: a line with air."""
        return QSize(100, QFontMetrics(card_font(TEXT_SCALE)).height() + AIR)


class LessonList(QListWidget):
    """All lessons; a click or Enter opens one."""

    opened = Signal(object)
    """Lesson or LessonError that was clicked or confirmed."""

    def __init__(self, guide: LessonController, shelf: LessonLibrary) -> None:
        super().__init__()
        self._guide, self._shelf = guide, shelf
        self._entries: tuple[object, ...] = ()
        self.setAccessibleName("Lessons")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setItemDelegate(LessonListDelegate(self))
        self.itemClicked.connect(self._on_self_item_chosen)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        self.refresh()

    def entry(self, row: int) -> Lesson | LessonError | None:
        """What stands in a row; None: the heading."""
        found = self.item(row).data(ENTRY)
        return found if isinstance(found, Lesson | LessonError) else None

    def refresh(self) -> None:
        """Show what there is, and how far one came."""
        shelf = self._shelf
        shipped, own = list(shelf.lessons), list(shelf.own)
        broken = [error for error in shelf.errors if error.file.parent != shelf.folder]
        own_broken = [error for error in shelf.errors if error.file.parent == shelf.folder]
        wanted: tuple[object, ...] = (*shipped, *broken)
        if own or own_broken:
            wanted = (*wanted, HEADING, *own, *own_broken)
        if wanted != self._entries:
            self._rebuild(wanted)
        for row in range(self.count()):
            entry = self.entry(row)
            if isinstance(entry, Lesson):
                done, begun = self._guide.is_done(entry), self._guide.is_begun(entry)
                self.item(row).setData(MARK, DONE if done else BEGUN if begun else "")
                said = ", done" if done else ", begun" if begun else ""
                self.item(row).setData(Qt.ItemDataRole.AccessibleTextRole,
                                       f"{entry.number} {entry.title}{said}")  # fmt: skip

    def _rebuild(self, entries: tuple[object, ...]) -> None:
        row = self.currentRow()
        self._entries = entries
        self.clear()
        for entry in entries:
            match entry:
                case Lesson():
                    item = QListWidgetItem(entry.title)
                case LessonError():
                    item = QListWidgetItem(entry.file.name)
                    item.setToolTip(str(entry))
                case _:
                    item = QListWidgetItem(str(entry))
                    item.setFlags(Qt.ItemFlag.NoItemFlags)
            if not isinstance(entry, str):
                item.setData(ENTRY, entry)
            self.addItem(item)
        self.setCurrentRow(min(row, self.count() - 1))

    def event(self, event: QEvent) -> bool:
        """Keep the keys that a list needs from the window's shortcuts while focused."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in KEYS:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: Enter opens the highlighted lesson; letters are the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.currentItem()
            if item is not None:
                self._on_self_item_chosen(item)
        elif event.key() in KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()

    @Slot(QListWidgetItem)
    def _on_self_item_chosen(self, item: QListWidgetItem) -> None:
        entry = item.data(ENTRY)
        if entry is not None:
            self.opened.emit(entry)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setStyleSheet("QListWidget { background: transparent; outline: none; border: none; }")
        self.scheduleDelayedItemsLayout()
