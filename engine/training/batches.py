"""Batch sampler: shuffled epochs, the same for every strategy with one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.tasks import Split

MIN_LOADED_SAMPLES = 512
"""Samples, at least, that are copied into their order at a time."""
ALIGNMENT_BYTES = 64
"""Alignment of a batch's memory: for few samples some sums differ elsewhere."""


@dataclass(frozen=True, slots=True)
class Samples:
    """A split as tensors."""

    inputs: Tensor
    """(n, 30)"""
    labels: Tensor
    """(n,)"""

    @classmethod
    def from_split(cls, split: Split) -> Samples:
        """Return the samples of a split; they share its memory.

        Args: split: of a task's data.
        """
        return cls(torch.from_numpy(split.inputs), torch.from_numpy(split.labels))


class BatchSampler:
    """Draws batches of any size from an endless run of shuffled epochs.

    The coming samples lie in their order, so that a batch is a slice, and mostly nothing is copied.

    Args: samples: to draw from.  seed: of the order.
    """

    def __init__(self, samples: Samples, seed: int) -> None:
        self.samples = samples
        self._count = len(samples.labels)
        self._generator = torch.Generator().manual_seed(seed)
        self._position = 0
        self._load_rows(torch.empty(0, dtype=torch.int64))

    def next(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """Return the next batch: (n, 30) inputs and (n,) labels, n = min(batch_size, samples).

        Args: batch_size: ≥ 1.
        """
        size = min(batch_size, self._count)
        if self._position + size > self._length:
            self._load_epochs(size)
        start = self._position
        self._position = end = start + size
        inputs = self._inputs[start:end]
        # A copy is aligned: a step is then the same bits wherever the layout began.
        aligned = inputs.clone() if inputs.data_ptr() % ALIGNMENT_BYTES else inputs
        return aligned, self._labels[start:end]

    def peek(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """Return the batch that `next` will return, without advancing.

        Args: batch_size: ≥ 1.
        """
        state = self.state()
        batch = self.next(batch_size)
        self.restore(state)
        return batch

    def put_back(self, batch: tuple[Tensor, Tensor]) -> None:
        """Undo the last `next`: the same samples come again.

        Args: batch: that it returned.
        """
        self._position -= batch[1].shape[0]

    def _load_epochs(self, size: int) -> None:
        rows = [self._rows[self._position :]]
        while sum(map(len, rows)) < max(size, MIN_LOADED_SAMPLES):
            rows.append(torch.randperm(self._count, generator=self._generator))
        self._load_rows(torch.cat(rows))

    def _load_rows(self, rows: Tensor) -> None:
        self._rows, self._position = rows, 0
        self._length = len(rows)
        self._inputs: Tensor = self.samples.inputs[rows]
        self._labels: Tensor = self.samples.labels[rows]

    def state(self) -> dict[str, Any]:
        """Return all that decides the coming batches, as plain data."""
        return {
            "waiting": self._rows[self._position :].numpy().copy(),
            "generator": self._generator.get_state().numpy().copy(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue exactly where `state` was taken.

        Args: state: as `state` returned it.
        """
        self._load_rows(torch.from_numpy(state["waiting"].copy()))
        self._generator.set_state(torch.from_numpy(state["generator"].copy()))
