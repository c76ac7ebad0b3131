"""The settings one can go back to with Ctrl+Z."""

from __future__ import annotations

import time

from engine.protocol.settings import Settings

DEPTH = 100
DRAG_SECONDS = 1.0
"""Changes of the same field that follow each other faster are undone together."""


class UndoStack:
    """Settings before each change, oldest first; one drag of a slider is one change."""

    def __init__(self) -> None:
        self._before: list[Settings] = []
        self._fields: frozenset[str] = frozenset()
        self._changed_at = 0.0

    def keep(self, settings: Settings, fields: frozenset[str]) -> None:
        """Remember `settings`, of which these fields are about to change."""
        now = time.monotonic()
        goes_on = fields == self._fields and now - self._changed_at < DRAG_SECONDS
        self._fields, self._changed_at = fields, now
        if not goes_on:
            self._before = [*self._before[-DEPTH:], settings]

    def take(self) -> Settings | None:
        """The settings before the last change, once; None where there is none."""
        self._fields = frozenset()
        return self._before.pop() if self._before else None
