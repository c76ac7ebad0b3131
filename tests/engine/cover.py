"""Which pairs are tried each day; the rest of their product is marked slow."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.protocol.strategy_files import strategy_names


def each_with(
    others: Sequence[object],
    count: int = 1,
    ones: Sequence[object] | None = None,
    share: int = 1,
) -> list[object]:
    """Every one with every other, for `parametrize`.

    Args: count: of the others that each one meets each day; all of them come up equally
        often, and neighbours in the list, which are much alike, meet different ones.
        ones: None: every strategy.  share: one in so many of them is tried each day.
    """
    pairs = []
    for place, one in enumerate(strategy_names() if ones is None else ones):
        tried = 0 if place % share else count
        daily = [others[(place + turn) % len(others)] for turn in range(tried)]
        for other in others:
            marks = [] if other in daily else [pytest.mark.slow]
            pairs.append(pytest.param(one, other, marks=marks))
    return pairs


def some_of(values: Sequence[object], share: int = 3) -> list[object]:
    """Every value, for `parametrize`. Args: share: one in so many is tried each day."""
    return [
        pytest.param(value, marks=[pytest.mark.slow] if place % share else [])
        for place, value in enumerate(values)
    ]
