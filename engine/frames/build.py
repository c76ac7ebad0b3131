"""Frames: everything that is shown of a source at a step boundary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.analysis.checks import Checker
from engine.analysis.chunked import delta_norm
from engine.analysis.snapshot import NetworkSnapshot
from engine.derivation.cell import derive_cell
from engine.derivation.step import TracedStep, trace_step
from engine.frames.downsample import Downsampler, LayerPicture
from engine.frames.measurements import Measured, MeasuredMatrices, Measurer, OtherBranch
from engine.frames.sample_output import SampleOutput
from engine.frames.sample_selection import SampleSelection
from engine.frames.source import Source
from engine.model.layer import Layer, matrix_of
from engine.protocol.derivation import CellAddress, CellDerivation, StepTrace
from engine.protocol.frames import Frame, LayerFrame, PartRequest
from engine.protocol.matrices import Array, Matrix
from engine.protocol.messages import FrameOptions
from engine.training.run import Run

PROBE_SAMPLES = 16
"""Validation samples on which merged and unmerged outputs are compared."""
HIDDEN_TURNS = 4
"""While a network trains, a large layer off the screen is seen anew in one frame of so many."""


@dataclass(frozen=True, slots=True)
class ParameterCounts:
    """Numbers of parameters of a module."""

    trainable: int
    total: int

    @classmethod
    def of(cls, module: nn.Module) -> ParameterCounts:
        """Count a module's parameters. Args: module: with all its children."""
        parameters = list(module.parameters())
        return cls(
            sum(p.numel() for p in parameters if p.requires_grad),
            sum(p.numel() for p in parameters),
        )


@dataclass(frozen=True, slots=True)
class StaticLayerInfo:
    """The part of a drawn layer that no step changes."""

    layer: Layer
    counts: ParameterCounts
    weight: Array | None
    """None: it is large, and what is shown of it changes with the view."""
    weight_norm: float
    unfreeze_at: int


