"""Early stopping: when the validation loss has stopped falling, and which step was the best."""

from __future__ import annotations

import math

from engine.protocol.messages import StoppedEarly
from engine.training.run import Run

EVERY = 5
"""Steps between two looks at the validation split."""


class EarlyStopping:
    """Watches one run; call `note` after every step and `restart` after every change."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Settings changed, or the run went back: what was best before does not count."""
        self._best_step, self._best_loss = -1, math.inf

    def note(self, run: Run) -> StoppedEarly | None:
        """A step was taken.

        Returns: to which step to go back, once the validation loss has not fallen for as many
        steps as the settings' patience.
        """
        patience, step = run.settings.patience, run.steps_taken
        if patience is None or step % EVERY:
            return None
        loss = run.evaluator.validation_loss()
        if loss < self._best_loss or self._best_step > step:
            self._best_step, self._best_loss = step, loss
        # A run that is lost before the first look has no best step: that it diverged is told.
        if math.isinf(self._best_loss) or step - self._best_step < patience:
            return None
        return StoppedEarly(step, self._best_step, self._best_loss)
