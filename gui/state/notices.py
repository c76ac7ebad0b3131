"""What the window tells its user, in plain words, and the way on that it offers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.protocol.messages import Checkpoint, Diverged, Failed, Frame, StoppedEarly, Thinned
from gui.text.setting_specs import field_name


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing the user should know, in plain words, and perhaps a way on."""

    text: str
    kind: str = "info"
    """info, warning or error."""
    action: str = ""
    """What the button says; empty: no button. Pressing it calls `Session.act`."""


class PersistentNotice:
    """Says what goes on: once, while there is nothing more urgent to say, and until it is over.

    Args: over: kinds of other notices that it may take the place of.
    """

    def __init__(self, over: frozenset[str] = frozenset()) -> None:
        self._over = over
        self.told: Notice | None = None
        """What goes on and has been said, although perhaps it was dismissed."""

    def now(self, why: Notice | None, said: Notice | None) -> Notice | None:
        """What to say now. Args: why: what goes on; None: nothing does.  said: what is said."""
        before = self.told
        if why is None:
            self.told = None
            return None if said == before else said
        if why == before or not (said is None or said == before or said.kind in self._over):
            return said
        self.told = why
        return why


STARTING = Notice("The engine is starting…")
ALL_FROZEN = Notice(
    "Everything is frozen: steps go on, but no weight can move, so the loss stays where it is. "
    "Unlock a layer to let it learn."
)


def why_nothing_moves(frame: Frame) -> Notice | None:
    """Why steps change nothing, where that is so."""
    if frame.everything_frozen:
        return ALL_FROZEN
    total = frame.settings.total_steps
    if not frame.playing or frame.learning_rate != 0 or total is None or frame.step < total:
        return None
    return Notice(
        f"The learning rate has come down to zero: it was planned for {total:,} steps. Steps go "
        "on, but nothing moves any more. Raise the total steps T, or make the rate constant."
    )


def stopped_early(report: StoppedEarly) -> Notice:
    """Early stopping ended the run and took it back to its best step."""
    return Notice(
        f"The validation loss has not fallen since step {report.best_step:,} "
        f"({report.best_loss:.3f}): stopped at step {report.step:,} and went back to step "
        f"{report.best_step:,}. To go on, raise the patience or turn early stopping off."
    )


def thinned(report: Thinned) -> Notice:
    """The memory for earlier steps is full."""
    return Notice(
        f"The {report.megabytes:,} MB for earlier steps are full: from now on every "
        f"{report.interval_steps:,}th is kept, and those between are computed anew. Each can still be "
        "reached, exactly as it was; the way there may take a moment."
    )


def refused(message: str) -> Notice:
    """A value or a combination that settings or the engine turned down.

    Args: message: as a `SettingsError` has it, “field: what is wrong”, or any other sentence
    without its full stop.
    """
    field, colon, rest = message.partition(":")
    rest = rest.replace(" None is not allowed", " it cannot be left open", 1)
    rest = re.sub(r"\b[a-z]+_[a-z]+\b", _named, rest)
    return Notice(f"{field_name(field)}{colon}{rest}.", "warning")


def _named(found: re.Match[str]) -> str:
    name = field_name(found[0])
    return name if name == found[0] else name[0].lower() + name[1:]


def diverged(report: Diverged) -> Notice:
    """The run is lost; one click takes it back."""
    text = (
        f"The run diverged at step {report.step:,}: with a learning rate of "
        f"{report.learning_rate:g} the weights grew beyond all bounds. "
        "Go back, then lower the rate."
    )
    return Notice(text, "error", f"Back to step {report.last_good_step:,}")


def failed(report: Failed) -> Notice:
    """The engine raised; its traceback is for the log alone."""
    text = f"The engine could not take this step: {report.message}"
    return Notice(text, "error", f"Go back to step {report.last_good_step:,}")


def died(checkpoint: Checkpoint | None) -> Notice:
    """The engine's process is gone. Args: checkpoint: what a new one can go on from."""
    text = "The engine stopped unexpectedly. The last picture is kept."
    return Notice(text, "error", _new_engine(checkpoint))


def silent(checkpoint: Checkpoint | None) -> Notice:
    """The engine does not answer. Args: checkpoint: what a new one can go on from."""
    text = (
        "The engine has not answered for some seconds. A step may take long, or the engine hangs. "
        "As soon as it answers, this message goes away."
    )
    return Notice(text, action=_new_engine(checkpoint))


def _new_engine(checkpoint: Checkpoint | None) -> str:
    return "Start it again" if checkpoint is None else f"Go on from step {checkpoint.step:,}"
