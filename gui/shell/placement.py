"""Placement: where a window opens, and that all of it is on the screen, its frame included."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

MIN_SIZE = QSize(720, 440)
"""Pixels; with a title and a taskbar it fits a screen of 1920 × 1080 at 200 %."""
FRAME_ALLOWANCE = QSize(12, 44)
"""Pixels that a frame and a title may take of a screen; `fit_on_screen` knows better later."""


def place_window(window: QWidget, geometry: QByteArray | None, *, fills: bool) -> None:
    """Give a window its size before it is shown.

    Args: geometry: the place where it was last; None: unknown.  fills: whether it then takes the
    whole screen: the stage uses all space.
    """
    available = window.screen().availableGeometry().size() - FRAME_ALLOWANCE
    window.setMinimumSize(MIN_SIZE.boundedTo(available))
    if geometry is None or not window.restoreGeometry(geometry):
        window.resize(available if fills else window.size().boundedTo(available))


def fit_on_screen(window: QWidget) -> None:
    """Move and shrink a window that is shown, so that its frame is on the screen."""
    if window.windowState() & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
        return
    inner, available = window.geometry(), window.screen().availableGeometry()
    fitted = fitted_geometry(inner, window.frameGeometry(), available)
    if fitted != inner:
        window.setMinimumSize(window.minimumSize().boundedTo(fitted.size()))
        window.setGeometry(fitted)


def fitted_geometry(inner: QRect, frame: QRect, available: QRect) -> QRect:
    """Return the rectangle of a window whose frame is on the screen, all in the screen's pixels.

    Args: inner, frame: the window without and with its frame.  available: the screen without bars.
    """
    left, top = inner.x() - frame.x(), inner.y() - frame.y()
    margins = frame.size() - inner.size()
    size = inner.size().boundedTo(available.size() - margins)
    outer = size + margins
    most_x = available.x() + available.width() - outer.width()
    most_y = available.y() + available.height() - outer.height()
    x = max(min(frame.x(), most_x), available.x())
    y = max(min(frame.y(), most_y), available.y())
    return QRect(x + left, y + top, size.width(), size.height())
