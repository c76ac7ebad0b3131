"""Which samples each step sees: shuffled epochs, the same for every strategy with one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.tasks import Split

AHEAD = 512
"""Samples, at least, that are laid out in their order at a time."""
ALIGNMENT = 64
"""Bytes: a batch begins at a multiple of it, for of few samples some sums differ elsewhere."""


@dataclass(frozen=True, slots=True)
class Samples:
    """A split as torch sees it."""

    inputs: Tensor
    """(n, 30)"""
    labels: Tensor
    """(n,)"""


def samples(split: Split) -> Samples:
    """A split as torch sees it."""
    return Samples(torch.from_numpy(split.inputs), torch.from_numpy(split.labels))


class BatchSampler:
    """Draws batches of any size from an endless run of shuffled epochs.

    The coming samples lie in their order, so that a batch is a slice, and mostly nothing is copied.

    Args: samples: those to draw from.  seed: decides the order.
    """

    def __init__(self, samples: Samples, seed: int) -> None:
        self.samples = samples
        self._count = len(samples.labels)
        self._generator = torch.Generator().manual_seed(seed)
        self._taken = 0
        self._lay_out(torch.empty(0, dtype=torch.int64))

    def next(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """(n, 30) inputs and (n,) labels, n = min(batch_size, samples)."""
        size = min(batch_size, self._count)
        if self._taken + size > self._laid_out:
            self._draw(size)
        first = self._taken
        self._taken = last = first + size
        inputs = self._inputs[first:last]
        # A copy is aligned: a step is then the same bits wherever the layout began.
        aligned = inputs.clone() if inputs.data_ptr() % ALIGNMENT else inputs
        return aligned, self._labels[first:last]

    def peek(self, batch_size: int) -> tuple[Tensor, Tensor]:
        """What `next` will give, without taking it: `state` stays the same."""
        state = self.state()
        batch = self.next(batch_size)
        self.restore(state)
        return batch

    def put_back(self, batch: tuple[Tensor, Tensor]) -> None:
        """Undo the last `next`: the same samples come again."""
        self._taken -= batch[1].shape[0]

    def _draw(self, size: int) -> None:
        rows = [self._rows[self._taken :]]
        while sum(map(len, rows)) < max(size, AHEAD):
            rows.append(torch.randperm(self._count, generator=self._generator))
        self._lay_out(torch.cat(rows))

    def _lay_out(self, rows: Tensor) -> None:
        self._rows, self._taken = rows, 0
        self._laid_out = len(rows)
        self._inputs: Tensor = self.samples.inputs[rows]
        self._labels: Tensor = self.samples.labels[rows]

    def state(self) -> dict[str, Any]:
        """All that decides the coming batches, as plain data."""
        return {
            "waiting": self._rows[self._taken :].numpy().copy(),
            "generator": self._generator.get_state().numpy().copy(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on exactly where `state` was taken."""
        self._lay_out(torch.from_numpy(state["waiting"].copy()))
        self._generator.set_state(torch.from_numpy(state["generator"].copy()))
