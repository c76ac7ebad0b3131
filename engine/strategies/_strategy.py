"""The `Strategy` type: one way to fine-tune as data, and the functions that change a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import torch
from torch import nn

from engine.model.layer import ChangeEffect, Layer
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix
from engine.protocol.messages import StrategyInfo
from engine.protocol.settings import Settings

GROUPS = ("Lessons", "Low rank", "Few parameters", "Layer by layer", "Against forgetting")
"""Headings under which strategies are offered, in order."""

CaptureReference = Callable[[Network, nn.Module, torch.Tensor, torch.Tensor, Settings], None]
"""(network, the source's head, inputs of the source (n, 30), their labels (n,), settings)"""


MatrixDerivation = Callable[[Layer, int, int], tuple[DerivationLine, ...]]
"""(layer, row, column) -> derivation of that cell of one matrix."""
PenaltyDerivation = Callable[[Network, Settings, str, int], tuple[DerivationLine, ...]]
"""(network, settings, parameter, index) -> ∂P/∂θ in the last line; empty: it has no part in P."""


def trains_head_only(parameter: str) -> bool:
    """Return whether a parameter belongs to the head. Args: parameter: its name."""
    return parameter.startswith("head.")


class Strategy(StrategyInfo, frozen=True, kw_only=True):
    """One way to fine-tune: its entry in the catalogue, and what it does to a network."""

    trains: Callable[[str], bool] = lambda parameter: True
    """Parameter name -> whether it trains unless its layer is frozen."""
    lock_reason: str = ""
    """Why the other layers cannot be unlocked."""
    apply: Callable[[Network, Settings, torch.Generator], None] = (
        lambda network, settings, generator: None
    )
    """Replace or add modules before the first step; outputs may change only with `stored_as`."""
    capture_reference: CaptureReference | None = None
    """Store what the penalty needs of the source task, after `apply`, before the first step."""
    change: Callable[[Network, Settings, Settings, torch.Generator], ChangeEffect] = (
        lambda network, old, new, generator: ChangeEffect()
    )
    """Adapt the network to a live change from old to new settings."""
    lr_multiplier: Callable[[str, Settings], float] = lambda parameter, settings: 1.0
    """Parameter name -> factor of its learning rate."""
    unfreeze_at: Callable[[Settings], Mapping[str, int]] = lambda settings: {}
    """Layer -> number of steps after which it may train; layers not named: from the start."""
    penalty: Callable[[Network, Settings], torch.Tensor] | None = None
    """(): term that is added to the loss at each step."""
    derive_penalty: PenaltyDerivation | None = None
    """Derivation of the penalty's gradient at one number; where there is a `penalty`."""
    after_step: Callable[[Network, Settings, int], None] | None = None
    """Called after each optimizer step, with its number, while gradients are still there."""
    factors: Callable[[Layer], tuple[Matrix[torch.Tensor], ...]] = lambda layer: (
        () if layer.update is None else layer.update.factors()
    )
    """Matrices to draw beside a layer's ΔW."""
    derivations: Mapping[str, MatrixDerivation] = msgspec.field(default_factory=dict)
    """Name of W, "weight", or of one of `factors` -> derivation of its cells from other numbers."""


def trainable_blocks(strategy: Strategy, network: Network) -> tuple[str, ...]:
    """Return the blocks of which something trains. Args: strategy, network: that it changed."""
    names = {name.partition(".")[0] for name, _ in network.named_parameters()
             if strategy.trains(name)}  # fmt: skip
    return tuple(block for block in network.blocks() if block in names)


def describe(strategy: Strategy, network: Network) -> StrategyInfo:
    """Return its entry in the catalogue. Args: strategy: itself.  network: that it applied to."""
    trainable = trainable_blocks(strategy, network)
    reasons = {b: strategy.lock_reason for b in network.blocks() if b not in trainable}
    fields = {name: getattr(strategy, name) for name in StrategyInfo.__struct_fields__}
    return StrategyInfo(**(fields | {"lock_reasons": reasons}))
