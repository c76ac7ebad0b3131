"""Where settings changed in the middle of a run, on every branch of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.protocol.messages import Applied, Arrived, Branch, Catalogue
from engine.protocol.settings import Settings
from gui.text.settings_change import change_texts

SAME_MOVE_SECONDS = 1.0
"""Changes of the same setting that follow each other faster are one drag of a slider."""
MOST = 40


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """A change of settings."""

    step: int
    """The last step under the old settings."""
    text: str
    before: Settings
    """The old settings."""


class BranchChanges:
    """The marks of one branch, from the root on, by rising step."""

    def __init__(self, settings: Settings, marks: Iterable[LoggedChange] = ()) -> None:
        self._marks = list(marks)
        self._settings = settings
        self._before = settings
        self._fields: frozenset[str] = frozenset()
        self._time = float("-inf")
        self._last: LoggedChange | None = None
        """That of the newest change; None: it has none."""

    @property
    def all(self) -> tuple[LoggedChange, ...]:
        """Oldest first."""
        return tuple(self._marks)

    def stand(self, settings: Settings) -> None:
        """These are in force where the run stands now; what comes is no part of an older drag."""
        self._settings, self._fields = settings, frozenset()

    def add(self, applied: Applied, catalogue: Catalogue | None, now: float) -> None:
        """Note a change.

        Args: now: seconds on any clock. What belongs to one drag becomes one mark, from the
        first value to the last; a change before the first step needs none.
        """
        old, new = self._settings, applied.settings
        self._settings = new
        fields = frozenset(old.differences(new))
        if not fields:
            return
        before = self._start_of_move(old, fields, applied.step, now)
        self._before, self._fields, self._time, self._last = before, fields, now, None
        text = ", ".join(change_texts(before, new, catalogue))
        if text and applied.step > 0:
            self._last = LoggedChange(applied.step, text, before)
            marks = [*self._marks[1 - MOST :], self._last]
            self._marks = sorted(marks, key=lambda mark: mark.step)

    def _start_of_move(
        self, old: Settings, fields: frozenset[str], step: int, now: float
    ) -> Settings:
        """The settings before the drag, or before all that changed at this step; unmarks it."""
        if fields == self._fields and now - self._time <= SAME_MOVE_SECONDS:
            if self._last is not None:
                self._marks.remove(self._last)
            return self._before
        here = next((mark for mark in self._marks if mark.step == step), None)
        if here is None:
            return old
        self._marks.remove(here)
        return here.before

    def up_to(self, step: int) -> BranchChanges:
        """Those that a branch has which left at this step."""
        return BranchChanges(self._settings, (mark for mark in self._marks if mark.step <= step))


class ChangeLog:
    """The marks of a run, by branch."""

    def __init__(self, settings: Settings) -> None:
        self._branches = {0: BranchChanges(settings)}
        self._shown = 0

    def of(self, branch: int) -> tuple[LoggedChange, ...]:
        """On the way from the root to the tip of this branch, oldest first."""
        marks = self._branches.get(branch)
        return () if marks is None else marks.all

    def begin(self, settings: Settings) -> None:
        """A new run."""
        self._branches, self._shown = {0: BranchChanges(settings)}, 0

    def begin_engine(self) -> None:
        """A new engine knows of the branch alone that was shown."""
        self._branches, self._shown = {0: self._branches[self._shown]}, 0

    def follow(self, branches: Iterable[Branch]) -> None:
        """Keep to the branches that there are; one that is new begins as the one that it left."""
        old, self._branches = self._branches, {}
        for branch in sorted(branches, key=lambda branch: branch.number):
            known = old.get(branch.number)
            parent = old.get(self._shown if branch.parent is None else branch.parent)
            if known is not None:
                self._branches[branch.number] = known
            elif parent is not None:
                self._branches[branch.number] = parent.up_to(branch.forked_at)
        self._shown = self._shown if self._shown in self._branches else min(self._branches)

    def arrive(self, arrived: Arrived) -> None:
        """The run stands elsewhere."""
        self._at(arrived.branch, arrived.step).stand(arrived.settings)

    def add(self, applied: Applied, catalogue: Catalogue | None, now: float) -> None:
        """Note a change of settings. Args: now: seconds on any clock."""
        self._at(applied.branch, applied.step).add(applied, catalogue, now)

    def _at(self, branch: int, step: int) -> BranchChanges:
        """The marks of this branch; one not heard of yet has just left the one that was shown."""
        if branch not in self._branches:
            self._branches[branch] = self._branches[self._shown].up_to(step)
        self._shown = branch
        return self._branches[branch]
