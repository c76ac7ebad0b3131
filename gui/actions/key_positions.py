"""Keys by their place on the keyboard, where the layout has other letters there."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

ROWS = {2: "1234567890-=", 16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM,./"}
"""Scan code of the first key of a row on a PC's keyboard -> what a US layout prints there."""
BY_SCAN_CODE = {
    first + place: ord(sign) for first, row in ROWS.items() for place, sign in enumerate(row)
}
X11_OFFSET = 8
"""X11 and Wayland count scan codes from here."""
MAX_LATIN = 0x7F
"""Largest `Qt.Key` of a sign of the Latin alphabet; those of special keys begin at 0x01000000."""
SPECIAL = 0x01000000
SHORTCUT_SIGNS = "+-=,."
"""Signs that are shortcuts with Ctrl, wherever a layout has them."""
TEXT_MODIFIERS = (
    Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
    | Qt.KeyboardModifier.GroupSwitchModifier
)
"""With one of these a key writes a sign, as AltGr does (Windows: Ctrl and Alt), or is not ours."""


def _position(event: QKeyEvent) -> int:
    """Return what a US layout has at the key's place, as a `Qt.Key`; 0: not known."""
    code = event.nativeScanCode()
    if QGuiApplication.platformName() in ("xcb", "wayland"):
        code -= X11_OFFSET
    elif sys.platform != "win32":
        return 0
    return BY_SCAN_CODE.get(code, 0)


def latin_key(event: QKeyEvent) -> int:
    """Return the key of an event, as a `Qt.Key`, by its place where its layout has no such letter.

    So Cyrillic and Greek letters count as the Latin ones at their place, and the keys of the upper
    row as digits where, as on a French keyboard, they need Shift for them.
    """
    key, held = event.key(), event.modifiers()
    if key >= SPECIAL or held & Qt.KeyboardModifier.KeypadModifier:
        return key
    place = _position(event)
    if key > MAX_LATIN:
        return place or key
    is_digit = chr(place).isdigit() and not held & Qt.KeyboardModifier.ShiftModifier
    with_control = held & Qt.KeyboardModifier.ControlModifier
    return key if not is_digit or (with_control and chr(key) in SHORTCUT_SIGNS) else place
