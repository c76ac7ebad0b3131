"""Label placement: select, group and push apart labels so that none overlap."""

from __future__ import annotations

from collections.abc import Sequence


def select_labels(positions: Sequence[float], gap: float, length: float) -> list[int]:
    """Return the indices of the labels to draw: all, or those at least a gap apart.

    Args: positions: desired ones, pixels.  gap: between two labels, pixels.  length: available for
    all of them, pixels.

    >>> select_labels([50, 52, 80], 10, 100), select_labels([50, 52, 80], 10, 15)
    ([0, 1, 2], [0, 2])
    """
    if (len(positions) - 1) * gap <= length:
        return list(range(len(positions)))
    kept: list[int] = []
    for index in sorted(range(len(positions)), key=lambda index: positions[index]):
        if not kept or positions[index] - positions[kept[-1]] >= gap:
            kept.append(index)
    return sorted(kept)


def group_overlapping(spans: Sequence[tuple[float, float]]) -> list[list[int]]:
    """Return groups of labels that share a column because they overlap, from left to right.

    Args: spans: (left, right) of each label, pixels.

    >>> group_overlapping([(0, 30), (50, 60), (20, 40)])
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


def push_apart(
    positions: Sequence[float], gap: float, minimum: float, maximum: float
) -> list[float]:
    """Return the positions moved as little as possible so that neighbours are a gap apart.

    The order stays; where they do not all fit they are spread evenly.
    Args: positions, gap: in pixels.  minimum, maximum: limits, pixels.

    >>> push_apart([50, 52], 10, 0, 100)
    [46.0, 56.0]
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    last = len(order) - 1
    gap = min(gap, (maximum - minimum) / max(last, 1))
    groups: list[tuple[float, int]] = []  # labels that touch: (sum of their first places, how many)
    for place, index in enumerate(order):
        total, size = positions[index] - place * gap, 1
        while groups and groups[-1][0] / groups[-1][1] >= total / size:
            before, count = groups.pop()
            total, size = before + total, count + size
        groups.append((total, size))
    starts = [total / size for total, size in groups for _ in range(size)]
    result = [0.0] * len(positions)
    for place, (index, start) in enumerate(zip(order, starts, strict=True)):
        result[index] = min(max(start, minimum), maximum - last * gap) + place * gap
    return result
