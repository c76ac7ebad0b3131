"""Batch sampler: shuffled epochs, the same for every strategy with one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.tasks import Split


@dataclass(frozen=True, slots=True)
class Samples:
    """A split as tensors."""

    inputs: Tensor
    """(n, 30)"""
    labels: Tensor
    """(n,)"""

    @classmethod
    def from_split(cls, split: Split) -> Samples:
        """Return the samples of a split; they share its memory. Args: split: of a task's data."""
        return cls(torch.from_numpy(split.inputs), torch.from_numpy(split.labels))


class BatchSampler:
    """Draws batches from endless shuffled epochs. Args: samples: to draw.  seed: of the order."""

    def __init__(self, samples: Samples, seed: int) -> None:
        self.samples = samples
        self._generator = torch.Generator().manual_seed(seed)
        self._rows = torch.empty(0, dtype=torch.int64)
        """Rows of the last batch, and of those to come as far as they are drawn."""
        self._position = 0
        """Where the coming batch begins in `_rows`."""

    def next(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """Return the next batch: (n, 30) inputs and (n,) labels, n = min(batch_size, samples).

        Args: batch_size: ≥ 1.
        """
        count = len(self.samples.labels)
        size = min(batch_size, count)
        if self._position + size > len(self._rows):
            epoch = torch.randperm(count, generator=self._generator)
            self._rows = torch.cat([self._rows[self._position :], epoch])
            self._position = 0
        rows = self._rows[self._position : self._position + size]
        self._position += size
        samples = self.samples
        return samples.inputs.index_select(0, rows), samples.labels.index_select(0, rows)

    def peek(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """Return the batch that `next` will return, without advancing. Args: batch_size: ≥ 1."""
        state, batch = self.state(), self.next(batch_size)
        self.restore(state)
        return batch

    def put_back(self, batch: tuple[Tensor, Tensor]) -> None:
        """Undo the last `next`: the same samples come again. Args: batch: that it returned."""
        self._position -= len(batch[1])

    def state(self) -> dict[str, Any]:
        """Return all that decides the coming batches, as plain data."""
        return {
            "waiting": self._rows[self._position :].numpy().copy(),
            "generator": self._generator.get_state().numpy().copy(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue exactly where `state` was taken. Args: state: as `state` returned it."""
        self._rows, self._position = torch.from_numpy(state["waiting"].copy()), 0
        self._generator.set_state(torch.from_numpy(state["generator"].copy()))
