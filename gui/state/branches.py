"""Branches of a run: lookup, tips, and the steps that two of them share."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from engine.protocol.messages import Branch, Frame, Timeline

FIRST_NAME = "A"
"""Name of a run's first branch."""


def branches_of(timeline: Timeline | None, frame: Frame | None) -> tuple[Branch, ...]:
    """Return all branches, oldest first: one at least. Args: timeline, frame: the newest."""
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
    """Return a branch, None where there is none. Args: branches: any.  number: of the branch."""
    return next((branch for branch in branches if branch.number == number), None)


def last_shared(branches: Sequence[Branch], one: int, other: int) -> int:
    """Return the last step that two branches have in common. Args: one, other: their numbers.

    >>> a, b = Branch(0, "A", None, 0, 90), Branch(1, "B", 0, 40, 70)
    >>> c = Branch(2, "C", 1, 55, 60)
    >>> last_shared([a, b, c], 0, 2), last_shared([a, b, c], 2, 1)
    (40, 55)
    """
    a, b = _path_to_root(branches, one), _path_to_root(branches, other)
    return max((min(a[n], b[n]) for n in a.keys() & b.keys()), default=0)


def tip_of(frame: Frame) -> int:
    """Return the newest step of a frame's branch. Args: frame: any."""
    return max(frame.tip, frame.step)


def in_past(frame: Frame) -> bool:
    """Return whether its branch has later steps. Args: frame: any."""
    return frame.step < frame.tip


def _path_to_root(branches: Sequence[Branch], number: int) -> dict[int, int]:
    """Return each branch on the path to the root -> the last of its steps on that path."""
    path: dict[int, int] = {}
    branch = find(branches, number)
    shared = 0 if branch is None else branch.tip
    while branch is not None and branch.number not in path:
        path[branch.number] = shared
        shared = min(shared, branch.forked_at)
        branch = find(branches, branch.parent)
    return path
