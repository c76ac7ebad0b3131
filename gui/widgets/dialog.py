"""Dialog with content that scrolls and a foot of buttons, no larger than its window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from gui.theme import SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.surface import SCROLL_BAR_WIDTH, ScrollArea

MARGIN = 3 * SPACE
"""Pixels around what a dialog holds."""
HEIGHT_SHARE = 0.85
"""Height of a dialog whose content scrolls by itself, as a share of its width."""
MAX_SHARE = 0.92
"""Largest share of its window that a dialog covers, along either side."""


class Dialog(QDialog):
    """Content above Close; Escape closes it, and so does Enter unless another button is chosen.

    Args: width: pixels at the ordinary text size.
    """

    def __init__(self, parent: QWidget | None, title: str, object_name: str, width: int) -> None:
        super().__init__(parent)
        self._width = width
        self._content: QWidget | None = None
        self._scroll_area: ScrollArea | None = None
        self.setWindowTitle(title)
        self.setObjectName(object_name)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        appearance.sizes_changed.connect(self._on_appearance_sizes_changed)

    def lay_out(self, content: QWidget, *foot: QWidget, scrolls: bool = True) -> None:
        """Place the content above a foot. Args: foot: at the left of Close.  scrolls: does it?"""
        self._content = content
        for button in foot:
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        bar = SCROLL_BAR_WIDTH if scrolls else 0  # it stands in the margin
        row = hbox(*foot, 1, self.close_button, spacing=SPACE, margins=(0, 0, bar, 0))
        margins = (MARGIN, MARGIN, MARGIN - bar, 2 * SPACE)
        if scrolls:
            self._scroll_area = ScrollArea(content, keeps_place=True)
        shown = content if self._scroll_area is None else self._scroll_area
        vbox((shown, 1), row, on=self, spacing=2 * SPACE, margins=margins)

    def sizeHint(self) -> QSize:
        """Qt's hook: as large as the content, as far as the window allows it."""
        window, content = self.parentWidget(), self._content
        room = QSize(self._width, self._width) if window is None else window.size() * MAX_SHARE
        width = min(round(self._width * appearance.layout_scale), room.width())
        if content is None or self._scroll_area is None:
            return QSize(width, min(round(HEIGHT_SHARE * width), room.height()))
        inside = width - 2 * MARGIN
        layout = content.layout()
        wraps = layout is not None and layout.hasHeightForWidth()
        needed = content.heightForWidth(inside) if wraps else content.sizeHint().height()
        foot = MARGIN + 4 * SPACE + self.close_button.sizeHint().height()
        return QSize(width, min(needed + foot, room.height()))

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: take the size that it wants, of which Qt would take two thirds of a screen."""
        if not event.spontaneous():
            self.resize(self.sizeHint())
        super().showEvent(event)

    @Slot()
    def _on_appearance_sizes_changed(self) -> None:
        if self.isVisible():
            self.resize(self.sizeHint())
