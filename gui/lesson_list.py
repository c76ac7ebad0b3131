"""The list of lessons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem

from gui.lessons import Lesson, LessonError
from gui.theme import RADIUS, SPACE, font, icon, look

ENTRY = Qt.ItemDataRole.UserRole
KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End})


class LessonList(QListWidget):
    """Number and title of each lesson, all of them in view; a file with a mistake has a sign."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Lessons")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        look.changed.connect(self._on_look_changed)
        self._on_look_changed()

    def add(self, text: str, entry: Lesson | LessonError) -> None:
        """Append an entry."""
        item = QListWidgetItem(text)
        item.setData(ENTRY, entry)
        self.addItem(item)
        self._on_look_changed()

    def show_current(self, entry: Lesson | LessonError | None) -> None:
        """Highlight an entry, without a signal."""
        self.blockSignals(True)
        rows = (row for row in range(self.count()) if self.item(row).data(ENTRY) is entry)
        self.setCurrentRow(next(rows, -1))
        self.blockSignals(False)
        self._embolden()

    def event(self, event: QEvent) -> bool:
        """Keep the keys that a list needs from the window's shortcuts while focused."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in KEYS:
                event.accept()
                return True
        return super().event(event)

    def _embolden(self) -> None:
        for row in range(self.count()):
            self.item(row).setFont(font(bold=row == self.currentRow()))

    @Slot()
    def _on_look_changed(self) -> None:
        theme = look.theme
        height = QFontMetrics(font()).height() + 8
        for row in range(self.count()):
            item = self.item(row)
            item.setSizeHint(QSize(0, height))
            if isinstance(item.data(ENTRY), LessonError):
                item.setIcon(icon("triangle-alert"))
        self._embolden()
        self.setFixedHeight(height * self.count() + 2)
        self.setStyleSheet(f"""
            QListWidget {{ background: transparent; outline: none; border: none; }}
            QListWidget::item {{ color: {theme.muted}; border-radius: {RADIUS}px;
                padding: 0 {SPACE}px; }}
            QListWidget::item:hover {{ background: {theme.hover}; }}
            QListWidget::item:selected {{ background: {theme.accent_soft}; color: {theme.text}; }}
            QListWidget::item:focus {{ border: 2px solid {theme.accent};
                padding: 0 {SPACE - 2}px; }}
        """)
