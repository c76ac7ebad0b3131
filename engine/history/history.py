"""The past of a run: every step of every branch, bit for bit, by snapshots and replay."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.derivation.step import TracedStep
from engine.frames.measurements import OtherBranch
from engine.history.branch import NOT_TRAINING, BranchRecord, SettingsChange, Snapshot
from engine.history.curves import CurveRecorder
from engine.protocol.messages import Applied, Branch, Configure, Reset, Thinned, Timeline
from engine.protocol.settings import Settings
from engine.protocol.timeline import MAX_BRANCHES, MAX_NAME_LENGTH
from engine.trainer import Trainer
from engine.training.run import MAX_LOSSES

EVERY = 100
"""Steps between two snapshots, until there are `MOST`."""
MOST = 300
"""Snapshots on one branch's way: enough for 30,000 steps at full density, and some 30 MB of the
lessons' network. Of a longer run every second goes."""
BUDGET = 256 * 2**20
"""Bytes of all snapshots together."""
BESIDE = 16 * 2**10
"""Bytes of a snapshot beside its tensors: two generators' states and the data order."""
FEW = 8
"""Where no more snapshots than this fit, only the newest stay: from older ones it would be far."""


class HistoryError(ValueError):
    """Something that cannot be done with the past; nothing was changed."""


