"""Which layers are frozen, by whom, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Locks:
    """The locks of all units at one moment."""

    chosen: frozenset[str] = frozenset()
    """Held fixed by the user or the engine."""
    locked: Mapping[str, str] = field(default_factory=dict)
    """Unit -> why it cannot be unlocked under this strategy."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Unit that the strategy holds back for now -> the first step that moves it."""

    def frozen(self, unit: str) -> bool:
        """Whether nothing of the unit moves at the next step."""
        return unit in self.chosen or unit in self.locked or unit in self.waiting

    def reason(self, unit: str) -> str:
        """Why the user cannot unlock it; empty where that is possible."""
        if unit in self.waiting:
            return f"it unfreezes after step {self.waiting[unit] - 1:,}"
        return self.locked.get(unit, "")
