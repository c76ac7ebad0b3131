"""Which settings change with the strategy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.protocol.messages import StrategyInfo
from engine.protocol.settings import Settings


def changes_to(name: str, settings: Settings, offered: Iterable[StrategyInfo]) -> dict[str, Any]:
    """The changes that choosing a strategy makes: it brings its settings, and no lock is kept.

    What the strategy before it had brought, and nobody has changed since, goes.
    """
    plain = Settings()
    infos = {info.name: info.defaults for info in offered}
    old, new = infos.get(settings.strategy, {}), infos.get(name, {})
    stale = (field for field, value in old.items() if getattr(settings, field) == value)
    return {"strategy": name, "frozen": None, **{f: getattr(plain, f) for f in stale}, **new}
