"""Early stopping: it ends a run once the validation loss no longer falls."""

from __future__ import annotations

import math

from engine.protocol.messages import StoppedEarly
from engine.training.run import Run

EVALUATION_INTERVAL = 5
"""Steps between two evaluations of the validation loss."""


class EarlyStopping:
    """Watches one run; call `check` after every step and `restart` after every change."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget the best step so far: settings changed, or the run went back."""
        self._best_step, self._best_loss = -1, math.inf

    def check(self, run: Run) -> StoppedEarly | None:
        """Decide after a step whether the run is to stop.

        Args: run: that has taken the step.
        Returns: the step to go back to, once the validation loss has not fallen for as many steps
        as the settings' patience; else None.
        """
        patience, step = run.settings.patience, run.steps_taken
        if patience is None or step % EVALUATION_INTERVAL:
            return None
        loss = run.evaluator.validation_loss()
        if loss < self._best_loss or self._best_step > step:
            self._best_step, self._best_loss = step, loss
        # A run that is lost before the first look has no best step: that it diverged is told.
        if math.isinf(self._best_loss) or step - self._best_step < patience:
            return None
        return StoppedEarly(run.number, step, self._best_step, self._best_loss)
