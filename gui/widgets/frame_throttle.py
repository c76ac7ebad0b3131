"""Frame throttle: draws a widget less often than frames arrive, and never misses the last one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

PICTURE_MILLISECONDS = 66
"""Milliseconds between two drawings of figures that change faster than can be seen."""
NUMBER_MILLISECONDS = 100
"""The same for numbers to be read."""
SPEED_MILLISECONDS = 400
"""The same for a number that is noise in its last digits."""
SLACK_MILLISECONDS = 20
"""A drawing waits so much longer for a frame to be drawn with: alone it would delay the next."""


class FrameThrottle(QObject):
    """Asks to draw a widget, while it is visible, at most once in an interval.

    Args: widget: to draw, on `due`.  milliseconds: between two drawings, at least.
    """

    due = Signal()

    def __init__(self, widget: QWidget, milliseconds: int) -> None:
        super().__init__(widget)
        self._widget = widget
        self._requested = False
        self._milliseconds = milliseconds
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)

    @Slot()
    def request(self) -> None:
        """Draw as soon as the interval allows it, after the frame itself is painted."""
        self._requested = True
        if self._timer.remainingTime() <= SLACK_MILLISECONDS:  # below zero where none is running
            self._timer.start(0)

    @Slot()
    def draw_now(self) -> None:
        """Draw at once, and begin a new interval."""
        self._requested = False
        self._timer.start(self._milliseconds + SLACK_MILLISECONDS)
        self.due.emit()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self._requested and self._widget.isVisible():
            self.draw_now()
