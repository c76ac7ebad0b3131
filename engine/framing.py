"""What a window shows of a trainer at a step boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.analysis.pictures import Picture, matrix_of
from engine.analysis.snapshot import Snapshot
from engine.analysis.spectrum import k90
from engine.analysis.streamed import delta_norm
from engine.analysis.what_if import merges, xray
from engine.network import Layer
from engine.protocol.messages import Frame, LayerFrame, Look, Proof
from engine.protocol.settings import MAX_STUDIED_WEIGHTS

if TYPE_CHECKING:
    from engine.trainer import Trainer

STATISTICS = ("running_mean", "running_var")


@torch.no_grad()
def frame_of(trainer: Trainer, since: int, look: Look) -> Frame:
    """All that a window shows. Args: since, look: as `Trainer.frame` has them."""
    network, now = trainer.network, Snapshot(trainer.network)
    measures = trainer.judge.measure(now.compute)
    proofs = trainer.proofs.check(trainer.steps_taken, now)
    ray, truncated = None, dict[str, Tensor]()
    studied = trainer.settings.body_weights <= MAX_STUDIED_WEIGHTS
    if look.xray_rank and studied:
        ray, truncated = xray(network, look.xray_rank, trainer.judge.accuracies)
    layers = tuple(
        _layer_frame(trainer, name, layer, now, truncated.get(name), proofs[name])
        for name, layer in trainer.strategy.layers(network)
    )
    free = [p.numel() for p in network.parameters() if p.requires_grad]
    of_head = [p.numel() for p in network.head.parameters() if p.requires_grad]
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
        trainable_parameters=sum(free),
        total_parameters=sum(p.numel() for p in network.parameters()),
        body_trainable=sum(free) - sum(of_head),
        sample=trainer.sample_frame(),
        settings=trainer.settings,
        learning_rate=trainer.learning_rate(),
        xray=ray,
        merges=merges(network, trainer.judge.accuracies) if look.merges and studied else (),
    )


def _layer_frame(
    trainer: Trainer,
    name: str,
    layer: Layer,
    now: Snapshot,
    truncated: Tensor | None,
    proofs: tuple[Proof, ...],
) -> LayerFrame:
    free = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    factors = list(trainer.strategy.factors(layer))
    if layer.norm is not None:
        factors += [(key, getattr(layer.norm, key)[:, None]) for key in STATISTICS]
    if truncated is not None:
        factors.append(("truncated", truncated))
    scaling = getattr(layer.update, "scaling", None)
    norm, picture = delta_norm(layer), _picture(trainer, name, layer, now, factors)
    return LayerFrame(
        name=name,
        part=picture.part,
        weight=picture.weight,
        delta=picture.delta,
        updated=picture.updated,
        factors=picture.factors,
        trainable=free > 0,
        trainable_parameters=free,
        total_parameters=sum(p.numel() for p in layer.parameters()),
        delta_norm=norm,
        weight_norm=layer.weight_norm(),
        fresh=layer.fresh,
        singular_values=now.spectra[name],
        k90=k90(now.spectra[name], norm if layer.is_large else None),
        step_norm=trainer.step_norm(name, now.updated.get(name)),
        scaling=None if scaling is None else float(scaling),
        wakes=trainer.waking().get(name.partition(".")[0], 0),
        proofs=proofs,
    )


def _picture(
    trainer: Trainer, name: str, layer: Layer, now: Snapshot, factors: list[tuple[str, Tensor]]
) -> Picture:
    """The layer's matrices; of a large one, what the window's view of it shows."""
    if layer.is_large:
        return trainer.pictures.make(name, layer, factors, trainer.views)
    return Picture(
        part=None,
        weight=matrix_of(layer.original),
        delta=matrix_of(now.delta[name]),
        updated=matrix_of(now.updated[name]),
        factors=tuple((key, matrix_of(value)) for key, value in factors),
    )
