"""Which settings another strategy brings, and which of the old one's go."""

from __future__ import annotations

from typing import Any

from engine.protocol.messages import StrategyInfo
from engine.protocol.settings import Settings


def strategy_change(
    name: str, settings: Settings, offered: tuple[StrategyInfo, ...]
) -> dict[str, Any]:
    """Settings fields to change for the strategy of that name; what the user set stays."""
    plain = Settings()
    changes: dict[str, Any] = {"strategy": name, "frozen": None}
    by_name = {info.name: info for info in offered}
    if settings.strategy in by_name:
        changes |= {
            field: getattr(plain, field)
            for field, value in by_name[settings.strategy].defaults.items()
            if getattr(settings, field) == value
        }
    if name in by_name:
        changes |= by_name[name].defaults
    return changes
