"""The strategies: one file each in this folder, found by listing it.

A file defines one `STRATEGY`, named as the file is; files whose names begin with `_` hold parts
that strategies share.
"""

from __future__ import annotations

from importlib import import_module

from engine.protocol.strategy_files import strategy_names
from engine.strategies._strategy import GROUPS, Strategy

__all__ = ["STRATEGIES"]


def _find_strategies() -> dict[str, Strategy]:
    """Import every file that defines a strategy. Raises: ValueError: its name differs."""
    strategies = {}
    for name in strategy_names():
        strategy: Strategy = import_module(f"{__name__}.{name}").STRATEGY
        if strategy.name != name:
            raise ValueError(f"engine/strategies/{name}.py names its strategy {strategy.name!r}")
        strategies[name] = strategy
    return dict(sorted(strategies.items(), key=lambda pair: _sort_key(pair[1])))


def _sort_key(strategy: Strategy) -> tuple[int, int, str]:
    """Return the key that orders lessons first, then group by group, each by label."""
    return GROUPS.index(strategy.group), strategy.lesson, strategy.label


STRATEGIES: dict[str, Strategy] = _find_strategies()
"""Name -> strategy, in the order of the lessons, then group by group."""
