"""Early stopping: it ends a run once the validation loss no longer falls."""

from __future__ import annotations

import math

from engine.protocol.messages import StoppedEarly
from engine.training.run import Run


class EarlyStopping:
    """Watches one run; call `check` after every step and `restart` after every change."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget the best step so far: settings changed, or the run went back."""
        self._best_step, self._best_loss = -1, math.inf

    def check(self, run: Run) -> StoppedEarly | None:
        """Decide after a step whether the run is to stop.

        The validation loss counts at every step, and before the first: where fine-tuning only
        harms, the pretrained network is the best.

        Args: run: that has taken the step.
        Returns: the step to go back to, once the validation loss has not fallen for as many steps
        as the settings' patience; else None.
        """
        patience, step = run.settings.patience, run.steps_taken
        if patience is None:
            return None
        loss = run.evaluator.validation_loss()
        if math.isnan(loss):  # the next batch will tell that the run diverged
            return None
        if self._best_step < 0 and step == 1:
            self._best_step, self._best_loss = 0, run.evaluator.at_start.validation_loss
        if loss < self._best_loss or self._best_step > step:
            self._best_step, self._best_loss = step, loss
        if step - self._best_step < patience:
            return None
        return StoppedEarly(run.number, step, self._best_step, self._best_loss)
