"""The history of a run: every step of every branch, bit for bit, by snapshots and replay."""

from __future__ import annotations

import math
from dataclasses import dataclass

from msgspec.structs import replace

from engine.derivation.step import TracedStep
from engine.frames.measurements import OtherBranch
from engine.history.branch import NOT_TRAINING, BranchRecord, SettingsChange, Snapshot
from engine.history.branches import Branches, HistoryError as HistoryError
from engine.history.curves import CurveRecorder
from engine.history.places import Place
from engine.history.replay import apply_settings, bring_to, repeat_changes, with_current_patience
from engine.protocol.messages import Applied, EarlierRun, Reset, Thinned, Timeline
from engine.protocol.settings import Settings
from engine.protocol.timeline import MAX_BRANCHES
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


class History:
    """All branches of one trainer's run; the trainer stands somewhere on the active one.

    Call `record_step` after every step of the trainer, and change settings by `configure` alone:
    between two snapshots there are then only steps and known changes, so that replay repeats them.

    Beyond the limits every second snapshot goes. Of a large network only the newest stay, as many
    as early stopping needs; where not even two fit there are none, and the only way back is to the
    beginning.

    Args: trainer: whose run it is.  limits: of its snapshots.  serial: of the run.
    """

    def __init__(self, trainer: Trainer, limits: HistoryLimits = LIMITS, serial: int = 0) -> None:
        self._trainer = trainer
        self.serial, self.name = serial, ""
        """Which run it is, and the name that the user gave it."""
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
        self._branches = Branches(self.active)
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
            return repeat_changes(self._trainer, branch)
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
            return apply_settings(trainer, branch, new)
        left = self._branches.find(branch.parent)
        if left is not None and branch.tip == branch.forked_at and self._settings_on(left) == new:
            self._branches.remove_unused(branch)
            self._bring_to(left, branch.forked_at)
            return apply_settings(trainer, left, new)
        if self.in_past and len(self._branches.all) >= MAX_BRANCHES:
            raise HistoryError(
                f"There are {MAX_BRANCHES} branches, the largest number allowed: drop one before "
                "changing the past"
            )
        applied = apply_settings(trainer, branch, new)
        if self.in_past:
            left, step = self.active, self._trainer.steps_taken
            self.active = self._branches.fork(left, step, left.changes_until(step))
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
        return with_current_patience(made[-1], self._trainer) if made else None

    # ------------------------------------------------------------ coming back

    def place(self) -> Place:
        """Return where the trainer stands."""
        branch, step = self.active, self._trainer.steps_taken
        return Place(self.serial, branch.number, step, branch.changes_until(step))

    def return_to(self, place: Place, run: int) -> None:
        """Bring the trainer to a place, exactly; what was trained since stays.

        Where the run went on from there under other settings, the place begins a branch, which
        goes again when it is left before its first step.

        Args: place: of this run.  run: the number that the run has from now on.
        Raises: HistoryError: that step is no longer kept.
        """
        branch, before = self._branches.find_place(place), self.active
        if branch is None:
            raise HistoryError("The step before is no longer stored")
        if branch.changes_until(place.step) != place.changes:
            if branch.tip > place.step or self._branches.is_dropped(branch):
                branch = self._branches.fork(branch, place.step, place.changes)
            branch.changes = list(place.changes)
            branch.curves.drop_from(place.step)
        elif self._branches.is_dropped(branch):
            self._branches.restore(branch.number)
        self._bring_to(branch, place.step, run)
        branch.curves.record(self._trainer.run)
        if before is not branch:
            self._branches.remove_unused(before)

    def adopt(self, branch: BranchRecord) -> None:
        """Replace all branches by one. Args: branch: the trainer stands at its tip."""
        self.active = branch
        self._branches.adopt(branch)

    # ------------------------------------------------------------ going elsewhere

    def go_to(self, step: int, number: int | None = None, run: int = 0) -> int:
        """Bring the trainer to a step of a branch, or to the nearest that there is.

        Where no snapshot is kept the past is gone: the run begins anew.

        Args: step: to go to.  number: of the branch; None: the active one.  run: number of the run
        that begins anew; 0: the next.
        Returns: the step that the trainer stands at.
        Raises: HistoryError: there is no such branch.
        """
        branch = self.active if number is None else self._branches.get(number)
        if not branch.snapshots:
            if step < self._trainer.steps_taken:
                self._trainer.apply(Reset(number=run))
            return self._trainer.steps_taken
        self._bring_to(branch, min(max(step, branch.first_step), branch.tip))
        return self._trainer.steps_taken

    def _bring_to(self, branch: BranchRecord, step: int, run: int = 0) -> None:
        self.active = branch
        bring_to(self._trainer, branch, step, run=run)

    def other_branch(self, number: int) -> OtherBranch:
        """Return W′ of another branch at the trainer's step, or at the nearest that it has.

        Args: number: of the branch.
        Raises: HistoryError: there is no such branch, or nothing is kept of it.
        """
        branch = self._branches.get(number)
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
            bring_to(self._other, branch, step, traced=traced)
            self._other_at = at
        return self._other

    # ------------------------------------------------------------ branches

    def timeline(self) -> Timeline:
        """Return all branches as the window is told of them."""
        number = self._trainer.run.number
        return Timeline(number, self.active.number, self._branches.report())

    def rename(self, number: int, name: str) -> None:
        """Rename a branch. Args: number, name: as of `Branches.rename`, which raises as well."""
        self._branches.rename(number, name)

    def drop(self, number: int) -> None:
        """Drop a branch; from the active one the trainer goes to the newest step of another.

        Args: number: of the branch.
        Raises: HistoryError: there is none, or no other.
        """
        is_active = number == self.active.number
        branch = self._branches.drop(number, self._trainer.steps_taken if is_active else None)
        if is_active:
            left = self._branches.find(branch.parent) or self._branches.all[0]
            self._bring_to(left, left.tip)

    def restore(self, number: int) -> None:
        """Bring back a branch that was dropped, and the trainer to it if it stood there.

        Args: number: of the branch.
        Raises: HistoryError: it is not kept.
        """
        branch, stood = self._branches.restore(number)
        if stood is not None:
            self._bring_to(branch, stood)

    def leave(self) -> None:
        """Free what is only needed while the run is on the stage."""
        self._other, self._other_at = None, ()

    def summary(self, step: int, settings: Settings) -> EarlierRun:
        """Return the run as the list of runs tells of it. Args: step, settings: where it stands."""
        newest = max(self._branches.all, key=lambda branch: branch.tip)
        curves = newest.curves.between(-1, newest.tip, wait=False)
        measured = len(curves.steps) > 0
        return EarlierRun(
            serial=self.serial,
            name=self.name,
            settings=settings,
            step=step,
            tip=newest.tip,
            branches=len(self._branches.all),
            target_accuracy=float(curves.target_accuracy[-1]) if measured else math.nan,
            source_accuracy=float(curves.source_accuracy[-1]) if measured else math.nan,
            size=self.size(),
        )

    def size(self) -> int:
        """Return about how many bytes are kept."""
        return sum(each.size for each in self._branches.snapshots())

    @property
    def is_empty(self) -> bool:
        """Whether no step was taken."""
        return len(self._branches.all) == 1 and self.active.tip == self.active.first_step

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
        while self.size() > self._limits.max_bytes:
            self._free_memory(keeps_old=fitting > FEW_SNAPSHOTS)

    def _free_memory(self, *, keeps_old: bool) -> None:
        """Drop what was dropped by the user, else every second snapshot, or the oldest."""
        if self._branches.forget_dropped():
            return
        if keeps_old:
            self._drop_every_second()
            if not self._was_thinned:
                self._was_thinned = True
                megabytes = self._limits.max_bytes // 2**20
                self.thinned = Thinned(self._trainer.run.number, self._every, megabytes)
        else:
            self.lost_branches = True
            oldest = min((each.step for each in self._branches.snapshots()), default=0)
            self._branches.keep_snapshots(lambda each: each.step > oldest)
            self._branches.forget_empty(self.active)

    def _drop_every_second(self) -> None:
        """Drop every second snapshot."""
        self._every *= 2
        first = {branch.first_step for branch in self._branches.all}
        self._branches.keep_snapshots(
            lambda each: each.step in first or each.step % self._every == 0
        )

    def _forget_all(self) -> None:
        self.lost_branches = len(self._branches.all) > 1
        self._branches.forget_dropped()
        self.active.snapshots = []
        self._branches.all = [self.active]
