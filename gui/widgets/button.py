"""Buttons with text or with an icon; Tab gives them the keyboard, a click does not."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

from gui.theme import appearance, icon

PRESS_KEYS = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})
"""Keys that press a button."""


def handle_press_key(button: QAbstractButton, event: QEvent) -> bool:
    """Let Enter press a button that has the keyboard, as Space does. Returns: whether it did."""
    if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
        return False
    if event.key() not in PRESS_KEYS - {Qt.Key.Key_Space}:
        return False
    button.click()
    return True


def text_button(text: str, object_name: str, hint: str = "") -> QPushButton:
    """Return a button with text. Args: hint: its tooltip."""
    button = QPushButton(text)
    button.setObjectName(object_name)
    button.setToolTip(hint)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class ThemedIconButton(QToolButton):
    """Tool button whose icon has the theme's colours, and grows with the text.

    Args: icon_name: of resources/icons.
    """

    icon_pixels: int
    """Width and height of the icon, in pixels at the ordinary text size."""

    def __init__(
        self, icon_name: str, parent: QWidget | None, *, object_name: str, primary: bool = False
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._primary = icon_name, primary
        self.setObjectName(object_name)
        appearance.changed.connect(self._on_appearance_changed)

    def set_icon(self, icon_name: str) -> None:
        """Show another icon."""
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self._on_appearance_changed()

    @Slot()
    def _on_appearance_changed(self) -> None:
        side = round(self.icon_pixels * appearance.icon_scale)
        self.setIconSize(QSize(side, side))
        self._apply_style()
        self.setIcon(icon(self._icon_name, on_accent=self._primary))

    def _apply_style(self) -> None:
        """Set the style sheet. A slot that a subclass overrides would outlive its widget."""


class SmallIconButton(ThemedIconButton):
    """Checkable button as low as a line of text, placed by coordinates."""

    icon_pixels = 14

    def __init__(self, icon_name: str, parent: QWidget, *, object_name: str) -> None:
        super().__init__(icon_name, parent, object_name=object_name)
        self.setCheckable(True)
        self.setProperty("role", "small")
        self._on_appearance_changed()


class IconButton(ThemedIconButton):
    """Round tool button with an icon, a tooltip, and a name for screen readers.

    Args: icon_name: as in `ThemedIconButton`.  size: pixels at the ordinary text size.
    primary: filled with the accent.  frame: whether it has a border.
    """

    def __init__(
        self, icon_name: str, name: str, *, object_name: str = "", size: int = 32,
        primary: bool = False, frame: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(icon_name, None, object_name=object_name, primary=primary)
        self._size, self.icon_pixels = size, size // 2
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        # Reached with Tab, not by a click: after a click Space stays Play.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(not frame)
        if primary:
            self.setProperty("role", "primary")
        self._frame = frame
        self.set_name(name)
        self._on_appearance_changed()

    def set_name(self, name: str, hint: str = "") -> None:
        """Set its accessible name and its tooltip. Args: hint: the tooltip; empty: the name."""
        self.setAccessibleName(name)
        self.setToolTip(hint or name)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: see `handle_press_key`."""
        return handle_press_key(self, event) or super().event(event)

    def _apply_style(self) -> None:
        size = round(self._size * appearance.icon_scale)
        self.setFixedSize(size, size)
        border = "" if self._frame else "border-color: transparent; background: transparent;"
        # Sizes of a style sheet win over setFixedSize, so they are given here as well.
        inside = f"padding: 0; min-height: {size - 2}px; max-height: {size - 2}px;"
        focused = f"padding: 0; min-height: {size - 4}px; max-height: {size - 4}px;"
        ring = appearance.theme.text
        self.setStyleSheet(
            f"QToolButton {{ border-radius: {size // 2}px; {inside} {border} }}"
            f"QToolButton:focus {{ {focused} border-color: {ring}; }}"
        )
