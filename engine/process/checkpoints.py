"""Checkpoints: states that the window holds, to go on from should the engine process be lost."""

from __future__ import annotations

import time

from engine.process.limits import EngineLimits
from engine.process.outbox import Outbox
from engine.protocol.messages import Checkpoint
from engine.trainer import Trainer


class CheckpointSender:
    """Sends the window a state now and then.

    Args: outbox: takes the states.  limits: of the engine.
    """

    def __init__(self, outbox: Outbox, limits: EngineLimits) -> None:
        self._outbox, self._limits = outbox, limits
        self._due = 0.0

    def send(self, trainer: Trainer, *, moving: bool) -> None:
        """Send the trainer's state, unless one was sent just now or it is too large.

        Args: trainer: in a good state.  moving: whether it is training.
        """
        now, limits = time.perf_counter(), self._limits
        if (moving and now < self._due) or trainer.run.state_bytes() > limits.max_checkpoint_bytes:
            return
        self._due = now + limits.checkpoint_seconds
        self._outbox.put(Checkpoint(trainer.run.number, trainer.steps_taken, trainer.state()))
