"""How good a network is: its losses and accuracies, and what it says of one sample."""

from __future__ import annotations

from dataclasses import dataclass

from engine.analysis.measures import Forward, accuracy, mean_loss, probabilities
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
        self._knows_target = STRATEGIES[settings.strategy].pretrained or self._info.shares_head
        self._before = probabilities(self._network, self._target_test.inputs).numpy()
        self.start_source_accuracy = self.accuracies(self._network.features)[1]
        """In 0…1."""

    def measure(self) -> Measures:
        """Losses and accuracies with the weights as they are."""
        target, source = self.accuracies(self._network.features)
        return Measures(
            train_loss=mean_loss(self._network, self._train.inputs, self._train.labels),
            validation_loss=self.validation_loss(),
            target_accuracy=target,
            source_accuracy=source,
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
            if self._knows_target
            else None
        )
        old_head = self._source_head
        return of_target, accuracy(lambda x: old_head(features(x)), source.inputs, source.labels)

    def sample(self, index: int) -> SampleFrame | None:
        """What the network says of a target test sample, before and now. The index wraps round."""
        if not self._knows_target:
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
