"""Commands and reports of the timeline: the run's branches, and seeking to an earlier step."""

from __future__ import annotations

from engine.protocol.identity import Answer, Numbered, Plain
from engine.protocol.settings import Settings

MAX_BRANCHES = 6
"""Branches of one run at a time."""
MAX_NAME_LENGTH = 24
"""Characters of a branch's name."""


class Branch(Plain, frozen=True):
    """One sequence of steps; a change of settings in the past makes it fork from another."""

    number: int
    """0 for the first; no number is used twice in a run."""
    name: str
    """A, B, C … until the user names it."""
    parent: int | None
    """Branch that took the last shared step; None: it is the first, or the first was dropped."""
    forked_at: int
    """Last step that it shares with its parent; else the earliest step that is kept."""
    tip: int
    """Its newest step at the time of the report; for the active branch see `Frame.tip`."""


# ---------------------------------------------------------------- commands


class GoTo(Numbered, frozen=True):
    """Pause, and go to this step of this branch, or the nearest one; exact, bit for bit."""

    step: int
    branch: int | None = None
    """None: the active one."""


class NameBranch(Numbered, frozen=True):
    """Rename a branch."""

    branch: int
    name: str


class DropBranch(Numbered, frozen=True):
    """Delete the steps that only this branch has; the last branch stays.

    From an active branch the run goes to the newest step of its parent, or of the first branch.
    """

    branch: int


class RestoreBranch(Numbered, frozen=True):
    """Bring back a branch that was dropped; the run goes back to it if it was shown then."""

    branch: int


# ---------------------------------------------------------------- reports


class Timeline(Answer, frozen=True):
    """The branches of a run, sent whenever their set or a name changes."""

    run: int
    active: int
    """The branch that is shown and trained."""
    branches: tuple[Branch, ...]


class Arrived(Answer, frozen=True):
    """The run is at another step, or replayed a change of settings that was made there."""

    run: int
    branch: int
    step: int
    settings: Settings
    """Settings in force there."""
    notes: tuple[str, ...] = ()
    """Consequences that the user should know, in whole sentences."""


class Thinned(Answer, frozen=True):
    """The memory for earlier steps is full: fewer are kept, and those between are computed anew.

    Every step can still be reached, bit for bit; it takes longer.
    """

    run: int
    interval_steps: int
    """Steps between two that are kept."""
    megabytes: int
    """Memory limit for all steps that are kept."""
