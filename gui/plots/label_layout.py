"""Where labels stand."""

from __future__ import annotations

from collections.abc import Sequence


def that_fit(places: Sequence[float], gap: float, room: float) -> list[int]:
    """Which of the places to label: all, or where they are too many those `gap` apart, in order.

    >>> that_fit([50, 52, 80], 10, 100), that_fit([50, 52, 80], 10, 15)
    ([0, 1, 2], [0, 2])
    """
    if (len(places) - 1) * gap <= room:
        return list(range(len(places)))
    kept: list[int] = []
    for index in sorted(range(len(places)), key=lambda index: places[index]):
        if not kept or places[index] - places[kept[-1]] >= gap:
            kept.append(index)
    return sorted(kept)


def side_by_side(spans: Sequence[tuple[float, float]]) -> list[list[int]]:
    """Which labels share a column: those whose (left, right) overlap, from left to right.

    >>> side_by_side([(0, 30), (50, 60), (20, 40)])
    [[0, 2], [1]]
    """
    groups: list[list[int]] = []
    end = float("-inf")
    for index in sorted(range(len(spans)), key=lambda index: spans[index]):
        left, right = spans[index]
        if left > end:
            groups.append([])
        groups[-1].append(index)
        end = max(end, right)
    return [sorted(group) for group in groups]


def push_apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places, moved as little as it takes for each two to be `gap` apart, in low…high.

    They stay in their order; where they do not all fit they are spread evenly.

    >>> push_apart([50, 52], 10, 0, 100)
    [46.0, 56.0]
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    if len(order) > 1:
        gap = min(gap, (high - low) / (len(order) - 1))
    groups: list[list[float]] = []  # of [sum of wished places of the first member, size]
    for index in order:
        groups.append([places[index], 1])
        while (
            len(groups) > 1
            and _start(groups[-1], gap, low, high) < _end(groups[-2], gap, low, high) + gap - 1e-9
        ):
            total, size = groups.pop()
            before, count = groups[-1]
            # The group's first member is wished where the mean of all shifts is least.
            groups[-1] = [before + total - size * count * gap, count + size]
    result = [0.0] * len(places)
    members = iter(order)
    for group in groups:
        start = _start(group, gap, low, high)
        for number in range(int(group[1])):
            result[next(members)] = start + number * gap
    return result


def _start(group: list[float], gap: float, low: float, high: float) -> float:
    total, size = group
    return max(min(total / size, high - (size - 1) * gap), low)


def _end(group: list[float], gap: float, low: float, high: float) -> float:
    return _start(group, gap, low, high) + (group[1] - 1) * gap
