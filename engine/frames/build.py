"""What a window shows of a trainer at a step boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from engine.analysis.chunked import delta_norm
from engine.analysis.snapshot import NetworkSnapshot
from engine.derivation.cell import derive_cell
from engine.derivation.step import trace_step
from engine.frames.downsample import LayerPicture
from engine.frames.measurements import LayerMeasurements, Measurements, find
from engine.model.arrays import matrix_of
from engine.model.layer import Layer
from engine.model.network import Network
from engine.protocol.messages import Frame, FrameOptions, LayerFrame, Matrix
from engine.strategies._strategy import Strategy
from engine.training.stochastic_state import BATCHNORM_STATISTICS

if TYPE_CHECKING:
    from engine.trainer import Trainer


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
    weight: Matrix | None
    """None: it is large, and what is shown of it changes with the view."""
    weight_norm: float
    unfreeze_at: int


class Ledger:
    """What stays as it is from one change of settings to the next, looked up once.

    Args: waking: unit -> number of steps after which it may train.
    """

    def __init__(
        self, network: Network, strategy: Strategy, unfreeze_steps: Mapping[str, int]
    ) -> None:
        self.network, self.head = _Counts.of(network), _Counts.of(network.head)
        self.layers = {
            name: _Standing(
                layer=layer,
                counts=_Counts.of(layer),
                weight=None if layer.is_large else matrix_of(layer.original),
                weight_norm=layer.weight_norm(),
                unfreeze_at=unfreeze_steps.get(name.partition(".")[0], 0),
            )
            for name, layer in strategy.layers(network)
        }


@torch.no_grad()
def frame_of(trainer: Trainer, since: int, look: FrameOptions, found: Measurements | None) -> Frame:
    """All that a window shows. Args: since, look, found: as `Trainer.frame` has them."""
    ledger, now = trainer.ledger, NetworkSnapshot(trainer.network)
    if found is None:
        found = find(trainer, now, look)
    layers = tuple(
        _layer_frame(trainer, name, standing, now, found.layers[name])
        for name, standing in ledger.layers.items()
    )
    measures, cell = found.measures, look.cell
    inside = trace_step(trainer) if look.step_trace else None
    return Frame(
        run=trainer.run,
        step=trainer.steps_taken,
        layers=layers,
        losses=trainer.losses_after(since),
        train_loss=measures.train_loss,
        validation_loss=measures.validation_loss,
        target_accuracy=measures.target_accuracy,
        source_accuracy=measures.source_accuracy,
        start_source_accuracy=trainer.evaluator.at_start.source_accuracy,
        trainable_parameters=ledger.network.trainable,
        total_parameters=ledger.network.total,
        body_trainable=ledger.network.trainable - ledger.head.trainable,
        sample=found.sample,
        activations=found.flow,
        settings=trainer.settings,
        learning_rate=trainer.learning_rate(),
        truncation=found.truncation,
        merges=found.merges,
        difference=found.difference,
        derivation=None
        if cell is None
        else derive_cell(trainer, cell, found.layers.get(cell.layer)),
        step_trace=None if inside is None else inside.message(),
        measured_at=None if found.step == trainer.steps_taken else found.step,
    )


def _layer_frame(
    trainer: Trainer, name: str, standing: _Standing, now: NetworkSnapshot, found: LayerMeasurements
) -> LayerFrame:
    layer = standing.layer
    factors = list(trainer.strategy.factors(layer))
    if layer.norm is not None:
        factors += [(key, getattr(layer.norm, key)[:, None]) for key in BATCHNORM_STATISTICS]
    scaling = getattr(layer.update, "scaling", None)
    sample_selection = (("truncated", found.truncated), ("difference", found.difference))
    more = [(key, value) for key, value in sample_selection if value is not None]
    if standing.weight is None:
        factors += [(key, torch.from_numpy(value)) for key, value in more]
        picture = trainer.pictures.make(name, layer, factors, trainer.views)
    else:
        drawn = [*((key, matrix_of(value)) for key, value in factors), *more]
        delta, updated = matrix_of(now.delta[name]), matrix_of(now.updated[name])
        picture = LayerPicture(None, standing.weight, delta, updated, tuple(drawn))
    return LayerFrame(
        name=name,
        part=picture.part,
        weight=picture.weight,
        delta=picture.delta,
        updated=picture.updated,
        factors=picture.factors,
        trainable=standing.counts.trainable > 0,
        trainable_parameters=standing.counts.trainable,
        total_parameters=standing.counts.total,
        delta_norm=delta_norm(layer) if layer.is_large else float(now.delta[name].norm()),
        weight_norm=standing.weight_norm,
        randomly_initialised=layer.randomly_initialised,
        singular_values=found.singular_values,
        k90=found.k90,
        step_norm=found.step_norm,
        scaling=None if scaling is None else float(scaling),
        unfreeze_at=standing.unfreeze_at,
        checks=found.checks,
    )
