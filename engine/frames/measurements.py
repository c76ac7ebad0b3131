"""What takes its time to find out about a step boundary; a frame can do without it being anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.analysis.chunked import compute_spectrum, delta_norm
from engine.analysis.counterfactual import evaluate_merges, truncate_body
from engine.analysis.snapshot import NetworkSnapshot
from engine.analysis.spectrum import k90
from engine.frames.evaluator import Metrics
from engine.model.arrays import matrix_of
from engine.model.svd import singular_values
from engine.protocol.messages import (
    Check,
    Difference,
    FrameOptions,
    Matrix,
    Merge,
    NetworkActivations,
    SampleFrame,
    Truncation,
)

if TYPE_CHECKING:
    from engine.trainer import Trainer


@dataclass(frozen=True, slots=True)
class LayerMeasurements:
    """What was found out about one layer; the fields are those of `LayerFrame`."""

    singular_values: NDArray[np.float32]
    k90: int | None
    step_norm: float | None
    checks: tuple[Check, ...]
    truncated: Matrix | None = None
    """(out, in): ΔW cut down to the X-ray's rank."""
    difference: Matrix | None = None
    """(out, in): W′ − W′ of another branch."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """All of them, at one step."""

    step: int
    measures: Metrics
    sample: SampleFrame | None
    flow: NetworkActivations | None
    layers: Mapping[str, LayerMeasurements] = field(default_factory=dict)
    truncation: Truncation | None = None
    merges: tuple[Merge, ...] = ()
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class OtherBranch:
    """Another branch of the same run."""

    branch: int
    step: int
    updated: Mapping[str, Tensor]
    """Layer name -> its W′, (out, in)."""


def look_again(found: Measurements, trainer: Trainer, look: FrameOptions) -> Measurements:
    """The same, with the sample that is looked at now."""
    sample = trainer.evaluator.sample(trainer.sample_selection)
    return replace(found, sample=sample, flow=_flow(trainer, look))


def _flow(trainer: Trainer, look: FrameOptions) -> NetworkActivations | None:
    return trainer.evaluator.flow(trainer.sample_selection) if look.activations else None


@torch.no_grad()
def find(
    trainer: Trainer, now: NetworkSnapshot, look: FrameOptions, elsewhere: OtherBranch | None = None
) -> Measurements:
    """Look into a trainer as it stands.

    Args: now: of the trainer's network.  elsewhere: from which W′ is to be told apart.
    """
    spectra = {
        name: compute_spectrum(layer)
        if layer.is_large
        else singular_values(now.delta[name]).numpy()
        for name, layer in now.layers.items()
    }
    checks = trainer.checks.check(trainer.steps_taken, now, spectra)
    studied = trainer.settings.is_studied
    ray, truncated = None, {}
    if look.truncation_rank and studied:
        ray, cut = truncate_body(
            trainer.network, look.truncation_rank, trainer.evaluator.accuracies
        )
        truncated = {name: matrix.numpy() for name, matrix in cut.items()}
    there = {} if elsewhere is None else elsewhere.updated
    apart = {
        name: matrix_of(layer.updated() - there[name])
        for name, layer in now.layers.items()
        if name in there
    }
    layers = {
        name: LayerMeasurements(
            singular_values=spectra[name],
            k90=k90(spectra[name], delta_norm(layer) if layer.is_large else None),
            step_norm=trainer.step_norm(name, now.updated.get(name)),
            checks=checks[name],
            truncated=truncated.get(name),
            difference=apart.get(name),
        )
        for name, layer in now.layers.items()
    }
    measures = trainer.evaluator.measure(now.compute)
    evaluator = trainer.evaluator.accuracies
    return Measurements(
        step=trainer.steps_taken,
        measures=measures,
        sample=trainer.evaluator.sample(trainer.sample_selection),
        flow=_flow(trainer, look),
        layers=layers,
        truncation=ray,
        merges=evaluate_merges(trainer.network, evaluator) if look.merges and studied else (),
        difference=None if elsewhere is None else Difference(elsewhere.branch, elsewhere.step),
    )
