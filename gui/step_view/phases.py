"""The five phases of a step, and the matrices that each shows."""

from __future__ import annotations

import dataclasses
import enum

from engine.protocol.messages import Frame, LayerFrame, LayerTrace, Matrix, StepTrace
from gui.matrices.factor_kinds import FactorPlacement, factor_kind


class Phase(enum.IntEnum):
    """The phases in the order of a step."""

    FORWARD = 1
    LOSS = 2
    GRADIENT = 3
    OPTIMIZER = 4
    TAKEN = 5

    @property
    def title(self) -> str:
        """Name of the phase in the path."""
        return ("Forward", "Loss", "Gradient", "Optimizer", "ΔW → W′")[self - 1]


FIRST_PHASE = {
    "inputs": Phase.FORWARD,
    "outputs": Phase.FORWARD,
    "delta_out": Phase.LOSS,
    "loss_gradient": Phase.GRADIENT,
    "move": Phase.OPTIMIZER,
}
"""Matrix of a step's trace, as a factor -> first phase that shows it."""
KEPT_PICTURES = ("prompt",)
"""Pictures beside ΔW that stay; the others take no part in a step."""


def hidden_factors(phase: Phase) -> frozenset[str]:
    """Return the factors of later phases: their places stay empty, so that nothing moves."""
    return frozenset(name for name, first in FIRST_PHASE.items() if phase < first)


def add_traced_factors(frame: Frame, trace: StepTrace) -> tuple[LayerFrame, ...]:
    """Return the frame's layers with the matrices of the trace as further factors."""
    found = {layer.name: layer for layer in trace.layers}
    return tuple(
        _with_trace(layer, found[layer.name]) if layer.name in found else layer
        for layer in frame.layers
    )


def _with_trace(layer: LayerFrame, trace: LayerTrace) -> LayerFrame:
    own = tuple(pair for pair in layer.factors if _is_kept(pair[0]))
    return dataclasses.replace(layer, factors=(*own, *_matrices(trace)))


def _is_kept(name: str) -> bool:
    return factor_kind(name).placement is not FactorPlacement.PICTURE or name in KEPT_PICTURES


def _matrices(trace: LayerTrace) -> tuple[tuple[str, Matrix], ...]:
    return (
        ("inputs", trace.inputs),
        ("outputs", trace.outputs),
        ("delta_out", trace.grad_output),
        ("loss_gradient", trace.gradient),
        ("move", trace.move),
    )
