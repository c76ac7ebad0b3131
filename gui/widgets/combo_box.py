"""Combo box that the wheel does not change, with headings between its items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QMouseEvent,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate

from gui.theme import SMALL, SPACE, appearance, font
from gui.widgets.keyboard import release_keyboard

MAX_VISIBLE_ITEMS = 24
"""Items of the list that are visible at once; others are scrolled to."""


class ComboBox(QComboBox):
    """Combo box of (data, label) pairs; a wheel that passes over it changes nothing.

    A click does not give it the keyboard, so that Space stays Play after a choice.
    """

    def __init__(self, object_name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaxVisibleItems(MAX_VISIBLE_ITEMS)
        self.setItemDelegate(QStyledItemDelegate(self))  # the combo box's own knows no headings
        appearance.changed.connect(self._on_appearance_changed)

    def set_items(self, pairs: Iterable[tuple[object, str]], chosen: object) -> None:
        """Replace the items, without a signal. Args: pairs: (data, label).  chosen: data."""
        self.set_grouped_items({"": pairs}, chosen)

    def set_grouped_items(
        self, groups: Mapping[str, Iterable[tuple[object, str]]], chosen: object
    ) -> None:
        """Replace the items, without a signal, under headings that cannot be chosen."""
        with QSignalBlocker(self):
            self.clear()
            for heading, pairs in groups.items():
                if heading:
                    self.addItem(heading)  # its data is None
                for data, label in pairs:
                    self.addItem(label, data)
            self._on_appearance_changed()
            self.setCurrentIndex(self.findData(chosen))

    def set_current_data(self, data: object) -> None:
        """Choose the item with this data, without a signal."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(data))

    def showPopup(self) -> None:
        """Qt's hook: the list has the name of the box."""
        self.view().setAccessibleName(self.accessibleName())
        super().showPopup()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: what is chosen with the mouse leaves the keyboard to the window."""
        release_keyboard(self)
        super().mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's hook: leave the wheel to the page."""
        event.ignore()

    def _headings(self) -> Iterable[QStandardItem]:
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        return (model.item(i) for i in range(self.count()) if self.itemData(i) is None)

    @Slot()
    def _on_appearance_changed(self) -> None:
        for heading in self._headings():
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(font(SMALL, bold=True))
            heading.setForeground(QColor(appearance.theme.muted))
            heading.setSizeHint(QSize(0, QFontMetrics(font()).height() + 2 * SPACE))
