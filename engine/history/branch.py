"""A branch of a run: its snapshots, the settings changed on the way, and its curves."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.history.curves import CurveRecorder
from engine.protocol.settings import Settings
from engine.training.run import MAX_LOSSES

Losses = NDArray[np.float32]

NOT_TRAINING = frozenset({"patience"})
"""Settings that no step depends on."""
STEP_ONLY = NOT_TRAINING | {
    "learning_rate", "batch_size", "weight_decay", "penalty", "dropout", "schedule", "warmup_steps",
}  # fmt: skip
"""Settings that act only during a step: of their changes between two steps the last counts."""


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """Settings that took effect between `step` and the step after it."""

    step: int
    settings: Settings

    def counts_after(self, last: SettingsChange) -> bool:
        """Return whether this change must be replayed beside the last. Args: last: at any step."""
        here = self.step == last.step
        return not here or bool(last.settings.differences(self.settings).keys() - STEP_ONLY)


@dataclass(slots=True, eq=False)
class Snapshot:
    """The state of a run after a step, before settings were changed there."""

    step: int
    state: dict[str, Any]
    """As `Run.state` gives it, with the losses since the snapshot `parent`."""
    tensors: int
    """Size of the state without the losses, in bytes."""
    parent: Snapshot | None
    """The snapshot before; None: this is the earliest."""

    @property
    def size(self) -> int:
        """Size in bytes."""
        losses: Losses = self.state["losses"]
        return self.tensors + losses.nbytes

    def losses(self) -> Losses:
        """Return the newest `MAX_LOSSES` batch losses up to this step."""
        found: list[Losses] = []
        for each in self.ancestry():
            found.append(each.state["losses"])
            if sum(map(len, found)) >= MAX_LOSSES:
                break
        return np.concatenate(found[::-1])[-MAX_LOSSES:]

    def ancestry(self) -> Iterator[Snapshot]:
        """Yield this snapshot and all before it, the newest first."""
        each: Snapshot | None = self
        while each is not None:
            yield each
            each = each.parent


@dataclass(slots=True, eq=False)
class BranchRecord:
    """One branch with everything from the root to its tip, so that it outlives its parent."""

    number: int
    name: str
    parent: int | None
    forked_at: int
    tip: int
    curves: CurveRecorder
    """From the root on, as are the changes and snapshots."""
    changes: list[SettingsChange]
    last_snapshot: Snapshot | None

    @property
    def first_snapshot(self) -> Snapshot | None:
        """The earliest snapshot."""
        return None if self.last_snapshot is None else [*self.last_snapshot.ancestry()][-1]

    @property
    def first_step(self) -> int:
        """The earliest step that can be restored."""
        return self.tip if self.first_snapshot is None else self.first_snapshot.step

    def settings_changed_at(self, step: int) -> Iterator[Settings]:
        """Yield the settings that were set between a step and the next. Args: step: the first."""
        first = bisect_left(self.changes, step, key=lambda change: change.step)
        made = takewhile(lambda change: change.step == step, islice(self.changes, first, None))
        return (change.settings for change in made)

    def nearest(self, step: int) -> Snapshot | None:
        """Return the newest snapshot that is no later than a step. Args: step: from 0."""
        found = () if self.last_snapshot is None else self.last_snapshot.ancestry()
        return next((each for each in found if each.step <= step), None)
