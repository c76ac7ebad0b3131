"""The history of a run: every step of every branch, bit for bit, by snapshots and replay."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from engine.derivation.step import TracedStep
from engine.frames.measurements import OtherBranch
from engine.history.branch import NOT_TRAINING, BranchRecord, SettingsChange, Snapshot
from engine.history.curves import CurveRecorder
from engine.protocol.messages import Applied, Branch, Configure, Reset, Thinned, Timeline
from engine.protocol.settings import Settings
from engine.protocol.timeline import MAX_BRANCHES, MAX_NAME_LENGTH
from engine.trainer import Trainer

SNAPSHOT_OVERHEAD_BYTES = 16 * 2**10
"""Size of a snapshot's rest beside tensors and losses: two generators' states, the data order."""
FEW_SNAPSHOTS = 8
"""If no more snapshots than this fit, only the newest stay: replay from older ones takes long."""


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """How much of a run's past is kept."""

    snapshot_interval: int = 100
    """Steps between two snapshots, until there are `max_snapshots`."""
    max_snapshots: int = 100
    """Snapshots from the root to a branch's tip: enough for 10,000 steps at full density, and some
    9 MB of the lessons' network. In a longer run every second one goes."""
    max_bytes: int = 256 * 2**20
    """Size of all snapshots together."""


LIMITS = HistoryLimits()


class HistoryError(ValueError):
    """A request that the history cannot fulfil; nothing was changed."""


