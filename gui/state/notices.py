"""Notices: what the window tells its user in plain words, with the action that it offers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.protocol.messages import (
    Checkpoint,
    Diverged,
    Failed,
    Frame,
    Runs,
    StoppedEarly,
    Thinned,
)
from gui.text.numbers import short_number
from gui.text.setting_text import field_label


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to the user, perhaps with a button."""

    text: str
    kind: str = "info"
    """info, warning or error."""
    action: str = ""
    """Text of the button; empty: no button. Pressing it calls `Session.act_on_notice`."""
    learning_rate: float | None = None
    """What the button sets it to as well; None: it stays."""

    @property
    def is_remark(self) -> bool:
        """Whether it only informs: nothing went wrong, and there is nothing to decide."""
        return self.kind == "info" and not self.action


STARTING = Notice("The engine is starting…")
"""Shown until the engine's first frame."""
ALL_FROZEN = Notice(
    "Everything is frozen: steps continue, but no weight changes, and the loss stays where it is. "
    "Unlock a layer to train it."
)
"""Shown while no weight is trainable."""


def why_nothing_moves(frame: Frame) -> Notice | None:
    """Return why steps change nothing; None where they do. Args: frame: the newest."""
    if frame.everything_frozen:
        return ALL_FROZEN
    total = frame.settings.total_steps
    if not frame.playing or frame.learning_rate != 0 or total is None or frame.step < total:
        return None
    return Notice(
        f"The learning rate has come down to zero: it was planned for {total:,} steps. Steps "
        "continue, but no weight changes. Raise the total steps T, or choose a constant schedule."
    )


def stopped_early(report: StoppedEarly) -> Notice:
    """Return the notice that early stopping ended the run. Args: report: the engine's."""
    return Notice(
        f"The validation loss has not fallen since step {report.best_step:,} "
        f"({report.best_loss:.3f}): stopped at step {report.step:,} and went back to step "
        f"{report.best_step:,}. To continue, raise the patience or turn early stopping off."
    )


def thinned(report: Thinned) -> Notice:
    """Return the notice that the memory for earlier steps is full. Args: report: the engine's."""
    return Notice(
        f"The {report.megabytes:,} MB for earlier steps are full: from now on every "
        f"{report.interval_steps:,}th is kept, and those in between are recomputed. Each can still "
        "be reached, exactly as it was; getting there may take a moment."
    )


def forgotten(report: Runs) -> Notice:
    """Return the notice that earlier runs were forgotten. Args: report: the engine's."""
    which = "the oldest run is" if report.forgotten == 1 else f"the {report.forgotten} oldest are"
    return Notice(
        f"The {report.max_megabytes:,} MB for earlier runs are full: {which} no longer kept."
    )


def refused(message: str) -> Notice:
    """Return the notice of a refusal. Args: message: “field: what is wrong”, or any sentence."""
    field, colon, rest = message.partition(":")
    rest = rest.replace(" None is not allowed", " it cannot be left open", 1)
    rest = re.sub(r"\b[a-z]+_[a-z]+\b", _replace_field, rest)
    return Notice(f"{field_label(field)}{colon}{rest}.", "warning")


def _replace_field(match: re.Match[str]) -> str:
    name = field_label(match[0])
    return name if name == match[0] else name[0].lower() + name[1:]


def diverged(report: Diverged, learning_rate: float) -> Notice:
    """Return the notice that the run diverged; its button goes back and lowers the learning rate.

    Args: report: the engine's.  learning_rate: to go on with.
    """
    text = (
        f"The run diverged at step {report.step:,}: with a learning rate of "
        f"{short_number(report.learning_rate)} the weights grew without bound."
    )
    action = f"Back to step {report.last_good_step:,}, η = {short_number(learning_rate)}"
    return Notice(text, "error", action, learning_rate)


def failed(report: Failed) -> Notice:
    """Return the notice that a step failed, without its traceback. Args: report: the engine's."""
    text = f"The engine could not take this step: {report.message}"
    return Notice(text, "error", f"Go back to step {report.last_good_step:,}")


def died(checkpoint: Checkpoint | None) -> Notice:
    """Return the notice that the engine is gone. Args: checkpoint: a new one resumes from it."""
    text = "The engine stopped unexpectedly. The last picture is kept."
    return Notice(text, "error", _restart_text(checkpoint))


def silent(checkpoint: Checkpoint | None) -> Notice:
    """Return the notice that the engine is silent. Args: checkpoint: a new one resumes from it."""
    text = (
        "The engine has not answered for some seconds. A step may be slow, or the engine hangs. "
        "This message disappears as soon as it answers."
    )
    return Notice(text, action=_restart_text(checkpoint))


def _restart_text(checkpoint: Checkpoint | None) -> str:
    return "Start it again" if checkpoint is None else f"Continue from step {checkpoint.step:,}"
