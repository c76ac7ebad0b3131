"""The source of a frame: whatever stands on the stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.model.network import Network
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy
from engine.training.evaluator import Evaluator
from engine.training.initial_state import InitialState


class Source(Protocol):
    """Named layers with W and W′ at a step; a `Run` is one.

    What only a run can do, being traced and derived cell by cell, `FrameBuilder` asks of a run.
    """

    number: int
    """Tells the source from others; a frame carries it."""
    initial: InitialState
    """Network and data as they stood at step 0."""
    evaluator: Evaluator
    settings: Settings
    strategy: Strategy
    network: Network
    steps_taken: int
    locks_version: int
    """Counts how often it was decided anew what may move."""

    def losses_after(self, step: int) -> NDArray[np.float32]:
        """Return the batch losses of the steps after one. Args: step: the last one left out."""

    def learning_rate(self) -> float:
        """Return η of the next step."""

    def unfreeze_steps(self) -> Mapping[str, int]:
        """Return block -> number of steps after which it may train."""
