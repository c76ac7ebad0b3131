"""Entries of a comparison: two to four strategies and their settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.protocol.catalogue import find_named
from engine.protocol.comparison import MAX_COMPARED_RUNS
from engine.protocol.messages import StrategyInfo
from engine.protocol.settings import Settings
from gui.state.settings_editor import changes_to

DEFAULT_STRATEGIES = ("full", "lora", "linear_probe", "ia3")
"""Strategies offered at first, after the one that is set."""
DEFAULT_COUNT = 3


@dataclass(frozen=True, slots=True)
class ComparisonEntry:
    """A strategy to be compared, and the settings that the user changed."""

    strategy: str
    learning_rate: float | None = None
    """None: the strategy's default."""
    rank: int | None = None
    """None: the strategy's default."""

    def settings(
        self, base: Settings, offered: Sequence[StrategyInfo], steps: int | None = None
    ) -> Settings:
        """Return the run's settings with the defaults of the entry's strategy.

        Args: steps: of the comparison, where a total matters; None: as in the settings.
        Raises: SettingsError: the settings are not valid together.
        """
        other = self.strategy != base.strategy
        changes = changes_to(self.strategy, base, offered) if other else {}
        info = find_named(offered, self.strategy)
        has_schedule = base.schedule != "constant"
        if steps is not None and (has_schedule or (info and "total_steps" in info.controls)):
            changes["total_steps"] = steps
        chosen = {"learning_rate": self.learning_rate, "rank": self.rank}
        changes |= {field: value for field, value in chosen.items() if value is not None}
        return base.replace(**changes)


def comparable_strategies(offered: Sequence[StrategyInfo]) -> tuple[StrategyInfo, ...]:
    """Return the strategies that can be compared on one task."""
    return tuple(info for info in offered if not info.not_comparable)


def default_entries(
    settings: Settings, offered: Sequence[StrategyInfo]
) -> tuple[ComparisonEntry, ...]:
    """Return the first entries: the strategy that is set, if comparable, and well-known ones."""
    names = {info.name for info in comparable_strategies(offered)}
    candidates = dict.fromkeys((settings.strategy, *DEFAULT_STRATEGIES))
    return tuple(ComparisonEntry(name) for name in candidates if name in names)[:DEFAULT_COUNT]


def with_another_entry(
    entries: Sequence[ComparisonEntry], offered: Sequence[StrategyInfo]
) -> tuple[ComparisonEntry, ...]:
    """Return the entries and, if fewer than the maximum, one more, preferably a new strategy."""
    present = {entry.strategy for entry in entries}
    comparable = [info.name for info in comparable_strategies(offered)]
    names = [name for name in (*DEFAULT_STRATEGIES, *comparable) if name in comparable]
    candidates = [name for name in names if name not in present] or comparable
    if len(entries) >= MAX_COMPARED_RUNS or not candidates:
        return tuple(entries)
    return (*entries, ComparisonEntry(candidates[0]))
