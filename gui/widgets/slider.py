"""Slider that goes where it is clicked, keeps its keys, and leaves the wheel to the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from gui.theme import appearance

SLIDER_KEYS = frozenset(
    {
        Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
        Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
    }
)  # fmt: skip

"""Keys that a focused slider keeps from the window's shortcuts."""
CLICKER_KEYS = frozenset({Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
"""Keys that turn a lesson's cards in presenter mode, whatever has the keyboard."""

HEIGHT = 20
"""Pixels for the handle and its frame; with fewer, the style cuts them."""


class Slider(QSlider):
    """Horizontal slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFixedHeight(HEIGHT)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: while focused, keep arrow keys from the shortcuts (→ is “one step”)."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key()
            in SLIDER_KEYS - (CLICKER_KEYS if appearance.projecting else frozenset())
        ):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: move the handle to the pointer first, so that a click starts a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            if not self._sub_rect(option, QStyle.SubControl.SC_SliderHandle).contains(
                event.position().toPoint()
            ):
                self.setSliderPosition(self._position_at(option, event.position()))
        super().mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's hook: a wheel that scrolls the panel must not change a setting on its way."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _sub_rect(self, option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)

    def _position_at(self, option: QStyleOptionSlider, point: QPointF) -> int:
        groove = self._sub_rect(option, QStyle.SubControl.SC_SliderGroove)
        handle = self._sub_rect(option, QStyle.SubControl.SC_SliderHandle).width()
        return QStyle.sliderValueFromPosition(
            self.minimum(),
            self.maximum(),
            round(point.x()) - groove.x() - handle // 2,
            groove.width() - handle,
        )