class History:
    """All branches of one trainer's run; the trainer stands somewhere on the active one.

    Call `record_step` after every step of the trainer, and change settings by `configure` alone:
    between two snapshots there are then only steps and known changes, so that replay repeats them.

    Beyond the limits every second snapshot goes. Of a large network only the newest stay, as many
    as early stopping needs; where not even two fit there are none, and the only way back is to the
    beginning.

    Args: trainer: whose run it is.  limits: of its snapshots.
    """

    def __init__(self, trainer: Trainer, limits: HistoryLimits = LIMITS) -> None:
        self._trainer = trainer
        self._other: Trainer | None = None
        """Brought to other steps and branches while the trainer stays where it is."""
        self._other_at: tuple[object, ...] = ()
        """Branch, step and changes that led to where `_other` stands."""
        self._limits = limits
        self._every = limits.snapshot_interval
        self._was_thinned = False
        self.thinned: Thinned | None = None
        """Set once in a run, when memory is short; whoever reports it sets it back to None."""
        self.lost_branches = False
        """Set when earlier steps or branches are gone; whoever reports it sets it back."""
        first = trainer.steps_taken
        self.active = BranchRecord(0, "A", None, first, first, CurveRecorder(), [], [])
        """The branch that is shown, and that goes on."""
        self._branches = [self.active]
        self._numbers = 1
        self._take_snapshot()
        self.active.curves.record(trainer.run)

    # ------------------------------------------------------------ going on

    @property
    def in_past(self) -> bool:
        """Whether the trainer stands before the active branch's newest step."""
        return self._trainer.steps_taken < self.active.tip

    def record_step(self) -> Applied | None:
        """Record a step. Returns: settings that took effect, if they were changed here before."""
        step, branch = self._trainer.steps_taken, self.active
        if step <= branch.tip:
            return _repeat_changes(self._trainer, branch)
        branch.tip = step
        branch.curves.record(self._trainer.run)
        if step % self._every == 0:
            self._take_snapshot()
        return None

    def configure(self, new: Settings) -> Applied:
        """Let settings take effect that begin no new run.

        In the past they begin a branch, which goes again if all is set back before its first step.

        Args: new: the settings.
        Returns: what took effect, and on which branch.
        Raises: SettingsError: as `Trainer.apply`.  HistoryError: there are too many branches.
        """
        trainer, branch = self._trainer, self.active
        if trainer.settings.differences(new).keys() <= NOT_TRAINING:
            return _apply(trainer, branch, new)
        left = self._find_branch(branch.parent)
        if left is not None and branch.tip == branch.forked_at and self._settings_on(left) == new:
            self._branches.remove(branch)
            self._bring_to(left, branch.forked_at)
            return _apply(trainer, left, new)
        if self.in_past and len(self._branches) == MAX_BRANCHES:
            raise HistoryError(
                f"There are {MAX_BRANCHES} branches, the largest number allowed: drop one before "
                "changing the past"
            )
        applied = _apply(trainer, branch, new)
        if self.in_past:
            self._fork()
        change, changes = SettingsChange(trainer.steps_taken, new), self.active.changes
        if changes and not change.counts_after(changes[-1]):
            changes.pop()
        changes.append(change)
        self.active.curves.drop_from(trainer.steps_taken)
        self.active.curves.record(trainer.run)
        return replace(applied, branch=self.active.number)

    def _settings_on(self, branch: BranchRecord) -> Settings | None:
        """The settings in force on a branch at the trainer's step, the patience as it is now."""
        now = self._trainer.steps_taken
        made = [change.settings for change in branch.changes if change.step <= now]
        if not made and branch.snapshots:
            made.append(Settings.from_json(branch.snapshots[0].state["settings"]))
        return _with_current_patience(made[-1], self._trainer) if made else None

    def _fork(self) -> None:
        step, left = self._trainer.steps_taken, self.active
        taken = {branch.name for branch in self._branches}
        self.active = BranchRecord(
            number=self._numbers,
            name=next(name for name in string.ascii_uppercase if name not in taken),
            parent=left.number,
            forked_at=step,
            tip=step,
            curves=left.curves.until(step),
            changes=[change for change in left.changes if change.step <= step],
            snapshots=[each for each in left.snapshots if each.step <= step],
        )
        self._numbers += 1
        self._branches.append(self.active)

    def adopt(self, branch: BranchRecord) -> None:
        """Replace all branches by one. Args: branch: the trainer stands at its tip."""
        self.active, self._branches = branch, [branch]

    # ------------------------------------------------------------ going elsewhere

    def go_to(self, step: int, number: int | None = None, run: int = 0) -> int:
        """Bring the trainer to a step of a branch, or to the nearest that there is.

        Where no snapshot is kept the past is gone: the run begins anew.

        Args: step: to go to.  number: of the branch; None: the active one.  run: number of the run
        that begins anew; 0: the next.
        Returns: the step that the trainer stands at.
        Raises: HistoryError: there is no such branch.
        """
        branch = self.active if number is None else self._branch(number)
        if not branch.snapshots:
            if step < self._trainer.steps_taken:
                self._trainer.apply(Reset(number=run))
            return self._trainer.steps_taken
        self._bring_to(branch, min(max(step, branch.first_step), branch.tip))
        return self._trainer.steps_taken

    def _bring_to(self, branch: BranchRecord, step: int) -> None:
        self.active = branch
        _bring_to(self._trainer, branch, step)

    def other_branch(self, number: int) -> OtherBranch:
        """Return W′ of another branch at the trainer's step, or at the nearest that it has.

        Args: number: of the branch.
        Raises: HistoryError: there is no such branch, or nothing is kept of it.
        """
        branch = self._branch(number)
        if not branch.snapshots:
            raise HistoryError("Earlier steps of a network this large are not stored")
        step = max(branch.first_step, min(self._trainer.steps_taken, branch.tip))
        other = self._bring_other_to(branch, step)
        updated = {name: layer.updated() for name, layer in other.network.layers()}
        return OtherBranch(number, other.steps_taken, updated)

    def trace_last_step(self) -> TracedStep | None:
        """Trace the step that led here, by replay. Returns: None: not kept, or changed since."""
        step, branch = self._trainer.steps_taken, self.active
        if step <= branch.first_step or branch.settings_changed_at(step):
            return None
        return self._bring_other_to(branch, step, traced=True).frame_builder.last_trace

    def _bring_other_to(self, branch: BranchRecord, step: int, *, traced: bool = False) -> Trainer:
        """Bring the other trainer to a step of a branch. Args: traced: trace the step before."""
        if self._other is None:
            self._other = Trainer(self._trainer.settings)
        at = branch, step, traced, *branch.changes
        if at != self._other_at:
            self._other_at = ()
            _bring_to(self._other, branch, step, traced=traced)
            self._other_at = at
        return self._other

    # ------------------------------------------------------------ branches

    def timeline(self) -> Timeline:
        """Return all branches as the window is told of them."""
        branches = []
        for branch in self._branches:
            left = self._find_parent(branch)
            parent, since = (left.number, branch.forked_at) if left else (None, branch.first_step)
            branches.append(Branch(branch.number, branch.name, parent, since, branch.tip))
        return Timeline(self._trainer.run.number, self.active.number, tuple(branches))

    def _find_parent(self, branch: BranchRecord) -> BranchRecord | None:
        """The branch that took the step at which this one forked off."""
        left = self._find_branch(branch.parent)
        while left is not None and branch.forked_at < left.forked_at:
            left = self._find_branch(left.parent)
        return left

    def rename(self, number: int, name: str) -> None:
        """Rename a branch.

        Args: number: of the branch.  name: 1 to `MAX_NAME_LENGTH` characters, not yet taken.
        Raises: HistoryError: there is no such branch, or it cannot have this name.
        """
        branch, name = self._branch(number), " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            raise HistoryError(f"A branch's name has 1 to {MAX_NAME_LENGTH} characters")
        if any(other.name == name for other in self._branches if other is not branch):
            raise HistoryError(f"There is already a branch named {name}")
        branch.name = name

    def drop(self, number: int) -> None:
        """Drop a branch; from the active one the trainer goes to the newest step of another.

        Args: number: of the branch.
        Raises: HistoryError: there is none, or no other.
        """
        branch = self._branch(number)
        if len(self._branches) == 1:
            raise HistoryError("A run's only branch cannot be dropped: Reset starts again")
        self._branches.remove(branch)
        for child in (each for each in self._branches if each.parent == number):
            child.parent, child.forked_at = branch.parent, min(child.forked_at, branch.forked_at)
        if branch is self.active:
            left = self._find_branch(branch.parent) or self._branches[0]
            self._bring_to(left, left.tip)

    def _branch(self, number: int) -> BranchRecord:
        branch = self._find_branch(number)
        if branch is None:
            raise HistoryError("This branch was dropped")
        return branch

    def _find_branch(self, number: int | None) -> BranchRecord | None:
        return next((branch for branch in self._branches if branch.number == number), None)

    # ------------------------------------------------------------ snapshots

    def _take_snapshot(self) -> None:
        trainer, branch = self._trainer, self.active
        size = trainer.run.state_bytes() + SNAPSHOT_OVERHEAD_BYTES
        fitting = self._limits.max_bytes // size
        if fitting < 2:
            self._forget_all()
            return
        if fitting <= FEW_SNAPSHOTS:
            interval = self._limits.snapshot_interval
            reach = max(interval, trainer.settings.patience or 0)
            self._every = max(interval, -(-reach // (fitting - 1)))
        try:
            state = trainer.state()
        except MemoryError:
            self._free_memory(keeps_old=fitting > FEW_SNAPSHOTS)
            return
        branch.snapshots.append(Snapshot(trainer.steps_taken, state, size))
        if len(branch.snapshots) > self._limits.max_snapshots:
            self._drop_every_second()
        while sum(each.size for each in self.snapshots()) > self._limits.max_bytes:
            self._free_memory(keeps_old=fitting > FEW_SNAPSHOTS)

    def snapshots(self) -> set[Snapshot]:
        """Return all snapshots, of whatever branch."""
        return {each for branch in self._branches for each in branch.snapshots}

    def _free_memory(self, *, keeps_old: bool) -> None:
        """Drop every second snapshot, or the oldest."""
        if keeps_old:
            self._drop_every_second()
            if not self._was_thinned:
                self._was_thinned = True
                megabytes = self._limits.max_bytes // 2**20
                self.thinned = Thinned(self._trainer.run.number, self._every, megabytes)
        else:
            self.lost_branches = True
            oldest = min((each.step for each in self.snapshots()), default=0)
            self._keep(lambda each: each.step > oldest)
            self._branches = [
                branch for branch in self._branches if branch.snapshots or branch is self.active
            ]

    def _drop_every_second(self) -> None:
        """Drop every second snapshot."""
        self._every *= 2
        first = {branch.first_step for branch in self._branches}
        self._keep(lambda each: each.step in first or each.step % self._every == 0)

    def _keep(self, stays: Callable[[Snapshot], bool]) -> None:
        """Remove all other snapshots from every branch."""
        for branch in self._branches:
            branch.snapshots = [each for each in branch.snapshots if stays(each)]

    def _forget_all(self) -> None:
        self.lost_branches = len(self._branches) > 1
        self.active.snapshots, self._branches = [], [self.active]


def _bring_to(trainer: Trainer, branch: BranchRecord, step: int, *, traced: bool = False) -> None:
    """Bring any trainer to a step of a branch, wherever it stands, by replay from a snapshot.

    Args: step: from the branch's first step to its tip.  traced: trace the step that leads there,
    which is not the branch's first.
    """
    near = branch.nearest(step - 1 if traced else step)
    settings = _with_current_patience(Settings.from_json(near.state["settings"]), trainer)
    trainer.restore({**near.state, "settings": settings.to_json()})
    _repeat_changes(trainer, branch)
    while trainer.steps_taken < step:
        trainer.step(traced=traced and trainer.steps_taken == step - 1)
        _repeat_changes(trainer, branch)


def _repeat_changes(trainer: Trainer, branch: BranchRecord) -> Applied | None:
    """Make the changes that were made at the trainer's step. Returns: the last, if any."""
    applied = None
    for settings in branch.settings_changed_at(trainer.steps_taken):
        applied = _apply(trainer, branch, _with_current_patience(settings, trainer))
    return applied


def _apply(trainer: Trainer, branch: BranchRecord, settings: Settings) -> Applied:
    return replace(trainer.apply(Configure(settings)), branch=branch.number)


def _with_current_patience(settings: Settings, trainer: Trainer) -> Settings:
    """The settings with the patience that is set now, which no step depends on."""
    return settings.replace(patience=trainer.settings.patience)
