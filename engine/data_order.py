"""Which samples each step sees: shuffled epochs, the same for every strategy with one seed."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class DataOrder:
    """Draws batches of any size from an endless run of shuffled epochs.

    Args: samples: how many there are.  seed: decides the order.
    """

    def __init__(self, samples: int, seed: int) -> None:
        self._samples = samples
        self._generator = torch.Generator().manual_seed(seed)
        self._waiting = torch.empty(0, dtype=torch.int64)

    def next(self, batch_size: int) -> Tensor:
        """(min(batch_size, samples),) int64: rows of the training split."""
        size = min(batch_size, self._samples)
        if len(self._waiting) < size:
            epoch = torch.randperm(self._samples, generator=self._generator)
            self._waiting = torch.cat([self._waiting, epoch])
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        return batch

    def put_back(self, batch: Tensor) -> None:
        """Undo `next`: the same samples come again."""
        self._waiting = torch.cat([batch, self._waiting])

    def state(self) -> dict[str, Any]:
        """All that decides the coming batches, as plain data."""
        return {
            "waiting": self._waiting.numpy().copy(),
            "generator": self._generator.get_state().numpy().copy(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on exactly where `state` was taken."""
        self._waiting = torch.from_numpy(state["waiting"].copy())
        self._generator.set_state(torch.from_numpy(state["generator"].copy()))
