"""Buttons that Tab reaches and a click does not: with words, or with an icon."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton

from gui.theme import appearance, icon

PRESS_KEYS = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})


def is_pressed_by(button: QAbstractButton, event: QEvent) -> bool:
    """Whether the event is dealt with.

    While a button has the keyboard, Space and Enter press it, whatever they are elsewhere.
    """
    if not isinstance(event, QKeyEvent) or event.key() not in PRESS_KEYS:
        return False
    if event.type() == QEvent.Type.ShortcutOverride:
        event.accept()
        return True
    if event.type() == QEvent.Type.KeyPress and event.key() != Qt.Key.Key_Space:
        button.click()
        return True
    return False


def text_button(text: str, object_name: str, hint: str = "") -> QPushButton:
    """A button with words. Args: hint: its tooltip."""
    button = QPushButton(text)
    button.setObjectName(object_name)
    button.setToolTip(hint)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class IconButton(QToolButton):
    """A tool button that says what it does to the eye, in its tooltip and to screen readers.

    Args: icon_name: of resources/icons.  primary: filled with the accent; there is one of these.
    """

    def __init__(
        self, icon_name: str, name: str, *, object_name: str = "", size: int = 32,
        primary: bool = False, frame: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self._icon_name, self._primary = icon_name, primary
        self.setObjectName(object_name)
        self.setFixedSize(size, size)
        self.setIconSize(QSize(size // 2, size // 2))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        # Reached with Tab, not by a click: after a click Space stays Play.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(not frame)
        if primary:
            self.setProperty("role", "primary")
        self._frame = frame
        self.set_name(name)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def set_name(self, name: str, hint: str = "") -> None:
        """Say what it does, in the tooltip with a hint as well."""
        self.setAccessibleName(name)
        self.setToolTip(hint or name)

    def set_icon(self, icon_name: str) -> None:
        """Show another icon."""
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self._on_appearance_changed()

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `is_pressed_by`."""
        return is_pressed_by(self, event) or super().event(event)

    def _round(self, frame: bool) -> None:
        size = self.width()
        border = "" if frame else "border-color: transparent; background: transparent;"
        # Sizes of a style sheet win over setFixedSize, so they are said here as well.
        inside = f"padding: 0; min-height: {size - 2}px; max-height: {size - 2}px;"
        focused = f"padding: 0; min-height: {size - 4}px; max-height: {size - 4}px;"
        ring = appearance.theme.text if self._primary else appearance.theme.accent
        self.setStyleSheet(
            f"QToolButton {{ border-radius: {size // 2}px; {inside} {border} }}"
            f"QToolButton:focus {{ {focused} border-color: {ring}; }}"
        )

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._round(self._frame)
        self.setIcon(icon(self._icon_name, on_accent=self._primary))
