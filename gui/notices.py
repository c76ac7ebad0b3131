"""What the window tells its user, in plain words, and the way on that it offers."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol.messages import Checkpoint, Diverged, Failed


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing the user should know, in plain words, and perhaps a way on."""

    text: str
    kind: str = "info"
    """info, warning or error."""
    action: str = ""
    """What the button says; empty: no button. Pressing it calls `Session.act`."""


STARTING = Notice("The engine is starting…")
ALL_FROZEN = Notice(
    "Everything is frozen: steps go on, but no weight can move, so the loss stays where it is. "
    "Unlock a layer to let it learn."
)


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
    if checkpoint is None:
        return Notice(text, "error", "Start it again")
    return Notice(text, "error", f"Go on from step {checkpoint.step:,}")
