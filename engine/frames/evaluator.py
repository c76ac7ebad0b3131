"""How good a network is: its losses and accuracies, and what it says of one sample."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.analysis.activations import InitialNetwork, flow
from engine.analysis.measures import Forward, accuracy, mean_loss, probabilities
from engine.frames.sample_selection import SampleSelection
from engine.model.network import Compute
from engine.protocol.messages import NetworkActivations, SampleFrame
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.tasks import TASKS
from engine.training.batches import Samples
from engine.training.initial_state import InitialState


@dataclass(frozen=True, slots=True)
class Metrics:
    """How good the network is now."""

    train_loss: float
    validation_loss: float
    target_accuracy: float | None
    source_accuracy: float


class Evaluator:
    """Judges the network of one run, on splits that it does not learn from.

    Args: start: the run, before its first step: what is said of a sample then is remembered.
    """

    def __init__(self, start: InitialState, settings: Settings) -> None:
        self._info = TASKS[settings.task].info
        self._network, self._source_head = start.network, start.source_head
        self._train, self._validation = start.train, start.validation
        self._target_test = Samples.from_split(start.data.target.test)
        self._source_test = Samples.from_split(start.data.source.test)
        self._data = start.data
        # Pretraining's head may have other classes than the target.
        self.knows_target = STRATEGIES[settings.strategy].pretrained or self._info.shares_head
        """Whether the network's head tells the target's classes apart."""
        splits = (self._train, self._validation, self._target_test, self._source_test)
        self._inputs = torch.cat([split.inputs for split in splits])
        self._sizes = [len(split.labels) for split in splits]
        self._beginning = InitialNetwork(start.network)
        self._before = probabilities(self._network, self._target_test.inputs).numpy()
        self.at_start = self.measure()
        """Before the first step."""

    @torch.no_grad()
    def measure(self, compute: Compute | None = None) -> Metrics:
        """Losses and accuracies with the weights as they are, in one pass through the body.

        Args: compute: stands in for the body layers' own forward pass.
        """
        head, features = self._network.head, self._network.features(self._inputs, compute)
        train, validation, target, source = torch.split(features, self._sizes)
        return Metrics(
            train_loss=mean_loss(head, train, self._train.labels),
            validation_loss=mean_loss(head, validation, self._validation.labels),
            target_accuracy=(
                accuracy(head, target, self._target_test.labels) if self.knows_target else None
            ),
            source_accuracy=accuracy(self._source_head, source, self._source_test.labels),
        )

    def validation_loss(self) -> float:
        """Over the validation split, in nats."""
        return mean_loss(self._network, self._validation.inputs, self._validation.labels)

    def accuracies(self, features: Forward) -> tuple[float | None, float]:
        """On the target, None where there is no head for it, and on the source; each 0…1.

        Args: features: the body to judge, (n, 30) -> (n, 40).
        """
        target, source = self._target_test, self._source_test
        head = self._network.head
        of_target = (
            accuracy(lambda x: head(features(x)), target.inputs, target.labels)
            if self.knows_target
            else None
        )
        old_head = self._source_head
        return of_target, accuracy(lambda x: old_head(features(x)), source.inputs, source.labels)

    def sample(self, sample_selection: SampleSelection) -> SampleFrame | None:
        """What the network says of a sample, before and now; None: it has no outputs for it."""
        if not self.knows_target:
            return None
        test, drawing = self._target_test, sample_selection.drawing(self._data)
        index = sample_selection.index % len(test.labels)
        inputs = self.inputs_of(sample_selection)
        after = probabilities(self._network, inputs)[0]
        before = self._before[index]
        if drawing is not None:
            before = self._beginning.probabilities(inputs)[0].numpy()
        return SampleFrame(
            index=index,
            count=len(test.labels),
            picture=self._data.pictures[index] if drawing is None else drawing[0],
            names=self._data.names,
            label=int(test.labels[index]) if drawing is None else None,
            classes=self._info.classes,
            before=before,
            after=after.numpy(),
            drawn=drawing is not None,
        )

    def flow(self, sample_selection: SampleSelection) -> NetworkActivations | None:
        """A sample's way through the network as it was and as it is; None: as `sample`."""
        if not self.knows_target:
            return None
        return flow(self._network, self._beginning, self.inputs_of(sample_selection))

    def inputs_of(self, sample_selection: SampleSelection) -> Tensor:
        """(1, 30): what the network is given of the sample."""
        drawing, tests = sample_selection.drawing(self._data), self._target_test.inputs
        if drawing is not None:
            return torch.from_numpy(drawing[1])
        index = sample_selection.index % len(tests)
        return tests[index : index + 1]
