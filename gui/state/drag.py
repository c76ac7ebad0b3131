"""A drag of a slider: many changes of settings that count as one."""

from __future__ import annotations

MAX_PAUSE_IN_DRAG = 1.0
"""Seconds between two changes of the same fields of one drag, at most."""


class DragDetector:
    """Tells whether a change continues the drag that the change before it belongs to."""

    def __init__(self) -> None:
        self._fields: frozenset[str] = frozenset()
        self._changed_at = 0.0

    def continues(self, fields: frozenset[str], now: float) -> bool:
        """Return whether a change continues a drag. Args: fields: changed.  now: in seconds."""
        same_drag = fields == self._fields and now - self._changed_at <= MAX_PAUSE_IN_DRAG
        self._fields, self._changed_at = fields, now
        return same_drag

    def end(self) -> None:
        """Let the next change begin anew."""
        self._fields = frozenset()
