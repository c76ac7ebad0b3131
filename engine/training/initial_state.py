"""How a run begins: its network, its data, and what its strategy makes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from engine.model.layer import Layer, new_layer
from engine.model.network import Network, random_body
from engine.pretraining import MOST_TRAINED, Pretrained, pretrained
from engine.protocol.settings import Settings, SettingsError
from engine.strategies import STRATEGIES
from engine.tasks import TASKS, Split, TaskData
from engine.training.batches import Samples


@dataclass(frozen=True, slots=True)
class InitialState:
    """A run before its first step."""

    network: Network
    old_head: nn.Module | None
    """The source's head, where the network has another."""
    generator: torch.Generator
    """Draws whatever is new, also later in the run."""
    data: TaskData
    train: Samples
    """What is learned from: with the noise and of the number that the settings ask for."""
    validation: Samples

    @property
    def source_head(self) -> nn.Module:
        """What reads the body for the source task."""
        return self.old_head or self.network.head


def make_initial_state(settings: Settings) -> InitialState:
    """Begin a run.

    Raises: SettingsError: a frozen layer that the network does not have.
    Raises: ResourceError: a data file or a pretrained network is missing or damaged.
    """
    strategy, data = STRATEGIES[settings.strategy], TASKS[settings.task].draw(settings.seed)
    generator = torch.Generator().manual_seed(settings.seed)
    network, old_head = _network(settings, data, generator)
    network.dropout, network.dropout_generator = settings.dropout, generator
    strategy.apply(network, settings, generator)
    check_frozen(settings, network)
    learned = data.target if strategy.pretrained else data.source
    begun = InitialState(
        network, old_head, generator, data,
        train=_spoiled(learned.train, settings), validation=Samples.from_split(learned.validation),
    )  # fmt: skip
    if strategy.capture_reference is not None:
        inputs = Samples.from_split(data.source.train).inputs
        strategy.capture_reference(network, begun.source_head, inputs)
    return begun


def check_frozen(settings: Settings, network: Network) -> None:
    """Raises: SettingsError: a frozen layer that the network does not have."""
    for name in settings.frozen or ():
        if name not in network.blocks():
            raise SettingsError("frozen", name, f"one of {', '.join(network.blocks())}")


def _network(
    settings: Settings, data: TaskData, generator: torch.Generator
) -> tuple[Network, nn.Module | None]:
    """The network before the strategy changes it, and the source's head where it is another."""
    strategy, info = STRATEGIES[settings.strategy], TASKS[settings.task].info
    if strategy.pretrained and settings.body_weights <= MOST_TRAINED:
        begun = pretrained(
            settings.task, settings.seed, batch_norm=settings.batch_norm,
            width=settings.width, depth=settings.depth,
        )  # fmt: skip
    else:
        begun = _untaught(settings, data, generator)
    old_head = Layer(
        begun.head_weight, begun.head_bias, randomly_initialised=begun.randomly_initialised
    )
    if not strategy.pretrained or (info.shares_head and not strategy.new_head):
        network, other = (
            Network(begun.body, old_head, randomly_initialised=begun.randomly_initialised),
            None,
        )
    else:
        head = new_layer(len(info.classes), settings.width, generator)
        network = Network(begun.body, head, randomly_initialised=begun.randomly_initialised)
        other = old_head.requires_grad_(False)
    if settings.batch_norm:
        network.add_batch_norms(begun.norms)
    return network, other


def _untaught(settings: Settings, data: TaskData, generator: torch.Generator) -> Pretrained:
    """Random weights, for pretraining, or where that would take too long."""
    body = random_body(settings.width, settings.depth, generator)
    classes = int(data.source.train.labels.max()) + 1
    head = new_layer(classes, settings.width, generator)
    assert head.original_bias is not None
    return Pretrained(body, head.original, head.original_bias, math.nan, randomly_initialised=True)


def _spoiled(split: Split, settings: Settings) -> Samples:
    """The first samples of a split, a share of their labels replaced by another class.

    What a smaller share spoils, a larger one spoils as well.
    """
    count = min(settings.train_samples or len(split.labels), len(split.labels))
    inputs, labels = split.inputs[:count], split.labels[:count].copy()
    rng = np.random.default_rng([settings.seed, 1])
    classes = int(split.labels.max()) + 1
    chosen = rng.permutation(count)
    shift = rng.integers(1, classes, count)
    wrong = chosen[: round(settings.label_noise * count)]
    labels[wrong] = (labels[wrong] + shift[wrong]) % classes
    return Samples(torch.from_numpy(np.ascontiguousarray(inputs)), torch.from_numpy(labels))
