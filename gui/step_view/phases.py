"""The five phases of a step, and the matrices that each shows."""

from __future__ import annotations

import enum

from msgspec.structs import replace

from engine.protocol.matrices import Matrix, MatrixInfo, Side
from engine.protocol.messages import Frame, LayerFrame, LayerTrace, StepTrace


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


def _activation(name: str, title: str, sides: tuple[Side, Side], description: str) -> MatrixInfo:
    return MatrixInfo(
        name=name, title=title, role="activation", sides=sides, description=description
    )


def _of_weights(name: str, title: str, description: str, caption: str) -> MatrixInfo:
    return MatrixInfo(
        name=name, title=title, role="step", sides=("out", "in"), description=description,
        caption=caption, short=title, derived_as="updated",
    )  # fmt: skip


FIRST_PHASE = {
    _activation("inputs", "x", ("one", "in"),
                "x: what the layer is fed of the batch's first sample."): Phase.FORWARD,
    _activation("outputs", "z", ("out", "one"),
                "z = W′ x: what the layer makes of it."): Phase.FORWARD,
    _activation("delta_out", "δ", ("out", "one"),
                "δ = ∂ℓ/∂z: how that sample's loss would change with each z."): Phase.LOSS,
    _of_weights("loss_gradient", "∂L/∂W′", "The mean of δ xᵀ over the batch: how the loss would "
                "change with each weight.", "gradient ∂L/∂W′"): Phase.GRADIENT,
    _of_weights("move", "move", "W′ after the step − W′ before it.",
                "move of W′"): Phase.OPTIMIZER,
}  # fmt: skip
"""Matrix of a step's trace, in the order of `LayerTrace` -> first phase that shows it."""


def hidden_factors(phase: Phase) -> frozenset[str]:
    """Return the factors of later phases: their places stay empty, so that nothing moves."""
    return frozenset(info.name for info, first in FIRST_PHASE.items() if phase < first)


def add_traced_factors(frame: Frame, trace: StepTrace) -> tuple[LayerFrame, ...]:
    """Return the frame's layers with the matrices of the trace as further factors."""
    found = {layer.name: layer for layer in trace.layers}
    return tuple(
        _with_trace(layer, found[layer.name]) if layer.name in found else layer
        for layer in frame.layers
    )


def _with_trace(layer: LayerFrame, trace: LayerTrace) -> LayerFrame:
    # Pictures of W's shape take no part in a step.
    own = tuple(factor for factor in layer.factors if factor.info.sides != ("out", "in"))
    values = (trace.inputs, trace.outputs, trace.grad_output, trace.gradient, trace.move)
    return replace(layer, factors=(*own, *map(Matrix, FIRST_PHASE, values)))
