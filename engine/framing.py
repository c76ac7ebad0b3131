"""What a window shows of a trainer at a step boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from engine.analysis.snapshot import Snapshot
from engine.analysis.spectrum import k90
from engine.analysis.what_if import merges, xray
from engine.network import Layer
from engine.protocol.messages import Frame, LayerFrame, Look, Matrix, Proof

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
    if look.xray_rank:
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
        merges=merges(network, trainer.judge.accuracies) if look.merges else (),
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
    delta = now.delta[name]
    return LayerFrame(
        name=name,
        weight=_matrix(layer.original),
        delta=_matrix(delta),
        updated=_matrix(now.updated[name]),
        trainable=free > 0,
        trainable_parameters=free,
        total_parameters=sum(p.numel() for p in layer.parameters()),
        delta_norm=float(delta.norm()),
        weight_norm=float(layer.original.norm()),
        fresh=layer.fresh,
        factors=tuple((key, _matrix(value)) for key, value in factors),
        singular_values=now.spectra[name],
        k90=k90(now.spectra[name]),
        step_norm=trainer.step_norm(name, now.updated[name]),
        scaling=None if scaling is None else float(scaling),
        wakes=trainer.waking().get(name.partition(".")[0], 0),
        proofs=proofs,
    )


def _matrix(tensor: Tensor) -> Matrix:
    """A copy that no later step changes."""
    return np.array(tensor.detach().numpy(), np.float32, order="C")
