"""The branches of a run, those that the user dropped among them."""

from __future__ import annotations

import string
from collections.abc import Callable

from engine.history.branch import BranchRecord, SettingsChange, Snapshot
from engine.history.places import Place
from engine.protocol.messages import Branch
from engine.protocol.timeline import MAX_NAME_LENGTH


class HistoryError(ValueError):
    """A request that the history cannot fulfil; nothing was changed."""


class Branches:
    """All branches of a run; they know no trainer. Args: first: the root."""

    def __init__(self, first: BranchRecord) -> None:
        self.all = [first]
        """In the order of their numbers."""
        self._dropped: dict[int, tuple[BranchRecord, int | None]] = {}
        """Number -> the branch, and where the trainer stood on it, or None: elsewhere."""
        self._count = 1
        """Branches so far: no number is used twice."""

    def adopt(self, branch: BranchRecord) -> None:
        """Replace all branches by one. Args: branch: that one."""
        self.all = [branch]
        self._dropped.clear()

    # ------------------------------------------------------------ finding

    def find(self, number: int | None) -> BranchRecord | None:
        """Return a branch; None: there is none. Args: number: of the branch."""
        return next((branch for branch in self.all if branch.number == number), None)

    def get(self, number: int) -> BranchRecord:
        """Return a branch.

        Args: number: of the branch.
        Raises: HistoryError: there is none.
        """
        branch = self.find(number)
        if branch is None:
            raise HistoryError("This branch was dropped")
        return branch

    def find_parent(self, branch: BranchRecord) -> BranchRecord | None:
        """Return the branch that took the step before the fork. Args: branch: that forked off."""
        left = self.find(branch.parent)
        while left is not None and branch.forked_at < left.forked_at:
            left = self.find(left.parent)
        return left

    def find_place(self, place: Place) -> BranchRecord | None:
        """Return a branch on which a place can be reached; None: it is no longer kept.

        One that took the very steps to it is preferred to one whose settings were changed there.

        Args: place: of this run.
        """
        dropped = [branch for branch, _ in self._dropped.values()]
        reach = [
            branch
            for branch in (*self.all, *dropped)
            if branch.snapshots and branch.first_step <= place.step <= branch.tip
        ]
        reach.sort(key=lambda branch: branch.number != place.branch)
        way = tuple(change for change in place.changes if change.step < place.step)
        exact = (b for b in reach if b.changes_until(place.step) == place.changes)
        nearly = (b for b in reach if b.changes_until(place.step - 1) == way)
        return next(exact, None) or next(nearly, None)

    def report(self) -> tuple[Branch, ...]:
        """Return all branches as the window is told of them."""
        branches = []
        for branch in self.all:
            left = self.find_parent(branch)
            parent, since = (left.number, branch.forked_at) if left else (None, branch.first_step)
            branches.append(Branch(branch.number, branch.name, parent, since, branch.tip))
        return tuple(branches)

    # ------------------------------------------------------------ changing

    def fork(
        self, left: BranchRecord, step: int, changes: tuple[SettingsChange, ...]
    ) -> BranchRecord:
        """Add a branch. Args: left: the one that it leaves.  step: where.  changes: up to there."""
        branch = BranchRecord(
            number=self._count,
            name=self._free_name(),
            parent=left.number,
            forked_at=step,
            tip=step,
            curves=left.curves.until(step),
            changes=list(changes),
            snapshots=[each for each in left.snapshots if each.step <= step],
        )
        self._count += 1
        self.all.append(branch)
        return branch

    def _free_name(self) -> str:
        taken = {branch.name for branch in self.all}
        return next(name for name in string.ascii_uppercase if name not in taken)

    def rename(self, number: int, name: str) -> None:
        """Rename a branch.

        Args: number: of the branch.  name: 1 to `MAX_NAME_LENGTH` characters, not yet taken.
        Raises: HistoryError: there is no such branch, or it cannot have this name.
        """
        branch, name = self.get(number), " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            raise HistoryError(f"A branch's name has 1 to {MAX_NAME_LENGTH} characters")
        if any(other.name == name for other in self.all if other is not branch):
            raise HistoryError(f"There is already a branch named {name}")
        branch.name = name

    def drop(self, number: int, stood: int | None) -> BranchRecord:
        """Drop a branch, which can be restored until memory is short.

        Args: number: of the branch.  stood: step of the trainer if it stands on it.
        Raises: HistoryError: there is none, or no other.
        """
        branch = self.get(number)
        if len(self.all) == 1:
            raise HistoryError("A run's only branch cannot be dropped: Reset starts again")
        self.all.remove(branch)
        self._dropped[number] = branch, stood
        for child in (each for each in self.all if each.parent == number):
            child.parent, child.forked_at = branch.parent, min(child.forked_at, branch.forked_at)
        return branch

    def restore(self, number: int) -> tuple[BranchRecord, int | None]:
        """Bring back a branch that was dropped. Returns: it, and `stood` as of `drop`.

        Args: number: of the branch.
        Raises: HistoryError: it is not kept.
        """
        if number not in self._dropped:
            raise HistoryError("This branch is no longer stored")
        branch, stood = self._dropped.pop(number)
        if any(other.name == branch.name for other in self.all):
            branch.name = self._free_name()
        self.all.append(branch)
        self.all.sort(key=lambda each: each.number)
        return branch, stood

    def remove_unused(self, branch: BranchRecord) -> None:
        """Remove a branch if it took no step of its own. Args: branch: that is being left."""
        if branch in self.all and branch.is_unused:
            self.all.remove(branch)

    def is_dropped(self, branch: BranchRecord) -> bool:
        """Return whether the user dropped a branch. Args: branch: to look for."""
        return branch.number in self._dropped

    # ------------------------------------------------------------ snapshots

    def snapshots(self) -> set[Snapshot]:
        """Return all snapshots, of whatever branch."""
        dropped = [branch for branch, _ in self._dropped.values()]
        return {each for branch in (*self.all, *dropped) for each in branch.snapshots}

    def keep_snapshots(self, stays: Callable[[Snapshot], bool]) -> None:
        """Remove snapshots from every branch. Args: stays: whether one stays."""
        for branch in self.all:
            branch.snapshots = [each for each in branch.snapshots if stays(each)]

    def forget_dropped(self) -> bool:
        """Forget what the user dropped. Returns: whether there was any."""
        forgotten = bool(self._dropped)
        self._dropped.clear()
        return forgotten

    def forget_empty(self, active: BranchRecord) -> None:
        """Forget branches of which nothing is kept. Args: active: stays anyway."""
        self.all = [branch for branch in self.all if branch.snapshots or branch is active]
