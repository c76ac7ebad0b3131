"""A branch of a run: its snapshots, the settings changed on the way, and its curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.history.curves import CurveRecorder
from engine.protocol.settings import Settings

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


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The state of a run after a step, before settings were changed there."""

    step: int
    state: dict[str, Any]
    """As `Run.state` gives it."""
    size: int
    """In bytes."""


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
    snapshots: list[Snapshot]
    """The oldest first; branches share those before they forked."""

    @property
    def first_step(self) -> int:
        """The earliest step that can be restored."""
        return self.snapshots[0].step if self.snapshots else self.tip

    @property
    def is_unused(self) -> bool:
        """Whether it left another branch and has taken no step yet."""
        return self.parent is not None and self.tip == self.forked_at

    def changes_until(self, step: int) -> tuple[SettingsChange, ...]:
        """Return the changes of settings up to a step. Args: step: the last one included."""
        return tuple(change for change in self.changes if change.step <= step)

    def settings_changed_at(self, step: int) -> list[Settings]:
        """Return the settings that were set between a step and the next. Args: step: the first."""
        return [change.settings for change in self.changes if change.step == step]

    def nearest(self, step: int) -> Snapshot:
        """Return the newest snapshot up to a step. Args: step: from `first_step` on."""
        return [each for each in self.snapshots if each.step <= step][-1]
