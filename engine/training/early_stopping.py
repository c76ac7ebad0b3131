"""Early stopping: it ends a run once the validation loss no longer falls."""

from __future__ import annotations

import math

from engine.protocol.messages import StoppedEarly
from engine.training.run import Run


class EarlyStopping:
    """Watches a run from the step at hand on, until a setting changes or it stands elsewhere.

    That step counts as well: where what follows only harms, it is the best.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._best_step, self._best_loss = run.steps_taken, math.inf
        if run.settings.patience is not None:
            self._look()

    def check(self) -> StoppedEarly | None:
        """Decide after a step whether the run is to stop.

        Returns: the step to go back to, once the validation loss has not fallen for as many steps
        as the settings' patience; else None.
        """
        patience, step = self._run.settings.patience, self._run.steps_taken
        # That a run diverged is told when the next batch comes.
        if patience is None or not self._look() or step - self._best_step < patience:
            return None
        return StoppedEarly(self._run.number, step, self._best_step, self._best_loss)

    def _look(self) -> bool:
        """Take the validation loss at hand into account. Returns: whether it is finite."""
        loss = self._run.evaluator.validation_loss()
        if loss < self._best_loss:
            self._best_step, self._best_loss = self._run.steps_taken, loss
        return math.isfinite(loss)
