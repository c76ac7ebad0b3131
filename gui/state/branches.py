"""What follows from a run's branches: which they are, and what two of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.protocol.messages import Branch, Frame, Timeline

FIRST_NAME = "A"


def branches_of(timeline: Timeline | None, frame: Frame | None) -> tuple[Branch, ...]:
    """All branches as of the frame, oldest first; a run that nobody forked has one."""
    if frame is None:
        return (Branch(0, FIRST_NAME, None, 0, 0),)
    tip = tip_of(frame)
    if timeline is None or timeline.run != frame.run:
        return (Branch(frame.branch, FIRST_NAME, None, 0, tip),)
    return tuple(
        replace(branch, tip=tip) if branch.number == frame.branch else branch
        for branch in timeline.branches
    )


def find(branches: Sequence[Branch], number: int | None) -> Branch | None:
    """The branch of this number; None where there is none."""
    return next((branch for branch in branches if branch.number == number), None)


def last_shared(branches: Sequence[Branch], one: int, other: int) -> int:
    """The last step that two branches have in common.

    >>> a, b = Branch(0, "A", None, 0, 90), Branch(1, "B", 0, 40, 70)
    >>> c = Branch(2, "C", 1, 55, 60)
    >>> last_shared([a, b, c], 0, 2), last_shared([a, b, c], 2, 1)
    (40, 55)
    """
    ways = _way(branches, one), _way(branches, other)
    return max((min(ways[0][n], ways[1][n]) for n in ways[0].keys() & ways[1].keys()), default=0)


def tip_of(frame: Frame) -> int:
    """The newest step of the branch that the frame is of."""
    return max(frame.tip, frame.step)


def in_past(frame: Frame) -> bool:
    """Whether there are later steps of the same branch."""
    return frame.step < frame.tip


def _way(branches: Sequence[Branch], number: int) -> dict[int, int]:
    """Each branch on the way to the root -> the last step of it that the way takes."""
    way: dict[int, int] = {}
    branch = find(branches, number)
    shared = 0 if branch is None else branch.tip
    while branch is not None and branch.number not in way:
        way[branch.number] = shared
        shared = min(shared, branch.forked_at)
        branch = find(branches, branch.parent)
    return way
