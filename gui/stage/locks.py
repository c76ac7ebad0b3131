"""The frozen blocks, the reasons, and the steps at which they are unfrozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Locks:
    """The locks of all blocks at one step."""

    chosen: frozenset[str] = frozenset()
    """Frozen by the user or the engine."""
    lock_reasons: Mapping[str, str] = field(default_factory=dict)
    """Block -> why it cannot be unfrozen under this strategy."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Block that the strategy unfreezes later -> the first step that trains it."""

    def frozen(self, block: str) -> bool:
        """Return whether the next step leaves the whole block unchanged."""
        return block in self.chosen or block in self.lock_reasons or block in self.waiting

    def reason(self, block: str) -> str:
        """Return why the user cannot unfreeze the block; empty where that is possible."""
        if block in self.waiting:
            return f"it unfreezes after step {self.waiting[block] - 1:,}"
        return self.lock_reasons.get(block, "")
