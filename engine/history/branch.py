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
NO_TRACE = NOT_TRAINING | {
    "learning_rate", "batch_size", "weight_decay", "penalty", "dropout", "schedule", "warmup_steps",
}  # fmt: skip
"""Settings that act in a step alone: of their changes between two steps only the last counts."""


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """Settings that took effect between `step` and the step after it."""

    step: int
    settings: Settings

    def counts_after(self, last: SettingsChange) -> bool:
        """Whether it is more than another value in the place of the last."""
        here = self.step == last.step
        return not here or bool(last.settings.differences(self.settings).keys() - NO_TRACE)


@dataclass(slots=True, eq=False)
class Snapshot:
    """A run as it stood after a step, before settings were changed there."""

    step: int
    state: dict[str, Any]
    """As `Run.state` gives it, with the losses since the snapshot `before`."""
    tensors: int
    """Bytes of all in the state but the losses."""
    before: Snapshot | None
    """The one on the way here; None: this is the earliest."""

    @property
    def size(self) -> int:
        """Bytes."""
        losses: Losses = self.state["losses"]
        return self.tensors + losses.nbytes

    def losses(self) -> Losses:
        """Batch losses on the way here, the newest `MAX_LOSSES`."""
        found: list[Losses] = []
        for each in self.to_the_first():
            found.append(each.state["losses"])
            if sum(map(len, found)) >= MAX_LOSSES:
                break
        return np.concatenate(found[::-1])[-MAX_LOSSES:]

    def to_the_first(self) -> Iterator[Snapshot]:
        """This one and all on the way to it, the newest first."""
        each: Snapshot | None = self
        while each is not None:
            yield each
            each = each.before


@dataclass(slots=True, eq=False)
class BranchRecord:
    """A branch with all that leads to it, so that it outlives those that it left."""

    number: int
    name: str
    parent: int | None
    forked_at: int
    tip: int
    curves: CurveRecorder
    """From the beginning, as are the changes and snapshots."""
    changes: list[SettingsChange]
    newest: Snapshot | None

    @property
    def first(self) -> Snapshot | None:
        """The earliest snapshot."""
        return None if self.newest is None else [*self.newest.to_the_first()][-1]

    @property
    def start(self) -> int:
        """The earliest step that can be gone to."""
        return self.tip if self.first is None else self.first.step

    def settings_changed_at(self, step: int) -> Iterator[Settings]:
        """What was set between a step and the next, in order."""
        first = bisect_left(self.changes, step, key=lambda change: change.step)
        here = takewhile(lambda change: change.step == step, islice(self.changes, first, None))
        return (change.settings for change in here)

    def nearest(self, step: int) -> Snapshot | None:
        """The newest snapshot that is no later than a step."""
        found = () if self.newest is None else self.newest.to_the_first()
        return next((each for each in found if each.step <= step), None)
