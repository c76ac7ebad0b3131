"""Change log: changes of settings in the middle of a run, by branch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.protocol.messages import Applied, Arrived, Branch, Catalogue
from engine.protocol.settings import Settings
from gui.text.settings_change import change_texts

MAX_PAUSE_IN_DRAG = 1.0
"""Seconds between two changes of the same fields of one drag, at most."""
MAX_CHANGES = 40
"""Changes kept of each branch."""


class DragDetector:
    """Tells whether a change continues the drag that the change before it belongs to."""

    def __init__(self) -> None:
        self._fields: frozenset[str] = frozenset()
        self._changed_at = 0.0

    def continues(self, fields: frozenset[str], now: float) -> bool:
        """Return whether a change continues a drag. Args: fields: changed.  now: in seconds."""
        same_drag = fields == self._fields and now - self._changed_at <= MAX_PAUSE_IN_DRAG
        self._fields, self._changed_at = fields, now
        return same_drag

    def end(self) -> None:
        """Let the next change begin anew."""
        self._fields = frozenset()


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One change of settings, as charts and the timeline mark it."""

    step: int
    """The last step under the old settings."""
    text: str
    before: Settings
    """The old settings."""
    after: Settings
    """The new settings."""


class BranchChanges:
    """The changes of one branch, from the root on, by rising step."""

    def __init__(self, settings: Settings, changes: Iterable[LoggedChange] = ()) -> None:
        """Args: settings: in force where it begins.  changes: before that."""
        self.all = tuple(changes)
        """All changes, oldest first."""
        self.settings = self._before = settings
        """In force now."""
        self._drag = DragDetector()
        self.newest: LoggedChange | None = None
        """The newest change since the step was reached; None: there was none."""

    def set_settings(self, settings: Settings) -> None:
        """Begin anew at another step. Args: settings: in force there."""
        self.settings, self.newest = settings, None
        self._drag.end()

    def add(self, applied: Applied, catalogue: Catalogue | None, now: float) -> None:
        """Log a change: one drag of a slider is one entry; before the first step there is none.

        Args: applied: the report.  catalogue: names settings, if known.  now: seconds on any clock.
        """
        old, new = self.settings, applied.settings
        self.settings = new
        fields = frozenset(old.differences(new))
        if not fields:
            return
        if self._drag.continues(fields, now):
            replaced, before = self.newest, self._before
        else:
            replaced = next((it for it in self.all if it.step == applied.step), None)
            before = old if replaced is None else replaced.before
        changes = [change for change in self.all if change is not replaced]
        self._before, self.newest = before, None
        text = ", ".join(change_texts(before, new, catalogue))
        if text and applied.step > 0:
            self.newest = LoggedChange(applied.step, text, before, new)
            changes = [*changes[1 - MAX_CHANGES :], self.newest]
        self.all = tuple(sorted(changes, key=lambda change: change.step))

    def up_to(self, step: int) -> BranchChanges:
        """Return a copy for a branch that forks off here. Args: step: where, ≥ 0."""
        changes = (change for change in self.all if change.step <= step)
        return BranchChanges(self.settings, changes)


class ChangeLog:
    """The changes of a run, by branch."""

    def __init__(self, settings: Settings) -> None:
        """Args: settings: to begin with."""
        self.begin(settings)

    @property
    def shown(self) -> BranchChanges:
        """The changes of the branch that is shown, as far as the engine has reported."""
        return self._branches[self._shown]

    def of(self, branch: int) -> tuple[LoggedChange, ...]:
        """Return changes from the root to a tip, oldest first. Args: branch: its number."""
        changes = self._branches.get(branch)
        return () if changes is None else changes.all

    def begin(self, settings: Settings) -> None:
        """Begin a new run. Args: settings: to begin with."""
        self._branches, self._shown = {0: BranchChanges(settings)}, 0

    def begin_engine(self) -> None:
        """Keep only the branch that was shown: a new engine knows no other."""
        self._branches, self._shown = {0: self.shown}, 0

    def follow(self, branches: Iterable[Branch]) -> None:
        """Keep existing branches; a new one is a copy of its parent. Args: branches: all."""
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
        """Begin anew at another step. Args: arrived: where the run is now."""
        self._at(arrived.branch, arrived.step).set_settings(arrived.settings)

    def add(self, applied: Applied, catalogue: Catalogue | None, now: float) -> None:
        """Log a change. Args: applied: which.  catalogue: names settings.  now: in seconds."""
        self._at(applied.branch, applied.step).add(applied, catalogue, now)

    def _at(self, branch: int, step: int) -> BranchChanges:
        """Return a branch's changes; an unknown one has just forked off the one shown."""
        if branch not in self._branches:
            self._branches[branch] = self.shown.up_to(step)
        self._shown = branch
        return self._branches[branch]
