"""Slider that goes where it is clicked, and leaves the wheel to the page."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

HEIGHT = 20
"""Pixels for the handle and its frame; with fewer, the style cuts them."""


class Slider(QSlider):
    """Horizontal slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFixedHeight(HEIGHT)

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
