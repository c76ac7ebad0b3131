"""Undo stack: the settings that Ctrl+Z goes back to."""

from __future__ import annotations

import time

from engine.protocol.settings import Settings

MAX_CHANGES = 100
"""Changes that can be undone."""
DRAG_SECONDS = 1.0
"""Changes of the same field that follow each other faster are undone together."""


class UndoStack:
    """Settings before each change, oldest first; one drag of a slider is one change."""

    def __init__(self) -> None:
        self._stack: list[Settings] = []
        self._fields: frozenset[str] = frozenset()
        self._changed_at = 0.0

    def push(self, settings: Settings, fields: frozenset[str]) -> None:
        """Remember settings. Args: settings: as they are.  fields: about to change in them."""
        now = time.monotonic()
        same_drag = fields == self._fields and now - self._changed_at < DRAG_SECONDS
        self._fields, self._changed_at = fields, now
        if not same_drag:
            self._stack = [*self._stack[-MAX_CHANGES:], settings]

    def pop(self) -> Settings | None:
        """Remove and return the settings before the last change; None where there is none."""
        self._fields = frozenset()
        return self._stack.pop() if self._stack else None
