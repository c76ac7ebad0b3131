"""What a window shows of a trainer at a step boundary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from engine.analysis.spectrum import k90, singular_values
from engine.analysis.what_if import merges, xray
from engine.network import Layer
from engine.protocol.messages import Frame, LayerFrame, Look, Matrix, Proof

if TYPE_CHECKING:
    from engine.trainer import Trainer

STATISTICS = ("running_mean", "running_var")


@torch.no_grad()
def frame_of(trainer: Trainer, since: int, look: Look) -> Frame:
    """All that a window shows. Args: since, look: as `Trainer.frame` has them."""
    network, measures = trainer.network, trainer.measure()
    drawn = dict(trainer.strategy.layers(network))
    deltas = {name: layer.delta() for name, layer in network.layers()}
    spectra = {name: singular_values(delta) for name, delta in deltas.items()}
    proofs = trainer.proofs.check(trainer.steps_taken, spectra)
    ray, truncated = None, dict[str, Tensor]()
    if look.xray_rank:
        ray, truncated = xray(network, look.xray_rank, trainer.judge.accuracies)
    layers = tuple(
        _layer_frame(trainer, name, layer, deltas[name], spectra[name], truncated, proofs[name])
        for name, layer in drawn.items()
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
    delta: Tensor,
    spectrum: Tensor,
    truncated: Mapping[str, Tensor],
    proofs: tuple[Proof, ...],
) -> LayerFrame:
    free = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    factors = [(key, _matrix(value)) for key, value in trainer.strategy.factors(layer)]
    if layer.norm is not None:
        factors += [(key, _matrix(getattr(layer.norm, key)[:, None])) for key in STATISTICS]
    if name in truncated:
        factors.append(("truncated", _matrix(truncated[name])))
    scaling = getattr(layer.update, "scaling", None)
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
        factors=tuple(factors),
        singular_values=spectrum.numpy(),
        k90=k90(spectrum),
        step_norm=trainer.step_norm(name),
        scaling=None if scaling is None else float(scaling),
        wakes=trainer.waking().get(name.partition(".")[0], 0),
        proofs=proofs,
    )


def _matrix(tensor: Tensor) -> Matrix:
    """A copy that no later step changes."""
    return np.array(tensor.detach().numpy(), np.float32, order="C")
