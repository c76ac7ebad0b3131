"""The five phases of a step: the matrices that each shows, and its caption."""

from __future__ import annotations

import enum
import math

import numpy as np
from msgspec.structs import replace

from engine.protocol.matrices import Matrix, MatrixInfo, Side
from engine.protocol.messages import Frame, LayerFrame, LayerTrace, StepTrace
from gui.text.layers import layer_title
from gui.text.numbers import loss_text, number_text, short_number
from gui.text.setting_text import shown_text

NOTHING_MOVES = "Nothing moves: everything is frozen"


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
                "x: what the layer is fed of the batch's first sample."): Phase.FORWARD,
    _activation("outputs", "z", ("out", "one"),
                "z = W′ x: what the layer makes of it."): Phase.FORWARD,
    _activation("delta_out", "δ", ("out", "one"),
                "δ = ∂ℓ/∂z: how that sample's loss would change with each z."): Phase.LOSS,
    _of_weights("loss_gradient", "∂L/∂W′", "The mean of δ xᵀ over the batch: how the loss would "
                "change with each weight.", "gradient ∂L/∂W′", "updated"): Phase.GRADIENT,
    _of_weights("move", "move", "W′ after the step − W′ before it.",
                "move of W′", "delta"): Phase.OPTIMIZER,
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


def phase_caption(phase: Phase, frame: Frame, trace: StepTrace) -> str:
    """Return the caption of a phase. Args: frame: before the step, or after it once taken."""
    match phase:
        case Phase.FORWARD:
            return _forward_caption(trace)
        case Phase.LOSS:
            return _loss_caption(trace)
        case Phase.GRADIENT:
            return _gradient_caption(trace)
        case Phase.OPTIMIZER:
            return _optimizer_caption(frame, trace)
        case Phase.TAKEN:
            return _taken_caption(frame, trace)


def _forward_caption(trace: StepTrace) -> str:
    name = trace.classes[trace.label]
    return (
        f"The first of the batch's {trace.count} samples, labelled {name}, goes through. "
        "Each layer makes z = W′ x of its input x and hands it on to the next."
    )


def _loss_caption(trace: StepTrace) -> str:
    name = trace.classes[trace.label]
    p = number_text(float(trace.probabilities[trace.label]), 3)
    loss = number_text(trace.sample_loss, 3)
    return (
        f"The network says {name} with p = {p}: a loss of −log p = {loss}."
        f" Mean over the {trace.count} samples: L = {loss_text(trace.loss)}."
        " δ: how that sample's loss changes with each z."
    )


def _gradient_caption(trace: StepTrace) -> str:
    layer = max(trace.layers, key=_largest_gradient)
    largest = number_text(_largest_gradient(layer), 3)
    return (
        f"∂L/∂W′ is the mean of δ xᵀ over {trace.count} samples: how the loss changes with each"
        f" weight. The largest |g| is {largest}, in {_title_in_text(layer.name)}."
    )


def _optimizer_caption(frame: Frame, trace: StepTrace) -> str:
    name, rate = shown_text("optimizer", frame.settings), short_number(trace.learning_rate, 3)
    moves = _moving_layers(trace)
    if not moves:
        return f"{name} has no weight to move. {NOTHING_MOVES}, although the gradient is there."
    still = [layer.name for layer in trace.layers if layer not in moves]
    held = f" Still: {', '.join(_title_in_text(name) for name in still)}." if still else ""
    norm, parts = f"‖move‖ = {number_text(_move_norm(trace), 3)}.{held}", _learned_symbols(frame)
    if not parts:
        return f"{name} turns the gradient into a move, with η = {rate}: {norm}"
    own = " and ".join(parts)
    return f"{name} moves {own} by their own gradients, with η = {rate}; W′ follows: {norm}"


def _taken_caption(frame: Frame, trace: StepTrace) -> str:
    if not _moving_layers(trace):
        return f"The step is taken, and W′ is what it was. {NOTHING_MOVES}."
    away = math.hypot(*(layer.delta_norm for layer in frame.layers))
    return (
        f"The step is taken: W′ has moved by {number_text(_move_norm(trace), 3)}, and ΔW with it. "
        f"All moves so far together make ‖ΔW‖ = {number_text(away, 3)}."
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


def _title_in_text(layer: str) -> str:
    """Return a layer's title within a sentence: layer 2, the head, adapter 1 · down."""
    words = layer_title(layer)
    words = words[:1].lower() + words[1:]
    return f"the {words}" if layer.startswith("head") else words
