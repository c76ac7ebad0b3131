"""Slider that goes where it is clicked, and leaves the wheel to the page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QStyle, QStyleOptionSlider

from gui.theme import appearance
from gui.widgets.keyboard import release_keyboard
from gui.widgets.spoken_slider import SpokenSlider

MIDDLE = Qt.MouseButton.MiddleButton
HEIGHT = 20
"""Pixels for the handle and its frame at the ordinary text size; with fewer, they are cut."""


class Slider(SpokenSlider):
    """Horizontal slider; only Tab gives it the keyboard, and a drag takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: go where it is clicked, as with the middle button, and start a drag."""
        release_keyboard(self)
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            part = QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle
            if not self.style().subControlRect(*part, self).contains(event.position().toPoint()):
                places = event.position(), event.globalPosition()
                event = QMouseEvent(event.type(), *places, MIDDLE, MIDDLE, event.modifiers())
        super().mousePressEvent(event)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedHeight(round(HEIGHT * appearance.icon_scale))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's hook: a wheel that scrolls the panel must not change a setting on its way."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
