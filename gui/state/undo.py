"""Undo stack: the settings that Ctrl+Z goes back to."""

from __future__ import annotations

import time

from engine.protocol.settings import Settings
from gui.state.drag import DragDetector

MAX_CHANGES = 100
"""Changes that can be undone."""


class UndoStack:
    """Settings before each change, oldest first; one drag of a slider is one change."""

    def __init__(self) -> None:
        self._stack: list[Settings] = []
        self._drag = DragDetector()

    def push(self, settings: Settings, fields: frozenset[str]) -> None:
        """Remember settings. Args: settings: as they are.  fields: about to change in them."""
        if not self._drag.continues(fields, time.monotonic()):
            self._stack = [*self._stack[-MAX_CHANGES:], settings]

    def pop(self) -> Settings | None:
        """Remove and return the settings before the last change; None where there is none."""
        self._drag.end()
        return self._stack.pop() if self._stack else None
