"""The engine's catalogue: all strategies and tasks, and what it can compute the cost of."""

from __future__ import annotations

import torch

from engine.cost import answers
from engine.model.layer import new_layer
from engine.model.network import Network, random_body
from engine.protocol.messages import Catalogue
from engine.protocol.network_shape import MAX_DEPTH
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from engine.strategies._strategy import describe
from engine.tasks import TASKS

EXAMPLE_WIDTH = 8
"""Narrow, because some strategies decompose every layer before there is a first frame."""


def catalogue() -> Catalogue:
    """Return all strategies and tasks, as the window shows them."""
    return Catalogue(
        tuple(describe(strategy, _example(name)) for name, strategy in STRATEGIES.items()),
        tuple(task.info for task in TASKS.values()),
        answers.catalogue(),
    )


def _example(name: str) -> Network:
    """Return a network of the strategy's shape, as deep as any; its numbers do not matter."""
    generator = torch.Generator().manual_seed(0)
    body = random_body(EXAMPLE_WIDTH, MAX_DEPTH, generator)
    network = Network(body, new_layer(1, EXAMPLE_WIDTH, generator))
    STRATEGIES[name].apply(network, Settings(strategy=name), generator)
    return network
