"""The strategies: one file each in this folder, found by listing it.

A file defines one `STRATEGY`, named as the file is; files whose names begin with `_` hold parts
that strategies share.
"""

from __future__ import annotations

import math
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
    in_order = sorted(
        strategies.values(),
        key=lambda each: (GROUPS.index(each.group), each.lesson or math.inf, each.label),
    )
    return {strategy.name: strategy for strategy in in_order}


STRATEGIES: dict[str, Strategy] = _find_strategies()
"""Name -> strategy, in the order of the lessons, then group by group."""
