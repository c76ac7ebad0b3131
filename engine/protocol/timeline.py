"""Where in time a run stands: its branches, and the way to an earlier step."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol.settings import Settings

MAX_BRANCHES = 6
"""Of one run, at a time."""
MAX_NAME_LENGTH = 24
"""Characters of a branch's name."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of steps; settings that were changed in the past made it leave another."""

    number: int
    """0 for the first; no number comes twice in a run."""
    name: str
    """A, B, C … until the user names it."""
    parent: int | None
    """Branch that took the last shared step; None: it is the first, or the first was dropped."""
    forked_at: int
    """The last step that it shares with its parent; else the earliest step that is kept."""
    tip: int
    """Its newest step, as of the report; of the branch that is shown `Frame.tip` is as new."""


# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class GoTo:
    """Pause, and show this step of this branch, or its nearest; exact, bit for bit."""

    step: int
    branch: int | None = None
    """None: the one that is shown."""


@dataclass(frozen=True, slots=True)
class NameBranch:
    """Give a branch a name of the user's."""

    branch: int
    name: str


@dataclass(frozen=True, slots=True)
class DropBranch:
    """Forget what only this branch has; the last one stays.

    From one that is shown the run goes to the newest step of the branch that it left, or of the
    first.
    """

    branch: int


# ---------------------------------------------------------------- reports


@dataclass(frozen=True, slots=True)
class Timeline:
    """The branches of a run, whenever there are others, or one has another name."""

    run: int
    active: int
    """The branch that is shown, and that goes on."""
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The run stands at another step, or came to a change of settings that was made here."""

    run: int
    branch: int
    step: int
    settings: Settings
    """Those in force there."""
    notes: tuple[str, ...] = ()
    """What a user should know of it, in whole sentences."""


@dataclass(frozen=True, slots=True)
class Thinned:
    """The memory for earlier steps is full: fewer are kept, and those between are computed anew.

    Every step can still be reached, bit for bit; it takes longer.
    """

    every: int
    """Steps between two that are kept."""
    megabytes: int
    """What all that are kept may take."""