class FrameBuilder:
    """Builds the frames of one source.

    A frame can be built at any step boundary; `begin_step` and `end_step` stand around each step,
    so that the next frame can say how far it went.

    Args: source: before its first step.  selection: the sample that the user looks at.
    """

    def __init__(self, source: Source, selection: SampleSelection) -> None:
        self._source = source
        self._run = source if isinstance(source, Run) else None
        self.sample = SampleOutput(source, selection)
        self.checker = Checker(source.network, source.initial.validation.inputs[:PROBE_SAMPLES])
        self._measurer = Measurer(source, self.checker, self._step_norm)
        self._downsampler = Downsampler()
        self.last_trace: TracedStep | None = None
        """The last step as it was traced before it was taken, if it was."""
        self._seen: dict[str, LayerFrame] = {}
        """Layer name -> as it was last seen."""
        self._turn = 0
        """Number of the newest frame."""
        self._updated_before: dict[str, Tensor] = {}
        """Layer name -> W′ before the last step, if it was watched."""
        self._locks_version = -1
        self._follow_locks()

    def _follow_locks(self) -> None:
        """Take anew what stays as it is until other parameters may move."""
        source = self._source
        if source.locks_version == self._locks_version:
            return
        self._locks_version, self._seen = source.locks_version, {}
        self.counts = ParameterCounts.of(source.network)
        """Of the whole network."""
        self._head_counts = ParameterCounts.of(source.network.head)
        unfreeze_at = source.unfreeze_steps()
        self._layers = {
            name: StaticLayerInfo(
                layer=layer,
                counts=ParameterCounts.of(layer),
                weight=None if layer.is_large else matrix_of(layer.original),
                weight_norm=layer.weight_norm(),
                unfreeze_at=unfreeze_at.get(name.partition(".")[0], 0),
            )
            for name, layer in source.network.layers()
        }
        self.checker.update_references(
            source.steps_taken, freeze_statistics=source.settings.freeze_statistics
        )

    # ------------------------------------------------------------ around a step

    def begin_step(self, *, watched: bool, traced: bool) -> TracedStep | None:
        """Note what the coming step starts from.

        Args: watched: keep W′, to tell how far the step goes.  traced: trace the step.
        Returns: the trace, for `end_step`.
        """
        self._updated_before = self._copy_updated() if watched else {}
        return trace_step(self._run) if traced and self._run is not None else None

    @torch.no_grad()
    def _copy_updated(self) -> dict[str, Tensor]:
        small = ((n, layer) for n, layer in self._source.network.layers() if not layer.is_large)
        return {name: layer.updated().clone() for name, layer in small}

    def end_step(self, trace: TracedStep | None) -> None:
        """Follow a step that was taken. Args: trace: from `begin_step`."""
        self.last_trace = trace
        self._follow_locks()

    def forget_step(self) -> None:
        """Follow a change of settings: nothing is told any more of the step before it."""
        self._updated_before, self.last_trace = {}, None
        self._follow_locks()

    def forget_run(self) -> None:
        """Follow a source whose tensors were all replaced."""
        self.checker.clear_references()
        self._seen = {}
        self.forget_step()

    def _step_norm(self, name: str, updated: Tensor | None) -> float | None:
        if updated is None or name not in self._updated_before:
            return None
        return float((updated - self._updated_before[name]).norm())

    # ------------------------------------------------------------ measuring

    def measure(self, options: FrameOptions, other: OtherBranch | None = None) -> Measured:
        """Measure this step boundary. Args: options: of the frame.  other: branch to subtract."""
        return self._measurer.measure(NetworkSnapshot(self._source.network), options, other)

    def measure_later(self, options: FrameOptions) -> Callable[[], Measured]:
        """Return what measures this step boundary, on any thread. Args: options: of the frame."""
        measurer = self._measurer.on_copy()
        return lambda: measurer.measure(NetworkSnapshot(measurer.source.network), options)

    # ------------------------------------------------------------ building

    @torch.no_grad()
    def build(
        self,
        since: int,
        options: FrameOptions,
        matrices: MeasuredMatrices,
        views: tuple[PartRequest, ...],
        *,
        hurried: bool = False,
    ) -> Frame:
        """Build the frame of this step boundary, without measurements.

        Args: since: last step whose batch loss is left out.  options: what else to show.
        matrices: measured ones of each layer.  views: parts of large layers; of others, the whole.
        hurried: of the large layers that no view shows, only some in turn are seen anew.
        """
        source, now = self._source, NetworkSnapshot(self._source.network)
        counts = self.counts
        return Frame(
            run=source.number,
            step=source.steps_taken,
            layers=self._layer_frames(now, matrices, views, hurried=hurried),
            losses=source.losses_after(since),
            start_source_accuracy=source.evaluator.at_start.source_accuracy,
            target_test=source.evaluator.target_facts,
            source_test=source.evaluator.source_facts,
            validation=source.evaluator.validation_facts,
            trainable_parameters=counts.trainable,
            total_parameters=counts.total,
            body_trainable=counts.trainable - self._head_counts.trainable,
            sample=self.sample.predict(),
            activations=self.sample.activations() if options.activations else None,
            settings=source.settings,
            learning_rate=source.learning_rate(),
            derivation=self._derive(options.cell, matrices),
            step_trace=self._trace_next_step() if options.step_trace else None,
        )

    def _trace_next_step(self) -> StepTrace | None:
        trace = None if self._run is None else trace_step(self._run)
        return None if trace is None else trace.message()

    def _derive(
        self, cell: CellAddress | None, matrices: MeasuredMatrices
    ) -> CellDerivation | None:
        if cell is None or self._run is None:
            return None
        return derive_cell(self._run, self.last_trace, cell, matrices.get(cell.layer, ()))

    def _layer_frames(
        self,
        now: NetworkSnapshot,
        matrices: MeasuredMatrices,
        requests: tuple[PartRequest, ...],
        *,
        hurried: bool,
    ) -> tuple[LayerFrame, ...]:
        views = {view.layer: view for view in requests}
        self._turn += 1
        for turn, (name, info) in enumerate(self._layers.items(), self._turn):
            hidden = info.layer.is_large and name in views and views[name].is_hidden
            if not (hurried and hidden and name in self._seen and turn % HIDDEN_TURNS):
                picture = self._picture(name, info, now, matrices[name], views)
                self._seen[name] = _layer_frame(name, info, now, picture)
        return tuple(self._seen.values())

    def _picture(
        self,
        name: str,
        info: StaticLayerInfo,
        now: NetworkSnapshot,
        measured: tuple[Matrix[Array], ...],
        views: Mapping[str, PartRequest],
    ) -> LayerPicture:
        """The layer's matrices: whole where it is small, else the part that is looked at."""
        layer = info.layer
        own = (*self._source.strategy.factors(layer), *layer.statistics())
        if info.weight is None:
            more = (Matrix(m.info, torch.from_numpy(m.values)) for m in measured)
            return self._downsampler.make(name, layer, (*own, *more), views)
        factors = (*(Matrix(m.info, matrix_of(m.values)) for m in own), *measured)
        delta, updated = matrix_of(now.delta[name]), matrix_of(now.updated[name])
        return LayerPicture(None, info.weight, delta, updated, factors)


def _layer_frame(
    name: str, info: StaticLayerInfo, now: NetworkSnapshot, picture: LayerPicture
) -> LayerFrame:
    layer = info.layer
    scaling = getattr(layer.update, "scaling", None)
    return LayerFrame(
        name=name,
        part=picture.part,
        weight=picture.weight,
        delta=picture.delta,
        updated=picture.updated,
        factors=picture.factors,
        trainable=info.counts.trainable > 0,
        trainable_parameters=info.counts.trainable,
        total_parameters=info.counts.total,
        delta_norm=delta_norm(layer) if layer.is_large else float(now.delta[name].norm()),
        weight_norm=info.weight_norm,
        randomly_initialised=layer.randomly_initialised,
        scaling=None if scaling is None else float(scaling),
        unfreeze_at=info.unfreeze_at,
    )
