"""The trainer: it owns the network, the strategy, the optimizer and the data order of a run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from engine.analysis.measures import accuracy, mean_loss, probabilities
from engine.data_order import DataOrder
from engine.divergence import GOOD_FACTOR, DivergedError, is_lost
from engine.network import Layer, Network, new_layer, random_body
from engine.optimizers import forget, memory, new_optimizer, remember, weight_decay
from engine.pretraining import pretrained
from engine.protocol.messages import (
    Applied,
    Configure,
    Frame,
    LayerFrame,
    Matrix,
    Reset,
    SampleFrame,
    ShowSample,
    StepReport,
)
from engine.protocol.network_shape import BODY_OUT
from engine.protocol.settings import RESTARTS, Settings, SettingsError
from engine.strategies import STRATEGIES
from engine.tasks import TASKS, Split, TaskData

LOSSES_KEPT = 10_000
"""Batch losses remembered, the newest: memory stays flat however long a run goes on."""


@dataclass(frozen=True, slots=True)
class Measures:
    """How good the network is now."""

    train_loss: float
    validation_loss: float
    target_accuracy: float | None
    source_accuracy: float


@dataclass(frozen=True, slots=True)
class _Tensors:
    """A split as torch sees it."""

    inputs: Tensor
    labels: Tensor


class Trainer:
    """One run, a step at a time.

    Nothing changes but in `step`, `apply` and `restore`; a frame shows a step boundary.

    Args: settings: what to run.
    Raises: SettingsError: a frozen layer that the network does not have.
    Raises: ResourceError: a data file or a pretrained network is missing or damaged.
    """

    def __init__(self, settings: Settings) -> None:
        # One thread is about four times as fast as several for matrices this small, and it
        # makes sums come out in one order: a run repeats bit for bit.
        torch.set_num_threads(1)
        self.run = 0
        self._sample = 0
        self._begin(settings)

    # ------------------------------------------------------------ beginning

    def _begin(self, settings: Settings) -> None:
        strategy = STRATEGIES[settings.strategy]
        task = TASKS[settings.task]
        data = task.draw(settings.seed)
        generator = torch.Generator().manual_seed(settings.seed)
        network, source_head = _start_network(settings, data, generator)
        strategy.apply(network, settings, generator)
        _check_frozen(settings, network)

        self.run += 1
        self.steps_taken = 0
        self.last_good_step = 0
        self.settings = settings
        self.strategy = strategy
        self.task = task
        self.network = network
        self._generator = generator
        self._source_head = source_head
        self._losses: deque[float] = deque(maxlen=LOSSES_KEPT)
        self._use(data)
        self._named = {
            name: parameter
            for name, parameter in network.named_parameters()
            if strategy.trains(name)
        }
        self._optimizer = new_optimizer(settings, self._named.values())
        self._lock()
        self._good_loss = GOOD_FACTOR * self.measure().train_loss
        self._start_source_accuracy = self._source_accuracy()
        self._start_outputs = probabilities(network, self._target_test.inputs).numpy()

    def _use(self, data: TaskData) -> None:
        learned = data.target if self.strategy.pretrained else data.source
        self._train = _tensors(learned.train)
        self._validation = _tensors(learned.validation)
        self._target_test = _tensors(data.target.test)
        self._source_test = _tensors(data.source.test)
        self._pictures, self._picture_names = data.pictures, data.names
        self._order = DataOrder(len(self._train.labels), self.settings.seed)

    # ------------------------------------------------------------ training

    def step(self) -> StepReport:
        """Take one optimizer step on the next batch.

        A batch whose loss is good makes the step it started from the last good one.

        Raises: DivergedError: the batch's loss is lost; nothing was changed.
        """
        rows = self._order.next(self.settings.batch_size)
        outputs = self.network(self._train.inputs[rows])
        loss = functional.cross_entropy(outputs, self._train.labels[rows])
        value = loss.item()
        if is_lost(value):
            self._order.put_back(rows)
            raise DivergedError(
                self.steps_taken + 1, value, self.settings.learning_rate, self.last_good_step
            )
        if value <= self._good_loss:
            self.last_good_step = self.steps_taken
        if loss.requires_grad:
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
        self.steps_taken += 1
        self._losses.append(value)
        return StepReport(self.steps_taken, value)

    def apply(self, command: Configure | Reset | ShowSample) -> Applied | None:
        """Carry out a command, between steps.

        Returns: what took effect; None for a command that is not about settings.
        Raises: SettingsError, ResourceError: as the constructor; nothing was changed.
        """
        match command:
            case ShowSample(index):
                self._sample = index
                return None
            case Reset():
                self._begin(self.settings)
                return Applied(self.run, 0, self.settings)
            case Configure(settings):
                return self._configure(settings)

    def _configure(self, new: Settings) -> Applied:
        old = self.settings
        changes = old.differences(new)
        if RESTARTS & changes.keys():
            self._begin(new)
            return Applied(self.run, 0, new)
        _check_frozen(new, self.network)
        notes = []
        change = self.strategy.change(self.network, old, new, self._generator)
        self.settings = new
        for parameter in change.parameters:
            forget(self._optimizer, parameter)
        notes += [change.note] if change.note else []
        if "optimizer" in changes:
            self._optimizer = new_optimizer(new, self._named.values())
            notes.append("The new optimizer starts with an empty memory.")
        for group in self._optimizer.param_groups:
            group["lr"] = new.learning_rate
            group["weight_decay"] = weight_decay(new)
        self._lock()
        # Before the first step there is nothing yet that a change could keep or lose.
        return Applied(self.run, self.steps_taken, new, tuple(notes) if self.steps_taken else ())

    def frozen(self) -> tuple[str, ...]:
        """Names of layers held fixed, by the user or by the strategy."""
        chosen = self.settings.frozen
        return self.strategy.frozen if chosen is None else chosen

    def _lock(self) -> None:
        """Give every parameter its freedom or its lock.

        A locked one also loses its gradient, with which an optimizer would still move it, and
        the optimizer's memory of it, so that unlocking begins afresh.
        """
        locked = self.frozen()
        for name, parameter in self.network.named_parameters():
            free = name in self._named and name.partition(".")[0] not in locked
            parameter.requires_grad_(free)
            if not free:
                parameter.grad = None
                forget(self._optimizer, parameter)

    # ------------------------------------------------------------ looking

    def measure(self) -> Measures:
        """Losses and accuracies with the weights as they are."""
        target = self._target_test
        return Measures(
            train_loss=mean_loss(self.network, self._train.inputs, self._train.labels),
            validation_loss=mean_loss(
                self.network, self._validation.inputs, self._validation.labels
            ),
            target_accuracy=(
                accuracy(self.network, target.inputs, target.labels)
                if self._knows_target_classes()
                else None
            ),
            source_accuracy=self._source_accuracy(),
        )

    def _knows_target_classes(self) -> bool:
        """Whether the head's outputs are the target's classes; pretraining's may be others."""
        return self.strategy.pretrained or self.task.info.shares_head

    def _source_accuracy(self) -> float:
        head = self._source_head or self.network.head
        return accuracy(
            lambda inputs: head(self.network.features(inputs)),
            self._source_test.inputs,
            self._source_test.labels,
        )

    def frame(self, since: int = 0) -> Frame:
        """All that a window shows of this step boundary.

        Args: since: last step whose batch loss the asker already has.
        """
        measures = self.measure()
        layers = tuple(
            self._layer_frame(name, layer) for name, layer in self.strategy.layers(self.network)
        )
        free = [p.numel() for p in self.network.parameters() if p.requires_grad]
        of_head = [p.numel() for p in self.network.head.parameters() if p.requires_grad]
        return Frame(
            run=self.run,
            step=self.steps_taken,
            layers=layers,
            losses=self._losses_after(since),
            train_loss=measures.train_loss,
            validation_loss=measures.validation_loss,
            target_accuracy=measures.target_accuracy,
            source_accuracy=measures.source_accuracy,
            start_source_accuracy=self._start_source_accuracy,
            trainable_parameters=sum(free),
            total_parameters=sum(p.numel() for p in self.network.parameters()),
            body_trainable=sum(free) - sum(of_head),
            sample=self._sample_frame(),
            settings=self.settings,
        )

    def _losses_after(self, step: int) -> NDArray[np.float32]:
        wanted = max(0, self.steps_taken - max(step, 0))
        skipped = max(0, len(self._losses) - wanted)
        return np.fromiter(islice(self._losses, skipped, None), np.float32)

    @torch.no_grad()
    def _layer_frame(self, name: str, layer: Layer) -> LayerFrame:
        delta = layer.delta()
        free = sum(p.numel() for p in layer.parameters() if p.requires_grad)
        return LayerFrame(
            name=name,
            weight=_matrix(layer.original),
            delta=_matrix(delta),
            updated=_matrix(layer.updated()),
            trainable=free > 0,
            trainable_parameters=free,
            total_parameters=sum(p.numel() for p in layer.parameters()),
            delta_norm=float(delta.norm()),
            weight_norm=float(layer.original.norm()),
            fresh=layer.fresh,
            factors=tuple((key, _matrix(value)) for key, value in self.strategy.factors(layer)),
        )

    def _sample_frame(self) -> SampleFrame | None:
        if not self._knows_target_classes():
            return None
        test = self._target_test
        index = self._sample % len(test.labels)
        after = probabilities(self.network, test.inputs[index : index + 1])[0]
        return SampleFrame(
            index=index,
            count=len(test.labels),
            picture=self._pictures[index],
            names=self._picture_names,
            label=int(test.labels[index]),
            classes=self.task.info.classes,
            before=self._start_outputs[index],
            after=after.numpy(),
        )

    # ------------------------------------------------------------ state

    def state(self) -> dict[str, Any]:
        """Everything that decides the coming steps, as plain data: numbers, strings, arrays."""
        return {
            "run": self.run,
            "settings": self.settings.to_json(),
            "steps_taken": self.steps_taken,
            "losses": np.asarray(self._losses, np.float32),
            "network": {
                name: value.numpy().copy() for name, value in self.network.state_dict().items()
            },
            "gradients": {
                name: parameter.grad.numpy().copy()
                for name, parameter in self._named.items()
                if parameter.grad is not None
            },
            "optimizer": memory(self._optimizer, self._named),
            "order": self._order.state(),
            "generator": self._generator.get_state().numpy().copy(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to `state`: the same steps follow, bit for bit."""
        self._begin(Settings.from_json(state["settings"]))
        self.run = state["run"]
        # Not by load_state_dict: a locked layer may have another rank than the settings say.
        tensors = self.network.state_dict(keep_vars=True)
        for name, value in state["network"].items():
            tensors[name].data = torch.from_numpy(value.copy())
        for name, value in state["gradients"].items():
            self._named[name].grad = torch.from_numpy(value.copy())
        remember(self._optimizer, self._named, state["optimizer"])
        self._order.restore(state["order"])
        self._generator.set_state(torch.from_numpy(state["generator"].copy()))
        self.steps_taken = self.last_good_step = state["steps_taken"]
        self._losses.extend(state["losses"].tolist())


def _start_network(
    settings: Settings, data: TaskData, generator: torch.Generator
) -> tuple[Network, nn.Module | None]:
    """The network before the strategy changes it, and the source's head where it is another."""
    strategy, info = STRATEGIES[settings.strategy], TASKS[settings.task].info
    if not strategy.pretrained:
        classes = int(data.source.train.labels.max()) + 1
        body = random_body(generator)
        return Network(body, new_layer(classes, BODY_OUT, generator), fresh=True), None
    start = pretrained(settings.task, settings.seed)
    old_head = Layer(start.head_weight, start.head_bias)
    if info.shares_head and not strategy.new_head:
        return Network(start.body, old_head), None
    head = new_layer(len(info.classes), BODY_OUT, generator)
    return Network(start.body, head), old_head.requires_grad_(False)


def _check_frozen(settings: Settings, network: Network) -> None:
    for name in settings.frozen or ():
        if name not in network.units():
            raise SettingsError("frozen", name, f"one of {', '.join(network.units())}")


def _tensors(split: Split) -> _Tensors:
    return _Tensors(torch.from_numpy(split.inputs), torch.from_numpy(split.labels))


def _matrix(tensor: Tensor) -> Matrix:
    """A copy that no later step changes."""
    return np.array(tensor.detach().numpy(), np.float32, order="C")
