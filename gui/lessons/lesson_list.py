"""List of lessons: the program's, the user's own, and files with mistakes."""

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
from gui.theme import RADIUS, SECONDARY, SMALL, SPACE, appearance, icon

ENTRY, STATUS = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
DONE, BEGUN = "✓", "…"
HEADING = "Your own lessons"
KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
                  Qt.Key.Key_Return, Qt.Key.Key_Enter})  # fmt: skip
"""Text scales, relative to a lesson's text."""
ROW_PADDING = 9
"""Height of a row minus that of its text, in logical pixels."""
NUMBER_WIDTH = "00"


class LessonListDelegate(QStyledItemDelegate):
    """Draws a lesson's number, title and status, each in its column."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        """Draw a row."""
        theme, entry = appearance.theme, index.data(ENTRY)
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_background(painter, box, state)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        content = box.adjusted(SPACE, 0, -SPACE, 0)
        if entry is None:
            painter.setFont(card_font(SMALL, bold=True))
            painter.setPen(QColor(theme.muted))
            painter.drawText(content, middle, index.data())
            painter.restore()
            return
        painter.setFont(card_font(SECONDARY, bold=chosen))
        self._paint_number(painter, entry, content)
        self._paint_title(painter, index, content)
        painter.restore()

    @staticmethod
    def _paint_number(painter: QPainter, entry: Lesson | LessonError, content: QRect) -> None:
        """Draw the lesson's number, or a sign where its file has a mistake."""
        metrics, middle = painter.fontMetrics(), int(Qt.AlignmentFlag.AlignVCenter)
        if isinstance(entry, LessonError):
            side = metrics.ascent()
            icon("triangle-alert").paint(
                painter, QRect(content.left(), content.center().y() - side // 2, side, side)
            )
        else:
            painter.setPen(QColor(appearance.theme.muted))
            number = metrics.horizontalAdvance(NUMBER_WIDTH)
            column = content.adjusted(0, 0, number - content.width(), 0)
            painter.drawText(column, middle | int(Qt.AlignmentFlag.AlignRight), str(entry.number))

    @staticmethod
    def _paint_title(
        painter: QPainter, index: QModelIndex | QPersistentModelIndex, content: QRect
    ) -> None:
        """Draw the title, and at the right how far the lesson has come."""
        theme, metrics = appearance.theme, painter.fontMetrics()
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        number = metrics.horizontalAdvance(NUMBER_WIDTH)
        status = index.data(STATUS) or ""
        title_rect = content.adjusted(
            number + SPACE, 0, -metrics.horizontalAdvance(DONE) - SPACE, 0
        )
        painter.setPen(QColor(theme.text))
        title = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, title_rect.width())
        painter.drawText(title_rect, middle, title)
        painter.setPen(QColor(theme.good if status == DONE else theme.muted))
        painter.drawText(content, middle | int(Qt.AlignmentFlag.AlignRight), status)

    def _paint_background(self, painter: QPainter, box: QRect, state: QStyle.StateFlag) -> None:
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
        """Return the size of a padded line."""
        return QSize(100, QFontMetrics(card_font(SECONDARY)).height() + ROW_PADDING)


class LessonList(QListWidget):
    """List widget of all lessons; a click or Enter opens one."""

    opened = Signal(object)
    """Emitted with the Lesson or LessonError that was clicked or confirmed."""

    def __init__(self, controller: LessonController, library: LessonLibrary) -> None:
        super().__init__()
        self._controller, self._library = controller, library
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
        """Return the lesson or error of a row; None: the heading."""
        entry = self.item(row).data(ENTRY)
        return entry if isinstance(entry, Lesson | LessonError) else None

    def refresh(self) -> None:
        """Show the present lessons and their status."""
        library = self._library
        shipped, own = list(library.lessons), list(library.own)
        broken = [error for error in library.errors if error.file.parent != library.folder]
        own_broken = [error for error in library.errors if error.file.parent == library.folder]
        wanted: tuple[object, ...] = (*shipped, *broken)
        if own or own_broken:
            wanted = (*wanted, HEADING, *own, *own_broken)
        if wanted != self._entries:
            self._rebuild(wanted)
        for row in range(self.count()):
            entry = self.entry(row)
            if isinstance(entry, Lesson):
                done, begun = self._controller.is_done(entry), self._controller.is_begun(entry)
                self.item(row).setData(STATUS, DONE if done else BEGUN if begun else "")
                status_text = ", done" if done else ", begun" if begun else ""
                self.item(row).setData(Qt.ItemDataRole.AccessibleTextRole,
                                       f"{entry.number} {entry.title}{status_text}")  # fmt: skip

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
        """Open the highlighted lesson on Enter; leave letters to the window."""
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
