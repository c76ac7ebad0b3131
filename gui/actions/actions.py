"""Actions of one window: a QAction for each row of the table, and the keys that do them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QKeyCombination, QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.actions.key_positions import TEXT_MODIFIERS, latin_key
from gui.actions.table import ACTIONS, Action

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@dataclasses.dataclass(frozen=True, slots=True)
class Binding:
    """One action, bound to what the window does."""

    do: Callable[[], object]
    why_not: Callable[[], str] | None
    """Says why it cannot be done now; empty: it can."""
    text: Callable[[], str] | None
    """Says what it would do now, in place of the table's text."""


class Actions(QObject):
    """Does the actions of a window, each if it can be done now.

    Keys with Ctrl, and F1 … F12, are shortcuts of Qt; a text field keeps those that it uses itself.
    Single letters, arrows and the like are for the window only where nothing that has the keyboard
    wants them: it passes on what is left, to `handle_key`.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._bindings: dict[str, Binding] = {}
        self._by_keys: dict[QKeyCombination, Action] = {}
        self._actions = {name: self._new_action(action) for name, action in ACTIONS.items()}
        window.addActions(list(self._actions.values()))

    def _new_action(self, action: Action) -> QAction:
        made = QAction(self)
        made.setObjectName(action.name)
        made.setAutoRepeat(action.repeats)
        made.setMenuRole(QAction.MenuRole.NoRole)
        shortcuts = []
        for key in action.keys:
            combination = first_key(key)
            self._by_keys[combination] = action
            if combination.keyboardModifiers() & CONTROL or _is_function_key(combination.key()):
                shortcuts.append(QKeySequence(combination))
        made.setShortcuts(shortcuts)
        made.triggered.connect(self._on_action_triggered)
        return made

    def bind(
        self,
        name: str,
        do: Callable[[], object],
        why_not: Callable[[], str] | None = None,
        text: Callable[[], str] | None = None,
    ) -> None:
        """Say what an action does. Args: why_not, text: as of `Binding`."""
        self._bindings[name] = Binding(do, why_not, text)

    def action(self, name: str) -> QAction:
        """Return the QAction of a row of the table, for menus."""
        return self._actions[name]

    def reason(self, name: str) -> str:
        """Return why an action cannot be done now; empty: it can."""
        why_not = self._bindings[name].why_not
        return "" if why_not is None else why_not()

    def text(self, name: str) -> str:
        """Return what an action does now, in words."""
        text = self._bindings[name].text
        return ACTIONS[name].text if text is None else text()

    def trigger(self, name: str) -> None:
        """Do an action, if it can be done now."""
        if not self.reason(name):
            self._bindings[name].do()

    @Slot()
    def _on_action_triggered(self) -> None:
        self.trigger(self.sender().objectName())

    def handle_key(self, event: QKeyEvent) -> bool:
        """Do what a key stands for that nothing else wanted. Returns: whether it is a key of ours.

        Keys of another alphabet count by their place.
        """
        action = self._by_keys.get(QKeyCombination(self._held(event), Qt.Key(latin_key(event))))
        if action is None or event.modifiers() & TEXT_MODIFIERS:
            return False
        if action.repeats or not event.isAutoRepeat():
            self.trigger(action.name)
        return True

    def _held(self, event: QKeyEvent) -> Qt.KeyboardModifier:
        """Return Ctrl and Shift of an event; a sign such as ? needs Shift on some layouts only."""
        held = event.modifiers() & (CONTROL | SHIFT)
        key = latin_key(event)
        is_sign = key < 0x80 and not chr(key).isalnum() and key != Qt.Key.Key_Space
        return held & ~SHIFT if is_sign else held


def _is_function_key(key: Qt.Key) -> bool:
    return Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35


def first_key(keys: str) -> QKeyCombination:
    """Return a key with what is held beside it. Args: keys: as `QKeySequence` writes them."""
    sequence = QKeySequence(keys, QKeySequence.SequenceFormat.PortableText)
    return cast(QKeyCombination, sequence[0])  # type: ignore[index]
