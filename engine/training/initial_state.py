"""The initial state of a run: its network, its data, and what its strategy makes of them."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from engine.model.layer import Layer, new_layer
from engine.model.network import Network, random_body
from engine.protocol.settings import Settings, SettingsError
from engine.strategies import STRATEGIES
from engine.tasks import TASKS, Split, TaskData
from engine.training.batches import Samples

MAX_PRETRAINED_WEIGHTS = 100_000
"""Body weights of the largest network that is pretrained on the spot; it takes a second or two."""


@dataclass(frozen=True, slots=True)
class Pretrained:
    """The weights that pretraining left."""

    body: dict[str, Tensor]
    """Layer name -> (out, in)"""
    head_weight: Tensor
    """(classes of the source, width)"""
    head_bias: Tensor
    """(classes of the source,)"""
    source_accuracy: float
    """On the source's test split, 0…1; NaN where nothing was learned"""
    norms: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    """Layer name -> the state of the BatchNorm behind it; empty for a network without"""
    randomly_initialised: bool = False
    """Whether the weights are random: the network is too large to be pretrained on the spot"""


LoadPretrained = Callable[[Settings], Pretrained]
"""Settings of a run -> the pretrained weights it starts from."""


@dataclass(frozen=True, slots=True)
class InitialState:
    """A run before its first step."""

    network: Network
    kept_head: nn.Module
    """The source's head as it stands before the first step, kept aside."""
    trains_source_head: bool
    """Whether the network's head began as the source's, and is trained on."""
    generator: torch.Generator
    """Draws whatever is new, also later in the run."""
    data: TaskData
    train: Samples
    """The samples to learn from, with the noise and of the number that the settings ask for."""
    validation: Samples


def make_initial_state(settings: Settings, load_pretrained: LoadPretrained) -> InitialState:
    """Prepare a run up to its first step.

    Args: settings: of the run.  load_pretrained: called where the run starts from pretrained
    weights.
    Raises: SettingsError: a frozen layer that the network does not have.
    Raises: ResourceError: a data file or a pretrained network is missing or damaged.
    """
    strategy, data = STRATEGIES[settings.strategy], TASKS[settings.task].draw(settings.seed)
    generator = torch.Generator().manual_seed(settings.seed)
    network, source_head = _make_network(settings, data, generator, load_pretrained)
    kept_head = copy.deepcopy(source_head).requires_grad_(False)
    trains_source_head = network.head is source_head
    network.dropout, network.dropout_generator = settings.dropout, generator
    strategy.apply(network, settings, generator)
    check_frozen(settings, network)
    learned = data.target if strategy.learns == "target" else data.source
    initial = InitialState(
        network, kept_head, trains_source_head, generator, data,
        train=_training_samples(learned.train, settings),
        validation=Samples.from_split(learned.validation),
    )  # fmt: skip
    if strategy.capture_reference is not None:
        source = Samples.from_split(data.source.train)
        head = network.head if trains_source_head else kept_head
        strategy.capture_reference(network, head, source.inputs, source.labels, settings)
    return initial


def check_frozen(settings: Settings, network: Network) -> None:
    """Check that the network has every layer that the settings freeze.

    Args: settings: of the run.  network: that they are for.
    Raises: SettingsError: a frozen layer that the network does not have.
    """
    for name in settings.frozen or ():
        if name not in network.blocks():
            raise SettingsError("frozen", name, f"one of {', '.join(network.blocks())}")


def _make_network(
    settings: Settings, data: TaskData, generator: torch.Generator, load_pretrained: LoadPretrained
) -> tuple[Network, Layer]:
    """The network before the strategy changes it, and the source's head, its own or another."""
    strategy, info = STRATEGIES[settings.strategy], TASKS[settings.task].info
    wants_new = strategy.new_head or settings.new_head or not info.shares_head
    new_head = None
    if strategy.learns == "target" and wants_new:  # drawn first: the same with any strategy
        new_head = new_layer(len(info.classes), settings.width, generator)
    if strategy.pretrained and settings.body_weights <= MAX_PRETRAINED_WEIGHTS:
        weights = load_pretrained(settings)
    else:
        weights = _random_weights(settings, data, generator)
    random = weights.randomly_initialised
    source_head = Layer(weights.head_weight, weights.head_bias, randomly_initialised=random)
    network = Network(weights.body, new_head or source_head, randomly_initialised=random)
    if settings.batch_norm:
        network.add_batch_norms(weights.norms)
    return network, source_head


def _random_weights(settings: Settings, data: TaskData, generator: torch.Generator) -> Pretrained:
    """Random weights, for pretraining, or where that would take too long."""
    body = random_body(settings.width, settings.depth, generator)
    classes = int(data.source.train.labels.max()) + 1
    head = new_layer(classes, settings.width, generator)
    assert head.original_bias is not None
    return Pretrained(
        body, head.original, head.original_bias, math.nan, randomly_initialised=True
    )  # fmt: skip


def _training_samples(split: Split, settings: Settings) -> Samples:
    """The first samples, some labels wrong: a larger share spoils all that a smaller one does."""
    count = min(settings.train_samples or len(split.labels), len(split.labels))
    inputs, labels = split.inputs[:count], split.labels[:count].copy()
    rng = np.random.default_rng([settings.seed, 1])
    classes = int(split.labels.max()) + 1
    chosen = rng.permutation(count)
    shift = rng.integers(1, classes, count)
    wrong = chosen[: round(settings.label_noise * count)]
    labels[wrong] = (labels[wrong] + shift[wrong]) % classes
    return Samples(torch.from_numpy(np.ascontiguousarray(inputs)), torch.from_numpy(labels))
