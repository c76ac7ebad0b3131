"""Strategy defaults: the settings that change together with the strategy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.protocol.messages import StrategyInfo
from engine.protocol.settings import Settings


def changes_to(name: str, settings: Settings, offered: Iterable[StrategyInfo]) -> dict[str, Any]:
    """Return the changes that choosing a strategy makes; what the user froze is unfrozen.

    Defaults of the strategy before it go, where nobody has changed them since.
    Args: name: the new strategy's.  settings: before the choice.  offered: all strategies.
    """
    plain = Settings()
    defaults = {info.name: info.defaults for info in offered}
    old, new = defaults.get(settings.strategy, {}), defaults.get(name, {})
    stale = (field for field, value in old.items() if getattr(settings, field) == value)
    return {"strategy": name, "frozen": None, **{f: getattr(plain, f) for f in stale}, **new}
