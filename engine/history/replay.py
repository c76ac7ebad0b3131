"""Replay: any trainer is brought to any step of a branch, bit for bit."""

from __future__ import annotations

from msgspec.structs import replace

from engine.history.branch import BranchRecord
from engine.protocol.messages import Applied, Configure
from engine.protocol.settings import Settings
from engine.trainer import Trainer


def bring_to(
    trainer: Trainer, branch: BranchRecord, step: int, *, run: int = 0, traced: bool = False
) -> None:
    """Bring any trainer to a step of a branch, wherever it stands, by replay from a snapshot.

    Args: trainer: to bring.  branch: to which.  step: from its first step to its tip.  run: the
    number of its run from then on; 0: as it is.  traced: trace the step that leads there, which is
    not the branch's first.
    """
    near = branch.nearest(step - 1 if traced else step)
    settings = with_current_patience(Settings.from_json(near.state["settings"]), trainer)
    number = run or trainer.run.number
    trainer.restore({**near.state, "settings": settings.to_json(), "run": number})
    repeat_changes(trainer, branch)
    while trainer.steps_taken < step:
        trainer.step(traced=traced and trainer.steps_taken == step - 1)
        repeat_changes(trainer, branch)


def repeat_changes(trainer: Trainer, branch: BranchRecord) -> Applied | None:
    """Make the changes that were made at the trainer's step.

    Args: trainer: to change.  branch: it stands on.  Returns: the last change, if any.
    """
    applied = None
    for settings in branch.settings_changed_at(trainer.steps_taken):
        applied = apply_settings(trainer, branch, with_current_patience(settings, trainer))
    return applied


def apply_settings(trainer: Trainer, branch: BranchRecord, settings: Settings) -> Applied:
    """Let settings take effect.

    Args: trainer: to change.  branch: it stands on.  settings: the new ones.
    Returns: what the trainer says of them.
    """
    return replace(trainer.apply(Configure(settings)), branch=branch.number)


def with_current_patience(settings: Settings, trainer: Trainer) -> Settings:
    """Return settings with the patience that is set now, which no step depends on.

    Args: settings: all others.  trainer: has the patience.
    """
    return settings.replace(patience=trainer.settings.patience)
