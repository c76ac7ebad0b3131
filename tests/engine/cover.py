"""Which strategies meet which optimizers each day; the rest of the product is marked slow."""

from __future__ import annotations

import pytest

from engine.protocol.settings import strategy_names


def each_with(others: tuple[str, ...], count: int = 1) -> list[object]:
    """Every strategy with every other, for `parametrize`.

    Args: count: of the others that each strategy meets each day; all of them come up equally
        often, and neighbours in the list, which are much alike, meet different ones.
    """
    pairs = []
    for place, strategy in enumerate(strategy_names()):
        daily = {others[(place + turn) % len(others)] for turn in range(count)}
        for other in others:
            marks = [] if other in daily else [pytest.mark.slow]
            pairs.append(pytest.param(strategy, other, marks=marks))
    return pairs
