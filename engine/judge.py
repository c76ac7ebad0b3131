"""How good a network is: its losses and accuracies, and what it says of one sample."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from engine.analysis.measures import Forward, accuracy, mean_loss, probabilities
from engine.network import Compute
from engine.protocol.messages import SampleFrame
from engine.protocol.settings import Settings
from engine.start import Start, samples
from engine.strategies import STRATEGIES
from engine.tasks import TASKS


@dataclass(frozen=True, slots=True)
class Measures:
    """How good the network is now."""

    train_loss: float
    validation_loss: float
    target_accuracy: float | None
    source_accuracy: float


class Judge:
    """Judges the network of one run, on splits that it does not learn from.

    Args: start: the run, before its first step: what is said of a sample then is remembered.
    """

    def __init__(self, start: Start, settings: Settings) -> None:
        self._info = TASKS[settings.task].info
        self._network, self._source_head = start.network, start.source_head
        self._train, self._validation = start.train, start.validation
        self._target_test = samples(start.data.target.test)
        self._source_test = samples(start.data.source.test)
        self._pictures, self._names = start.data.pictures, start.data.names
        # Pretraining's head may have other classes than the target.
        self.knows_target = STRATEGIES[settings.strategy].pretrained or self._info.shares_head
        """Whether the network's head tells the target's classes apart."""
        splits = (self._train, self._validation, self._target_test, self._source_test)
        self._inputs = torch.cat([split.inputs for split in splits])
        self._sizes = [len(split.labels) for split in splits]
        self._before = probabilities(self._network, self._target_test.inputs).numpy()
        self.at_start = self.measure()
        """Before the first step."""

    @torch.no_grad()
    def measure(self, compute: Compute | None = None) -> Measures:
        """Losses and accuracies with the weights as they are, in one pass through the body.

        Args: compute: stands in for the body layers' own forward pass.
        """
        head, features = self._network.head, self._network.features(self._inputs, compute)
        train, validation, target, source = torch.split(features, self._sizes)
        return Measures(
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

    def sample(self, index: int) -> SampleFrame | None:
        """What the network says of a target test sample, before and now. The index wraps round."""
        if not self.knows_target:
            return None
        test = self._target_test
        index %= len(test.labels)
        after = probabilities(self._network, test.inputs[index : index + 1])[0]
        return SampleFrame(
            index=index,
            count=len(test.labels),
            picture=self._pictures[index],
            names=self._names,
            label=int(test.labels[index]),
            classes=self._info.classes,
            before=self._before[index],
            after=after.numpy(),
        )
