"""Who is to race: two to four strategies, and the settings that each is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.protocol.comparison import MAX_COMPARED_RUNS
from engine.protocol.messages import StrategyInfo
from engine.protocol.settings import Settings
from gui.state.strategy_defaults import changes_to

FIRST = ("full", "lora", "linear_probe", "ia3")
"""Those to begin with, beside the one that is set."""
FIRST_COUNT = 3


@dataclass(frozen=True, slots=True)
class ComparisonEntry:
    """A strategy that is to race."""

    strategy: str
    learning_rate: float | None = None
    """None: what it brings."""
    rank: int | None = None
    """None: what it brings."""

    def settings(
        self, base: Settings, offered: Sequence[StrategyInfo], steps: int | None = None
    ) -> Settings:
        """Its own: those of the run, where it is the run's strategy, else what choosing it brings.

        Args: base: the run's settings.  steps: of the race; a strategy or a schedule that plans
        ahead plans with these. None: as it is set.
        Raises: SettingsError: they do not go together.
        """
        changes: dict[str, Any] = {}
        if self.strategy != base.strategy:
            changes = changes_to(self.strategy, base, offered)
        info = next((info for info in offered if info.name == self.strategy), None)
        plans = base.schedule != "constant" or (info is not None and "total_steps" in info.controls)
        if plans and steps is not None:
            changes["total_steps"] = steps
        if self.learning_rate is not None:
            changes["learning_rate"] = self.learning_rate
        if self.rank is not None:
            changes["rank"] = self.rank
        return base.replace(**changes)


def can_be_compared(offered: Sequence[StrategyInfo]) -> tuple[StrategyInfo, ...]:
    """Those that can share a task."""
    return tuple(info for info in offered if not info.not_comparable)


def first_entries(
    settings: Settings, offered: Sequence[StrategyInfo]
) -> tuple[ComparisonEntry, ...]:
    """Whom to offer at first: the strategy that is set, where it can race, and well-known ones."""
    names = {info.name for info in can_be_compared(offered)}
    wanted = dict.fromkeys((settings.strategy, *FIRST))
    return tuple(ComparisonEntry(name) for name in wanted if name in names)[:FIRST_COUNT]


def one_more(
    entries: Sequence[ComparisonEntry], offered: Sequence[StrategyInfo]
) -> tuple[ComparisonEntry, ...]:
    """The entries and one that is not there yet; the same where there is room for none."""
    there = {entry.strategy for entry in entries}
    able = [info.name for info in can_be_compared(offered)]
    wanted = [name for name in (*FIRST, *able) if name in able and name not in there] or able
    if len(entries) >= MAX_COMPARED_RUNS or not wanted:
        return tuple(entries)
    return (*entries, ComparisonEntry(wanted[0]))
