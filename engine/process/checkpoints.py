"""Checkpoints: states that the window holds, to go on from should the engine process be lost."""

from __future__ import annotations

import time

from engine.process.outbox import Outbox
from engine.protocol.messages import Checkpoint
from engine.trainer import Trainer

CHECKPOINT_SECONDS = 2.0
"""Between two states sent to the window, at least, while it trains."""
MAX_SENT_BYTES = 32 * 2**20
"""Size of the largest state that is sent to the window."""


class CheckpointSender:
    """Sends the window a state now and then.

    Args: outbox: takes the states.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._due = 0.0

    def send(self, trainer: Trainer, *, moving: bool) -> None:
        """Send the trainer's state, unless one was sent just now or it is too large.

        Args: trainer: in a good state.  moving: whether it is training.
        """
        now = time.perf_counter()
        if (moving and now < self._due) or trainer.run.state_bytes() > MAX_SENT_BYTES:
            return
        self._due = now + CHECKPOINT_SECONDS
        self._outbox.put(Checkpoint(trainer.run.number, trainer.steps_taken, trainer.state()))
