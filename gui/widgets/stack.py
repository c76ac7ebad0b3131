"""Stack: pages in one place, of which one is shown."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QStackedWidget


class Stack(QStackedWidget):
    """Shows one page; only that one decides how small the place may be."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self._on_self_current_changed)

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: without what the hidden pages need."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()

    @Slot()
    def _on_self_current_changed(self) -> None:
        self.updateGeometry()
