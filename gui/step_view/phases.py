"""The five phases of a step: the matrices that each shows, and its caption."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from engine.protocol.matrices import Matrix, MatrixInfo, Side
from engine.protocol.messages import Frame, LayerFrame, LayerTrace, StepTrace
from gui.text.layers import layer_title
from gui.text.numbers import loss_text, number_text, short_number
from gui.text.setting_text import shown_text

NOTHING_MOVES = "Nothing is trained: all layers are frozen"


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


def _of_weights(name: str, title: str, description: str, caption: str, place: str) -> MatrixInfo:
    return MatrixInfo(
        name=name, title=title, role="step", sides=("out", "in"), description=description,
        caption=caption, short=title, derived_as="updated", in_place_of=place,
    )  # fmt: skip


FIRST_PHASE = {
    _activation("inputs", "x", ("one", "in"),
                "x: the layer's input, for the batch's first sample."): Phase.FORWARD,
    _activation("outputs", "z", ("out", "one"),
                "z = W′ x: the layer's output for it."): Phase.FORWARD,
    _activation("delta_out", "δ", ("out", "one"),
                "δ = ∂ℓ/∂z: how this sample's loss changes with each z."): Phase.LOSS,
    _of_weights("loss_gradient", "∂L/∂W′", "The mean of δ xᵀ over the batch: how the loss changes "
                "with each weight.", "gradient ∂L/∂W′", "updated"): Phase.GRADIENT,
    _of_weights("move", "move", "W′ after the step − W′ before it.",
                "move of W′", "delta"): Phase.OPTIMIZER,
}  # fmt: skip
"""Matrix of a step's trace, in the order of `LayerTrace` -> first phase that shows it."""


def hidden_factors(phase: Phase, trace: StepTrace) -> frozenset[str]:
    """Return the factors of later phases: their places stay empty, so that nothing moves."""
    first_phases = {info.name: first for info, first in FIRST_PHASE.items()}
    for layer in trace.layers:
        first_phases |= {matrix.name: Phase.GRADIENT for matrix in layer.factor_gradients}
        first_phases |= {matrix.name: Phase.OPTIMIZER for matrix in layer.factor_moves}
    return frozenset(name for name, first in first_phases.items() if phase < first)


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
    of_factors = *trace.factor_gradients, *trace.factor_moves
    return replace(layer, factors=(*own, *map(Matrix, FIRST_PHASE, values), *of_factors))


def phase_caption(phase: Phase, frame: Frame, trace: StepTrace) -> str:
    """Return the caption of a phase. Args: frame: before the step, or after it once taken."""
    match phase:
        case Phase.FORWARD:
            return _forward_caption(trace)
        case Phase.LOSS:
            return _loss_caption(trace)
        case Phase.GRADIENT:
            return _gradient_caption(frame, trace)
        case Phase.OPTIMIZER:
            return _optimizer_caption(frame, trace)
        case Phase.TAKEN:
            return _taken_caption(frame, trace)


def _forward_caption(trace: StepTrace) -> str:
    name = trace.classes[trace.label]
    return (
        f"The first of the batch's {trace.count} samples, labelled {name}, passes through the "
        "network. Each layer computes z = W′ x from its input x and passes it on."
    )


def _loss_caption(trace: StepTrace) -> str:
    name = trace.classes[trace.label]
    p = number_text(float(trace.probabilities[trace.label]), 3)
    loss = number_text(trace.sample_loss, 3)
    return (
        f"Class {name} gets p = {p}: this sample's loss is −log p = {loss}. "
        f"The mean of the {trace.count} is L = {loss_text(trace.loss)} (Curves: of all training "
        "samples). "
        "δ: how the sample's loss changes with each z."
    )


def _gradient_caption(frame: Frame, trace: StepTrace) -> str:
    layer = max(trace.layers, key=_largest_gradient)
    largest = number_text(_largest_gradient(layer), 3)
    used = " and ".join(f"∂L/∂{symbol}" for symbol in _learned_symbols(frame))
    own = f" The optimizer uses {used}, which follow from it." if used else ""
    return (
        f"∂L/∂W′, the mean of δ xᵀ (each δ times each x) over {trace.count} samples, is how the "
        f"loss changes with each weight. The largest |g| is {largest}, in "
        f"{_layers_in_text([layer.name])}.{own}"
    )


def _optimizer_caption(frame: Frame, trace: StepTrace) -> str:
    name, rate = shown_text("optimizer", frame.settings), short_number(trace.learning_rate, 3)
    moves = _moving_layers(trace)
    if not moves:
        return f"{name} has nothing to update. {NOTHING_MOVES}, although there is a gradient."
    frozen = [layer.name for layer in trace.layers if layer not in moves]
    held = f" Not trained: {_layers_in_text(frozen)}." if frozen else ""
    norm, parts = f"‖move‖ = {number_text(_move_norm(trace), 3)}.{held}", _learned_symbols(frame)
    if not parts:
        return f"{name} turns the gradient into a move of each weight, at η = {rate}: {norm}"
    own = " and ".join(parts)
    return f"{name} updates {own} with their own gradients, at η = {rate}; W′ follows: {norm}"


def _taken_caption(frame: Frame, trace: StepTrace) -> str:
    if not _moving_layers(trace):
        return f"The step has been taken, and W′ is unchanged. {NOTHING_MOVES}."
    away = math.hypot(*(layer.delta_norm for layer in frame.layers))
    return (
        f"The step has been taken: W′ and ΔW have changed by {number_text(_move_norm(trace), 3)}. "
        f"All steps so far add up to ‖ΔW‖ = {number_text(away, 3)}."
    )


def _learned_symbols(frame: Frame) -> list[str]:
    """Return the symbols of the factors that a step moves in place of W′."""
    infos = (factor.info for layer in frame.layers for factor in layer.factors)
    learned = (info.title for info in infos if info.learns and info.makes_delta)
    return list(dict.fromkeys(learned))


def _largest_gradient(layer: LayerTrace) -> float:
    return float(np.abs(layer.gradient).max(initial=0.0))


def _moving_layers(trace: StepTrace) -> list[LayerTrace]:
    return [layer for layer in trace.layers if layer.move.any()]


def _move_norm(trace: StepTrace) -> float:
    return math.hypot(*(np.linalg.norm(layer.move.astype(np.float64)) for layer in trace.layers))


def _layers_in_text(layers: Sequence[str]) -> str:
    """Return layers within a sentence: layers 2, 3 and the head."""
    numbers = [name.removeprefix("layer") for name in layers if name.startswith("layer")]
    parts = (
        [f"layer{'s' if len(numbers) > 1 else ''} {numbers[0]}", *numbers[1:]] if numbers else []
    )
    for name in layers:
        words = layer_title(name)
        words = words[:1].lower() + words[1:]
        if not name.startswith("layer"):
            parts.append(f"the {words}" if name.startswith("head") else words)
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
