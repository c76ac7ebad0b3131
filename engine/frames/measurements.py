"""Slow measurements of one step: spectra, accuracies, checks, what other weights would do."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from engine.analysis.checks import Checker
from engine.analysis.chunked import compute_spectrum, delta_norm, k90
from engine.analysis.counterfactual import evaluate_merges, truncate_body
from engine.analysis.snapshot import NetworkSnapshot
from engine.frames.source import Source
from engine.model.layer import matrix_of
from engine.model.network import Network
from engine.model.svd import singular_values
from engine.protocol.frames import Difference, LayerMeasurements, Measurements, Truncation
from engine.protocol.matrices import Array, Matrix, MatrixInfo
from engine.protocol.messages import FrameOptions

TRUNCATED = MatrixInfo(
    name="truncated", title="rank-r part", role="truncation", sides=("out", "in"), scale="delta",
    description="The best rank-r approximation of ΔW, on the colour scale of ΔW.",
    short="rank r", in_place_of="delta", asked_for=True,
    no_step="ΔW computed from its r strongest directions alone.",
)  # fmt: skip
DIFFERENCE = MatrixInfo(
    name="difference", title="W′ − other W′", role="difference", sides=("out", "in"),
    scale="delta", symbol="W′ − W′ of the other branch",
    description="W′ here − W′ of the other branch, on the colour scale of ΔW.",
    short="W′ − W′", in_place_of="updated", asked_for=True,
    no_step="W′ here minus W′ of the other branch.",
)  # fmt: skip
StepNorm = Callable[[str, Tensor | None], float | None]
"""(layer, its W′ now) -> ‖W′ − W′ before the last step‖; None where that was not watched."""


MeasuredMatrices = Mapping[str, tuple[Matrix[Array], ...]]
"""Layer name -> matrices that were asked for, to be drawn beside ΔW, each (out, in)."""
Measured = tuple[Measurements, MeasuredMatrices]


@dataclass(frozen=True, slots=True)
class OtherBranch:
    """Another branch of the same run, to be compared with."""

    branch: int
    step: int
    updated: Mapping[str, Tensor]
    """Layer name -> its W′, (out, in)."""


Reader = TypeVar("Reader", Source, Checker)


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
    step_norm: StepNorm

    @torch.no_grad()
    def on_copy(self) -> Measurer:
        """Return a measurer of the source as it is now, whatever becomes of the source."""
        source = _with_network(self.source, self.source.network.copied())
        source.evaluator = source.evaluator.on(source.network)
        norms = {
            name: self.step_norm(name, layer.updated())
            for name, layer in source.network.layers()
            if not layer.is_large
        }
        return Measurer(
            source,
            _with_network(self.checker, source.network),
            lambda name, _updated: norms.get(name),
        )

    @torch.no_grad()
    def measure(
        self, now: NetworkSnapshot, options: FrameOptions, other: OtherBranch | None = None
    ) -> Measured:
        """Measure the source as it stands.

        Args: now: snapshot of its network.  options: what the frame is to show.
        other: the branch whose W′ is subtracted.
        """
        source = self.source
        truncation, truncated = self._truncate(options)
        studied = source.settings.is_studied
        metrics = source.evaluator.measure(now.compute)
        measurements = Measurements(
            run=source.number,
            step=source.steps_taken,
            train_loss=metrics.train_loss,
            validation_loss=metrics.validation_loss,
            target_accuracy=metrics.target_accuracy,
            source_accuracy=metrics.source_accuracy,
            source_accuracy_kept_head=metrics.source_accuracy_kept_head,
            validation_accuracy=metrics.validation_accuracy,
            layers=self._layers(now),
            truncation=truncation,
            merges=(
                evaluate_merges(source.network, source.evaluator.measure)
                if options.merges and studied
                else ()
            ),
            difference=None if other is None else Difference(other.branch, other.step),
        )
        elsewhere = {} if other is None else other.updated
        return measurements, {
            name: _matrices(
                truncated.get(name),
                matrix_of(layer.updated() - elsewhere[name]) if name in elsewhere else None,
            )
            for name, layer in now.layers.items()
        }

    def _truncate(self, options: FrameOptions) -> tuple[Truncation | None, dict[str, Array]]:
        """The run as it would be with every ΔW cut down to the rank asked for, and these ΔW."""
        source = self.source
        if not options.truncation_rank or not source.settings.is_studied:
            return None, {}
        truncation, cut = truncate_body(
            source.network, options.truncation_rank, source.evaluator.measure
        )
        return truncation, {name: matrix.numpy() for name, matrix in cut.items()}

    def _layers(self, now: NetworkSnapshot) -> tuple[LayerMeasurements, ...]:
        spectra = {
            name: compute_spectrum(layer)
            if layer.is_large
            else singular_values(now.delta[name]).numpy()
            for name, layer in now.layers.items()
        }
        checks = self.checker.check(self.source.steps_taken, now, spectra)
        return tuple(
            LayerMeasurements(
                name=name,
                singular_values=spectra[name],
                k90=k90(spectra[name], delta_norm(layer) if layer.is_large else None),
                step_norm=self.step_norm(name, now.updated.get(name)),
                checks=checks[name],
            )
            for name, layer in now.layers.items()
        )


def _matrices(truncated: Array | None, difference: Array | None) -> tuple[Matrix[Array], ...]:
    pairs = ((TRUNCATED, truncated), (DIFFERENCE, difference))
    return tuple(Matrix(info, values) for info, values in pairs if values is not None)