class History:
    """All branches of one trainer's run; the trainer stands somewhere on the active one.

    Call `note` after every step of the trainer, and change settings by `configure` alone: between
    two snapshots there are then only steps and known changes, so that replay repeats them.

    There are at most `MOST` snapshots on a way, and all stay within `budget` bytes: else every
    second goes. Of a large network only the newest stay, as many as early stopping needs; where
    not even two fit there are none, and the only way back is to the beginning.
    """

    def __init__(self, trainer: Trainer, budget: int | None = None) -> None:
        self._trainer = trainer
        self._other: Trainer | None = None
        """Stands on another branch, to be compared with."""
        self._other_at: tuple[object, ...] = ()
        """Where it stands, and how it came there."""
        self._budget = BUDGET if budget is None else budget
        self._bytes = 0
        self._every = EVERY
        self._was_thinned = False
        self.thinned: Thinned | None = None
        """News, once in a run: memory is short. Whoever tells it sets it back to None."""
        self.forgot = False
        """News: earlier steps or branches are gone. Whoever tells the timeline sets it back."""
        start = trainer.steps_taken
        self.active = BranchRecord(0, "A", None, start, start, CurveRecorder(), [], None)
        """The branch that is shown, and that goes on."""
        self._lines = [self.active]
        self._numbers = 1
        self._keep()
        self.active.curves.record(trainer.run)

    # ------------------------------------------------------------ going on

    @property
    def in_past(self) -> bool:
        """Whether the trainer stands before the active branch's newest step."""
        return self._trainer.steps_taken < self.active.tip

    def note(self) -> Applied | None:
        """A step was taken.

        Returns: the settings that took effect, where they were changed here before.
        """
        step, line = self._trainer.steps_taken, self.active
        if step <= line.tip:
            return _repeat_changes(self._trainer, line)
        line.tip = step
        line.curves.record(self._trainer.run)
        if step % self._every == 0:
            self._keep()
        return None

    def configure(self, new: Settings) -> Applied:
        """Let settings take effect that begin no new run.

        In the past they make a branch. One that has no step yet goes again when all is set back.

        Raises: SettingsError: as `Trainer.apply`.  HistoryError: there are too many branches.
        """
        trainer, line = self._trainer, self.active
        if trainer.settings.differences(new).keys() <= NOT_TRAINING:
            return _apply(trainer, line, new)
        left = self._found(line.parent)
        if left is not None and line.tip == line.forked_at and self._set_here(left) == new:
            self._lines.remove(line)
            self._stand(left, line.forked_at)
            return _apply(trainer, left, new)
        if self.in_past and len(self._lines) == MAX_BRANCHES:
            raise HistoryError(
                f"There are {MAX_BRANCHES} branches, as many as can be kept: drop one before "
                "changing the past"
            )
        applied = _apply(trainer, line, new)
        if self.in_past:
            self._fork()
        change, changes = SettingsChange(trainer.steps_taken, new), self.active.changes
        if changes and not change.counts_after(changes[-1]):
            changes.pop()
        changes.append(change)
        self.active.curves.drop_from(trainer.steps_taken)
        self.active.curves.record(trainer.run)
        return replace(applied, branch=self.active.number)

    def _set_here(self, line: BranchRecord) -> Settings | None:
        """The settings in force on a line at the trainer's step, the patience as it is now."""
        made = [each.settings for each in line.changes if each.step <= self._trainer.steps_taken]
        if not made and line.first is not None:
            made.append(Settings.from_json(line.first.state["settings"]))
        return _patient(made[-1], self._trainer) if made else None

    def _fork(self) -> None:
        step, left = self._trainer.steps_taken, self.active
        taken = {line.name for line in self._lines}
        self.active = BranchRecord(
            number=self._numbers,
            name=next(name for name in string.ascii_uppercase if name not in taken),
            parent=left.number,
            forked_at=step,
            tip=step,
            curves=left.curves.until(step),
            changes=[change for change in left.changes if change.step <= step],
            newest=left.nearest(step),
        )
        self._numbers += 1
        self._lines.append(self.active)

    def take_over(self, line: BranchRecord) -> None:
        """Have this past, at whose tip the trainer stands, in the place of what is known."""
        self.active, self._lines = line, [line]
        self._bytes = sum(each.size for each in self.snapshots())

    # ------------------------------------------------------------ going elsewhere

    def go_to(self, step: int, branch: int | None = None) -> int:
        """Bring the trainer to a step of a branch, or to the nearest that there is.

        Where none is kept, what is past is gone: the run begins anew.

        Args: branch: its number; None: the active one.
        Returns: the step it stands at.
        Raises: HistoryError: there is no such branch.
        """
        line = self.active if branch is None else self._line(branch)
        if line.newest is None:
            if step < self._trainer.steps_taken:
                self._trainer.apply(Reset())
            return self._trainer.steps_taken
        self._stand(line, min(max(step, line.start), line.tip))
        return self._trainer.steps_taken

    def _stand(self, line: BranchRecord, step: int) -> None:
        self.active = line
        _stand(self._trainer, line, step)

    def elsewhere(self, branch: int) -> OtherBranch:
        """W′ of another branch at the trainer's step, or at the nearest that it has.

        Raises: HistoryError: there is no such branch, or nothing is kept of it.
        """
        line = self._line(branch)
        if line.newest is None:
            raise HistoryError("Of a network this large no earlier step is kept")
        step = max(line.start, min(self._trainer.steps_taken, line.tip))
        other = self._beside(line, step)
        updated = {name: layer.updated() for name, layer in other.network.layers()}
        return OtherBranch(branch, other.steps_taken, updated)

    def last_trace(self) -> TracedStep | None:
        """The step that led to where the trainer stands, looked into.

        Returns: None where it is not kept, or where settings were changed since.
        """
        step, line = self._trainer.steps_taken, self.active
        if line.newest is None or step <= line.start or any(line.settings_changed_at(step)):
            return None
        return self._beside(line, step, traced=True).frames.last_trace

    def _beside(self, line: BranchRecord, step: int, *, traced: bool = False) -> Trainer:
        """Another trainer, which stands there. Args: traced: trace the step that led there."""
        if self._other is None:
            self._other = Trainer(self._trainer.settings)
        at = line, step, traced, *line.changes
        if at != self._other_at:
            self._other_at = ()
            _stand(self._other, line, step, traced=traced)
            self._other_at = at
        return self._other

    # ------------------------------------------------------------ branches

    def timeline(self) -> Timeline:
        """All branches, as a window is told of them."""
        branches = []
        for line in self._lines:
            left = self._left(line)
            parent, since = (left.number, line.forked_at) if left else (None, line.start)
            branches.append(Branch(line.number, line.name, parent, since, line.tip))
        return Timeline(self._trainer.run.number, self.active.number, tuple(branches))

    def _left(self, line: BranchRecord) -> BranchRecord | None:
        """The branch that took the step at which this one left, itself or one that it left."""
        left = self._found(line.parent)
        while left is not None and line.forked_at < left.forked_at:
            left = self._found(left.parent)
        return left

    def name(self, branch: int, name: str) -> None:
        """Name a branch. Raises: HistoryError: there is none, or the name is not free or empty."""
        line, name = self._line(branch), " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            raise HistoryError(f"A branch's name has 1 to {MAX_NAME_LENGTH} characters")
        if any(other.name == name for other in self._lines if other is not line):
            raise HistoryError(f"There is a branch named {name} already")
        line.name = name

    def drop(self, branch: int) -> None:
        """Forget a branch; from the active one the trainer goes to the newest step of another.

        Raises: HistoryError: there is none, or no other.
        """
        line = self._line(branch)
        if len(self._lines) == 1:
            raise HistoryError("A run's only branch stays: Reset begins anew")
        self._lines.remove(line)
        for child in (each for each in self._lines if each.parent == branch):
            child.parent, child.forked_at = line.parent, min(child.forked_at, line.forked_at)
        if line is self.active:
            left = self._found(line.parent) or self._lines[0]
            self._stand(left, left.tip)
        self._bytes = sum(each.size for each in self.snapshots())

    def _line(self, number: int) -> BranchRecord:
        line = self._found(number)
        if line is None:
            raise HistoryError("This branch was dropped")
        return line

    def _found(self, number: int | None) -> BranchRecord | None:
        return next((line for line in self._lines if line.number == number), None)

    # ------------------------------------------------------------ snapshots

    def _keep(self) -> None:
        trainer, line = self._trainer, self.active
        size = trainer.run.state_bytes() + BESIDE
        room = self._budget // size
        if room < 2:
            self._forget_all()
            return
        if room <= FEW:
            reach = max(EVERY, trainer.settings.patience or 0)
            self._every = max(EVERY, -(-reach // (room - 1)))
        before = line.newest
        try:
            state = trainer.state(since=0 if before is None else before.step)
        except MemoryError:
            self._thin(keeps_old=room > FEW)
            return
        line.newest = Snapshot(trainer.steps_taken, state, size, before)
        self._bytes += line.newest.size
        if sum(1 for _ in line.newest.to_the_first()) > MOST:
            self._halve()
        while self._bytes > self._budget:
            self._thin(keeps_old=room > FEW)

    def snapshots(self) -> set[Snapshot]:
        """All that are kept, of whatever branch."""
        return {each for line in self._lines if line.newest for each in line.newest.to_the_first()}

    def _thin(self, *, keeps_old: bool) -> None:
        """Memory is short: let every second snapshot go, or the oldest."""
        if keeps_old:
            self._halve()
            if not self._was_thinned:
                self._was_thinned = True
                self.thinned = Thinned(self._every, self._budget // 2**20)
        else:
            self.forgot = True
            oldest = min((each.step for each in self.snapshots()), default=0)
            self._unlink(lambda each: each.step <= oldest)
            self._lines = [
                line for line in self._lines if line.newest is not None or line is self.active
            ]

    def _halve(self) -> None:
        """Let every second snapshot go."""
        self._every *= 2
        self._unlink(lambda each: each.before is not None and each.step % self._every > 0)

    def _unlink(self, goes: Callable[[Snapshot], bool]) -> None:
        """Take snapshots out of every way; the losses that they hold go on to the next."""
        gone = {each for each in self.snapshots() if goes(each)}
        for line in self._lines:
            while line.newest in gone:
                line.newest = line.newest.before
            for each in () if line.newest is None else line.newest.to_the_first():
                while each.before in gone:
                    losses = [each.before.state["losses"], each.state["losses"]]
                    each.state["losses"] = np.concatenate(losses)[-MAX_LOSSES:]
                    each.before = each.before.before
        self._bytes = sum(each.size for each in self.snapshots())

    def _forget_all(self) -> None:
        self.forgot = len(self._lines) > 1
        self.active.newest = None
        self._lines, self._bytes = [self.active], 0


def _stand(trainer: Trainer, line: BranchRecord, step: int, *, traced: bool = False) -> None:
    """Bring any trainer to a step of a line, whatever became of it: from the nearest snapshot.

    Args: step: within the line's reach.  inside: look into the step that leads there, which is
    not the line's first.
    """
    near = line.nearest(step - 1 if traced else step)
    assert near is not None
    settings = _patient(Settings.from_json(near.state["settings"]), trainer)
    trainer.restore({**near.state, "losses": near.losses(), "settings": settings.to_json()})
    _repeat_changes(trainer, line)
    while trainer.steps_taken < step:
        trainer.step(traced=traced and trainer.steps_taken == step - 1)
        _repeat_changes(trainer, line)


def _repeat_changes(trainer: Trainer, line: BranchRecord) -> Applied | None:
    """Make the changes that were made at the trainer's step; None: there are none."""
    applied = None
    for settings in line.settings_changed_at(trainer.steps_taken):
        applied = _apply(trainer, line, _patient(settings, trainer))
    return applied


def _apply(trainer: Trainer, line: BranchRecord, settings: Settings) -> Applied:
    return replace(trainer.apply(Configure(settings)), branch=line.number)


def _patient(settings: Settings, trainer: Trainer) -> Settings:
    """With the patience that is set now, which no step depends on."""
    return settings.replace(patience=trainer.settings.patience)
