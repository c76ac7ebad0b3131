"""The `Strategy` type: one way to fine-tune, as data.

What it is called, what moves under it, and the few functions that change the network for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from engine.model.layer import ChangeEffect, Layer
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.messages import StrategyInfo
from engine.protocol.settings import Settings

GROUPS = ("Lessons", "Low rank", "Few numbers", "Order and pace", "Against forgetting")
"""Headings under which strategies are offered, in order."""

CaptureReference = Callable[[Network, nn.Module, torch.Tensor], None]
"""(network, the source's head, inputs of the source (n, 30))"""


WeightDerivation = Callable[[Layer, int, int], tuple[DerivationLine, ...]]
"""(layer, row, column) -> how that cell of W comes about; nothing where it just is."""
PenaltyDerivation = Callable[[Network, Settings, str, int], tuple[DerivationLine, ...]]
"""(network, settings, parameter, place in it) -> ∂P/∂θ, the last line; nothing: it has no part."""


def _leave(network: Network, settings: Settings, generator: torch.Generator) -> None:
    """Change nothing in the network."""


def _keep(
    network: Network, old: Settings, new: Settings, generator: torch.Generator
) -> ChangeEffect:
    """Settings that such a strategy uses act without touching the network."""
    return ChangeEffect()


def _all_layers(network: Network) -> Iterator[tuple[str, Layer]]:
    return network.layers()


def everything(parameter: str) -> bool:
    """Every parameter moves."""
    return True


def head_only(parameter: str) -> bool:
    """The head's parameters move."""
    return parameter.startswith("head.")


def _alike(parameter: str, settings: Settings) -> float:
    """Every parameter learns at the rate itself."""
    return 1.0


def _at_once(settings: Settings) -> Mapping[str, int]:
    """No layer waits."""
    return {}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One way to fine-tune."""

    name: str
    label: str
    summary: str
    """One sentence: what moves and what does not."""
    note: str = ""
    """What to know of it, where no lesson says it: a few sentences."""
    equation: str = ""
    """What ΔW is, in the column's title."""
    lesson: int = 0
    """Number of its lesson in the series; 0: it has none of its own."""
    group: str = "Lessons"
    """Heading under which it is offered."""
    source: str = ""
    """Paper or page."""
    controls: tuple[str, ...] = ()
    """Settings fields that this strategy uses beyond those that every strategy uses."""
    restarts: tuple[str, ...] = ()
    """Fields, beyond `RESTARTS`, whose change begins a new run."""
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Settings fields that choosing the strategy sets."""
    trains: Callable[[str], bool] = everything
    """Parameter name -> whether it moves unless its layer is frozen."""
    locked: str = ""
    """Why the other layers cannot be unlocked."""
    frozen: tuple[str, ...] = ()
    """Layers frozen until the user unlocks them."""
    focus: tuple[str, ...] = ()
    """The only layers worth showing; empty: all."""
    pretrained: bool = True
    """Whether it starts from pretrained weights; else from random ones, on the source task."""
    new_head: bool = False
    """Whether it learns a head of its own even where the old one would serve."""
    not_comparable: str = ""
    """Why it cannot race with others, without a full stop; empty: it can."""
    quantises: bool = False
    """Whether `apply` may change W itself, by storing it in fewer bits."""
    apply: Callable[[Network, Settings, torch.Generator], None] = _leave
    """Replace or add modules, before the first step; only where it `quantises` may outputs change."""
    capture_reference: CaptureReference | None = None
    """Remember what pretraining left, after `apply`, before the first step."""
    change: Callable[[Network, Settings, Settings, torch.Generator], ChangeEffect] = _keep
    """Follow a live change from old to new settings."""
    lr_multiplier: Callable[[str, Settings], float] = _alike
    """Parameter name -> how many times faster than the learning rate it learns."""
    unfreeze_at: Callable[[Settings], Mapping[str, int]] = _at_once
    """Layer -> number of steps after which it may train; layers not named may from the start."""
    penalty: Callable[[Network, Settings], torch.Tensor] | None = None
    """(): what is added to the loss at each step."""
    derive_penalty: PenaltyDerivation | None = None
    """Its gradient at one number, worked out; where there is a `penalty`."""
    after_step: Callable[[Network, Settings, int], None] | None = None
    """Called after each optimizer step, with its number, while gradients are still there."""
    layers: Callable[[Network], Iterator[tuple[str, Layer]]] = _all_layers
    """What to draw, in order."""
    derive_weight: WeightDerivation | None = None
    """How a cell of W comes about, where the strategy `quantises`."""
    factors: Callable[[Layer], tuple[tuple[str, torch.Tensor], ...]] = lambda layer: (
        () if layer.update is None else layer.update.factors()
    )
    """Named matrices to draw beside a layer's ΔW."""


def trainable_blocks(strategy: Strategy, network: Network) -> tuple[str, ...]:
    """Layers of the network of which something moves under the strategy."""
    names = {name.partition(".")[0] for name, _ in network.named_parameters()
             if strategy.trains(name)}  # fmt: skip
    return tuple(unit for unit in network.blocks() if unit in names)


def describe(strategy: Strategy, network: Network) -> StrategyInfo:
    """The strategy's entry in the catalogue; `network` is one it was applied to."""
    free = trainable_blocks(strategy, network)
    return StrategyInfo(
        name=strategy.name,
        label=strategy.label,
        summary=strategy.summary,
        note=strategy.note,
        equation=strategy.equation,
        lesson=strategy.lesson,
        group=strategy.group,
        source=strategy.source,
        controls=strategy.controls,
        restarts=strategy.restarts,
        defaults=dict(strategy.defaults),
        locked={unit: strategy.locked for unit in network.blocks() if unit not in free},
        frozen=strategy.frozen,
        focus=strategy.focus,
        not_comparable=strategy.not_comparable,
    )
