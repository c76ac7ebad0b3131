"""Evaluation of a run's network: losses and accuracies on splits that it does not learn from."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.model.network import Compute, Network
from engine.protocol.comparison import SampleHits
from engine.protocol.frames import SplitFacts
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.tasks import TASKS
from engine.training.batches import Samples
from engine.training.initial_state import InitialState


@dataclass(frozen=True, slots=True)
class Metrics:
    """Losses and accuracies of the network as it is now."""

    train_loss: float
    """Over the training split, in nats."""
    validation_loss: float
    """Over the validation split, in nats."""
    target_accuracy: float | None
    """0…1 on the target's test split; None: there is no head for the target."""
    source_accuracy: float
    """0…1 on the source's test split, with the source's head as it is now."""
    source_accuracy_kept_head: float
    """0…1 on the same, with the source's head as it stood before the first step."""
    validation_accuracy: float
    """0…1 on the validation split."""


class Evaluator:
    """Evaluates a run's network. Args: initial: the run before its first step.  settings: of it."""

    def __init__(self, initial: InitialState, settings: Settings) -> None:
        self.network, self._kept_head = initial.network, initial.kept_head
        self._trains_source_head = initial.trains_source_head
        self._train, self._validation = initial.train, initial.validation
        self.target_test = Samples.from_split(initial.data.target.test)
        self._source_test = Samples.from_split(initial.data.source.test)
        shares_head = TASKS[settings.task].info.shares_head
        learns_target = STRATEGIES[settings.strategy].learns == "target"
        self.knows_target = learns_target or shares_head
        """Whether the head tells the target's classes apart: pretraining's may have others."""
        splits = (self._train, self._validation, self.target_test, self._source_test)
        self._inputs = torch.cat([split.inputs for split in splits])
        self._sizes = [len(split.labels) for split in splits]
        self.target_facts = _facts(self.target_test)
        self.source_facts = _facts(self._source_test)
        self.validation_facts = _facts(self._validation)
        self.at_start = self.measure()
        """Metrics before the first step."""

    @torch.no_grad()
    def measure(self, compute: Compute | None = None) -> Metrics:
        """Evaluate on every split, in one pass. Args: compute: stands in for a body layer's own."""
        head, (train, validation, *tests) = self.network.head, self._features(compute)
        on_validation, hits = head(validation), self._test_hits(*tests)
        return Metrics(
            train_loss=_loss(head(train), self._train),
            validation_loss=_loss(on_validation, self._validation),
            target_accuracy=None if hits.target is None else _share(hits.target),
            source_accuracy=_share(hits.source),
            source_accuracy_kept_head=_share(hits.source_kept_head),
            validation_accuracy=_share(_hits(on_validation, self._validation)),
        )

    @torch.no_grad()
    def test_hits(self) -> SampleHits:
        """Return which test samples the network classifies correctly."""
        return self._test_hits(*self._features()[2:])

    def _features(self, compute: Compute | None = None) -> tuple[Tensor, ...]:
        """Return the body's outputs on every split, in one pass."""
        return torch.split(self.network.features(self._inputs, compute), self._sizes)

    def _test_hits(self, target: Tensor, source: Tensor) -> SampleHits:
        """Return which are right. Args: target, source: the body's outputs, (n, width)."""
        head, kept = self.network.head, _hits(self._kept_head(source), self._source_test)
        return SampleHits(
            target=_hits(head(target), self.target_test) if self.knows_target else None,
            source=_hits(head(source), self._source_test) if self._trains_source_head else kept,
            source_kept_head=kept,
        )

    def on(self, network: Network) -> Evaluator:
        """Return an evaluator of another network. Args: network: a copy of the run's."""
        other = copy.copy(self)
        other.network = network
        return other

    @torch.no_grad()
    def validation_loss(self) -> float:
        """Return the loss over the validation split, in nats."""
        return _loss(self.network(self._validation.inputs), self._validation)


def _facts(split: Samples) -> SplitFacts:
    counts = torch.bincount(split.labels)
    return SplitFacts(len(split.labels), len(counts), float(counts.max()) / len(split.labels))


def _loss(outputs: Tensor, split: Samples) -> float:
    """Return the cross-entropy averaged over a split. Args: outputs: (n, classes)."""
    return float(functional.cross_entropy(outputs, split.labels))


def _hits(outputs: Tensor, split: Samples) -> NDArray[np.bool_]:
    """Return (n,): whether each sample's largest output is its class. Args: as `_loss`."""
    return (outputs.argmax(dim=1) == split.labels).numpy()


def _share(hits: NDArray[np.bool_]) -> float:
    """Return the share of hits in float32, as the curves keep it. Args: hits: (n,)."""
    return float(hits.mean(dtype=np.float32))
