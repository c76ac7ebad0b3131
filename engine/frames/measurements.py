"""Slow measurements of one step: spectra, accuracies, checks, the sample's outputs.

They may be a few frames older than the frame that shows them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.analysis.checks import Checker
from engine.analysis.chunked import compute_spectrum, delta_norm
from engine.analysis.counterfactual import evaluate_merges, truncate_body
from engine.analysis.snapshot import NetworkSnapshot
from engine.analysis.spectrum import k90
from engine.frames.sample_output import SampleOutput
from engine.frames.source import Source
from engine.model.arrays import matrix_of
from engine.model.network import Network
from engine.model.svd import singular_values
from engine.protocol.messages import (
    Array,
    Check,
    Difference,
    FrameOptions,
    Matrix,
    MatrixInfo,
    Merge,
    NetworkActivations,
    SampleFrame,
    Truncation,
)
from engine.training.evaluator import Evaluator, Metrics

TRUNCATED = MatrixInfo(
    name="truncated", title="rank-r part", role="truncation", sides=("out", "in"), scale="delta",
    description="The best picture of ΔW that rank r allows, in the colours of ΔW.",
    short="rank r",
    no_step="A cell of the X-ray: ΔW made anew of its strongest directions alone.",
)  # fmt: skip
DIFFERENCE = MatrixInfo(
    name="difference", title="W′ − other W′", role="difference", sides=("out", "in"),
    scale="delta", symbol="W′ − W′ of the other branch",
    description="W′ here − W′ of the other branch, in the colours of ΔW.",
    short="W′ − W′",
    no_step="W′ here less W′ of the other branch.",
)  # fmt: skip
StepNorm = Callable[[str, Tensor | None], float | None]
"""(layer, its W′ now) -> ‖W′ − W′ before the last step‖; None where that was not watched."""


@dataclass(frozen=True, slots=True)
class LayerMeasurements:
    """The measurements of one layer; the fields are those of `LayerFrame`."""

    singular_values: NDArray[np.float32]
    k90: int | None
    step_norm: float | None
    checks: tuple[Check, ...]
    matrices: tuple[Matrix[Array], ...] = ()
    """Matrices that were asked for, to be drawn beside ΔW, each (out, in)."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """All measurements of one step."""

    step: int
    metrics: Metrics
    sample: SampleFrame | None
    activations: NetworkActivations | None
    layers: Mapping[str, LayerMeasurements] = field(default_factory=dict)
    truncation: Truncation | None = None
    merges: tuple[Merge, ...] = ()
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class OtherBranch:
    """Another branch of the same run, to be compared with."""

    branch: int
    step: int
    updated: Mapping[str, Tensor]
    """Layer name -> its W′, (out, in)."""


Reader = TypeVar("Reader", Source, Evaluator, Checker, SampleOutput)


def _with_network(reader: Reader, network: Network) -> Reader:
    """Return a copy of what reads a network that reads another one."""
    other = copy.copy(reader)
    other.network = network
    return other


@dataclass(frozen=True, slots=True)
class Measurer:
    """Measures one source. The parts are the source's own; a `FrameBuilder` puts them together."""

    source: Source
    checker: Checker
    sample: SampleOutput
    step_norm: StepNorm

    @torch.no_grad()
    def on_copy(self) -> Measurer:
        """Return a measurer of the source as it is now, whatever becomes of the source."""
        source = _with_network(self.source, self.source.network.copied())
        source.evaluator = _with_network(source.evaluator, source.network)
        norms = {
            name: self.step_norm(name, layer.updated())
            for name, layer in source.network.layers()
            if not layer.is_large
        }
        return Measurer(
            source,
            _with_network(self.checker, source.network),
            _with_network(self.sample, source.network),
            lambda name, _updated: norms.get(name),
        )

    def resample(self, old: Measurements, options: FrameOptions) -> Measurements:
        """Return the same measurements with another sample's outputs.

        Args: old: of any step.  options: what the frame is to show.
        """
        sample, activations = self._sample(options)
        return replace(old, sample=sample, activations=activations)

    @torch.no_grad()
    def measure(
        self, now: NetworkSnapshot, options: FrameOptions, other: OtherBranch | None = None
    ) -> Measurements:
        """Measure the source as it stands.

        Args: now: snapshot of its network.  options: what the frame is to show.
        other: the branch whose W′ is subtracted.
        """
        source = self.source
        truncation, truncated = self._truncate(options)
        studied = source.settings.is_studied
        sample, activations = self._sample(options)
        return Measurements(
            step=source.steps_taken,
            layers=self._layers(now, truncated, {} if other is None else other.updated),
            metrics=source.evaluator.measure(now.compute),
            sample=sample,
            activations=activations,
            truncation=truncation,
            merges=(
                evaluate_merges(source.network, source.evaluator.accuracies)
                if options.merges and studied
                else ()
            ),
            difference=None if other is None else Difference(other.branch, other.step),
        )

    def _sample(
        self, options: FrameOptions
    ) -> tuple[SampleFrame | None, NetworkActivations | None]:
        return self.sample.predict(), self.sample.activations() if options.activations else None

    def _truncate(self, options: FrameOptions) -> tuple[Truncation | None, dict[str, Array]]:
        """The run as it would be with every ΔW cut down to the rank asked for, and these ΔW."""
        source = self.source
        if not options.truncation_rank or not source.settings.is_studied:
            return None, {}
        truncation, cut = truncate_body(
            source.network, options.truncation_rank, source.evaluator.accuracies
        )
        return truncation, {name: matrix.numpy() for name, matrix in cut.items()}

    def _layers(
        self,
        now: NetworkSnapshot,
        truncated: Mapping[str, Array],
        other: Mapping[str, Tensor],
    ) -> dict[str, LayerMeasurements]:
        spectra = {
            name: compute_spectrum(layer)
            if layer.is_large
            else singular_values(now.delta[name]).numpy()
            for name, layer in now.layers.items()
        }
        checks = self.checker.check(self.source.steps_taken, now, spectra)
        return {
            name: LayerMeasurements(
                singular_values=spectra[name],
                k90=k90(spectra[name], delta_norm(layer) if layer.is_large else None),
                step_norm=self.step_norm(name, now.updated.get(name)),
                checks=checks[name],
                matrices=_matrices(
                    truncated.get(name),
                    matrix_of(layer.updated() - other[name]) if name in other else None,
                ),
            )
            for name, layer in now.layers.items()
        }


def _matrices(truncated: Array | None, difference: Array | None) -> tuple[Matrix[Array], ...]:
    pairs = ((TRUNCATED, truncated), (DIFFERENCE, difference))
    return tuple(Matrix(info, values) for info, values in pairs if values is not None)
