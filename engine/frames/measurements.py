"""What takes its time to find out about a step boundary; a frame can do without it being anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.analysis.chunked import delta_norm, spectrum
from engine.analysis.counterfactual import merges, xray
from engine.analysis.snapshot import Snapshot
from engine.analysis.spectrum import k90, singular_values
from engine.frames.evaluator import Measures
from engine.model.arrays import matrix_of
from engine.protocol.messages import (
    Difference,
    Flow,
    Look,
    Matrix,
    Merge,
    Proof,
    SampleFrame,
    Xray,
)

if TYPE_CHECKING:
    from engine.trainer import Trainer


@dataclass(frozen=True, slots=True)
class LayerFindings:
    """What was found out about one layer; the fields are those of `LayerFrame`."""

    singular_values: NDArray[np.float32]
    k90: int | None
    step_norm: float | None
    proofs: tuple[Proof, ...]
    truncated: Matrix | None = None
    """(out, in): ΔW cut down to the X-ray's rank."""
    difference: Matrix | None = None
    """(out, in): W′ − W′ of another branch."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All of them, at one step."""

    step: int
    measures: Measures
    sample: SampleFrame | None
    flow: Flow | None
    layers: Mapping[str, LayerFindings] = field(default_factory=dict)
    xray: Xray | None = None
    merges: tuple[Merge, ...] = ()
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another branch of the same run."""

    branch: int
    step: int
    updated: Mapping[str, Tensor]
    """Layer name -> its W′, (out, in)."""


def look_again(found: Findings, trainer: Trainer, look: Look) -> Findings:
    """The same, with the sample that is looked at now."""
    sample = trainer.judge.sample(trainer.looked_at)
    return replace(found, sample=sample, flow=_flow(trainer, look))


def _flow(trainer: Trainer, look: Look) -> Flow | None:
    return trainer.judge.flow(trainer.looked_at) if look.flow else None


@torch.no_grad()
def find(
    trainer: Trainer, now: Snapshot, look: Look, elsewhere: Elsewhere | None = None
) -> Findings:
    """Look into a trainer as it stands.

    Args: now: of the trainer's network.  elsewhere: from which W′ is to be told apart.
    """
    spectra = {
        name: spectrum(layer) if layer.is_large else singular_values(now.delta[name]).numpy()
        for name, layer in now.layers.items()
    }
    proofs = trainer.proofs.check(trainer.steps_taken, now, spectra)
    studied = trainer.settings.is_studied
    ray, truncated = None, {}
    if look.xray_rank and studied:
        ray, cut = xray(trainer.network, look.xray_rank, trainer.judge.accuracies)
        truncated = {name: matrix.numpy() for name, matrix in cut.items()}
    there = {} if elsewhere is None else elsewhere.updated
    apart = {
        name: matrix_of(layer.updated() - there[name])
        for name, layer in now.layers.items()
        if name in there
    }
    layers = {
        name: LayerFindings(
            singular_values=spectra[name],
            k90=k90(spectra[name], delta_norm(layer) if layer.is_large else None),
            step_norm=trainer.step_norm(name, now.updated.get(name)),
            proofs=proofs[name],
            truncated=truncated.get(name),
            difference=apart.get(name),
        )
        for name, layer in now.layers.items()
    }
    measures = trainer.judge.measure(now.compute)
    judge = trainer.judge.accuracies
    return Findings(
        step=trainer.steps_taken,
        measures=measures,
        sample=trainer.judge.sample(trainer.looked_at),
        flow=_flow(trainer, look),
        layers=layers,
        xray=ray,
        merges=merges(trainer.network, judge) if look.merges and studied else (),
        difference=None if elsewhere is None else Difference(elsewhere.branch, elsewhere.step),
    )
