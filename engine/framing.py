"""What a window shows of a trainer at a step boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from engine.analysis.snapshot import Snapshot
from engine.analysis.what_if import merges
from engine.findings import Findings, LayerFindings, find
from engine.network import Layer, Network
from engine.protocol.messages import Frame, LayerFrame, Look, Matrix
from engine.strategies import Strategy

if TYPE_CHECKING:
    from engine.trainer import Trainer

STATISTICS = ("running_mean", "running_var")


@dataclass(frozen=True, slots=True)
class _Counts:
    trainable: int
    total: int

    @classmethod
    def of(cls, module: nn.Module) -> _Counts:
        parameters = list(module.parameters())
        return cls(
            sum(p.numel() for p in parameters if p.requires_grad),
            sum(p.numel() for p in parameters),
        )


@dataclass(frozen=True, slots=True)
class _Standing:
    """What no step changes of a layer that is drawn."""

    layer: Layer
    counts: _Counts
    weight: Matrix
    weight_norm: float
    wakes: int


class Ledger:
    """What stays as it is from one change of settings to the next, looked up once.

    Args: waking: unit -> number of steps after which it may train.
    """

    def __init__(self, network: Network, strategy: Strategy, waking: Mapping[str, int]) -> None:
        self.network, self.head = _Counts.of(network), _Counts.of(network.head)
        self.layers = {
            name: _Standing(
                layer=layer,
                counts=_Counts.of(layer),
                weight=_matrix(layer.original),
                weight_norm=float(layer.original.norm()),
                wakes=waking.get(name.partition(".")[0], 0),
            )
            for name, layer in strategy.layers(network)
        }


@torch.no_grad()
def frame_of(trainer: Trainer, since: int, look: Look, found: Findings | None) -> Frame:
    """All that a window shows. Args: since, look, found: as `Trainer.frame` has them."""
    network, ledger = trainer.network, trainer.ledger
    now = Snapshot(network)
    if found is None:
        found = find(trainer, now, look.xray_rank)
    layers = tuple(
        _layer_frame(trainer.strategy, name, standing, now, found.layers[name])
        for name, standing in ledger.layers.items()
    )
    measures = found.measures
    return Frame(
        run=trainer.run,
        step=trainer.steps_taken,
        layers=layers,
        losses=trainer.losses_after(since),
        train_loss=measures.train_loss,
        validation_loss=measures.validation_loss,
        target_accuracy=measures.target_accuracy,
        source_accuracy=measures.source_accuracy,
        start_source_accuracy=trainer.judge.start_source_accuracy,
        trainable_parameters=ledger.network.trainable,
        total_parameters=ledger.network.total,
        body_trainable=ledger.network.trainable - ledger.head.trainable,
        sample=found.sample,
        settings=trainer.settings,
        learning_rate=trainer.learning_rate(),
        xray=found.xray,
        merges=merges(network, trainer.judge.accuracies) if look.merges else (),
        found_at=None if found.step == trainer.steps_taken else found.step,
    )


def _layer_frame(
    strategy: Strategy, name: str, standing: _Standing, now: Snapshot, found: LayerFindings
) -> LayerFrame:
    layer = standing.layer
    factors = [(key, _matrix(value)) for key, value in strategy.factors(layer)]
    if layer.norm is not None:
        factors += [(key, _matrix(getattr(layer.norm, key)[:, None])) for key in STATISTICS]
    if found.truncated is not None:
        factors.append(("truncated", found.truncated))
    scaling = getattr(layer.update, "scaling", None)
    delta = now.delta[name]
    return LayerFrame(
        name=name,
        weight=standing.weight,
        delta=_matrix(delta),
        updated=_matrix(now.updated[name]),
        trainable=standing.counts.trainable > 0,
        trainable_parameters=standing.counts.trainable,
        total_parameters=standing.counts.total,
        delta_norm=float(delta.norm()),
        weight_norm=standing.weight_norm,
        fresh=layer.fresh,
        factors=tuple(factors),
        singular_values=found.singular_values,
        k90=found.k90,
        step_norm=found.step_norm,
        scaling=None if scaling is None else float(scaling),
        wakes=standing.wakes,
        proofs=found.proofs,
    )


def _matrix(tensor: Tensor) -> Matrix:
    """A copy that no later step changes."""
    return np.array(tensor.detach().numpy(), np.float32, order="C")
