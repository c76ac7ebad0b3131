"""Commands and reports of earlier runs: each is kept with its branches until memory is full."""

from __future__ import annotations

from engine.protocol.identity import Answer, Numbered, Plain
from engine.protocol.settings import Settings

MAX_RUN_NAME_LENGTH = 40
"""Characters of a run's name."""


class EarlierRun(Plain, frozen=True):
    """One earlier run, as it was left."""

    serial: int
    """From 0, in the order in which the runs began; the same however often it is opened."""
    name: str
    """Given by the user; empty: none."""
    settings: Settings
    step: int
    """At which it was left."""
    tip: int
    """The newest step of any branch."""
    branches: int
    """How many it has."""
    target_accuracy: float
    """Fraction of the target's test set at the newest point of its curves; NaN: not measured."""
    source_accuracy: float
    """The same of the source's, with the head as it is."""
    size: int
    """In bytes."""


# ---------------------------------------------------------------- commands


class OpenRun(Numbered, frozen=True):
    """Pause, and put an earlier run on the stage as it was left; the present one is kept."""

    serial: int


class NameRun(Numbered, frozen=True):
    """Name a run. Of the present one as well."""

    serial: int
    name: str
    """Empty: none."""


class DropRun(Numbered, frozen=True):
    """Take an earlier run from the list. While there is memory for it, `RestoreRun` undoes it."""

    serial: int


class RestoreRun(Numbered, frozen=True):
    """Put a run that was dropped back into the list."""

    serial: int


class Return(Numbered, frozen=True):
    """Pause, and return to where the run stood before a command, exactly, whatever run that was.

    What was trained since stays: as a later part of its branch, or as another run.
    """

    before: int
    """Number of the command; where a later one superseded it, that one counts."""
    settings: Settings | None = None
    """To be in force then; None: those that were. They differ where a change before the command
    was superseded by it."""


# ---------------------------------------------------------------- reports


class Runs(Answer, frozen=True):
    """The runs of this engine, sent whenever their set or a name changes."""

    serial: int
    """Of the present run."""
    name: str
    """Of the present run."""
    earlier: tuple[EarlierRun, ...]
    """The oldest first."""
    max_megabytes: int
    """Memory limit for all of them."""
    forgotten: int = 0
    """How many were forgotten just now, the oldest, as memory was full."""
