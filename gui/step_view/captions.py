"""What happens in a moment of a step, in a sentence or two with this step's own numbers."""

from __future__ import annotations

import math

import numpy as np

from engine.protocol.messages import Frame, LayerTrace, Matrix, StepTrace
from gui.matrices.factor_kinds import factor_kind
from gui.step_view.phases import Phase
from gui.text.layers import layer_title
from gui.text.numbers import loss_text, number_text, trimmed_number
from gui.text.settings_change import OPTIMIZER_NAMES

LEARNED = ("lora_B", "lora_E", "lora_A", "magnitude", "vera_b", "vera_d", "ia3_l")
"""Factors that are learned and that W′ is made of."""
STILL = "Nothing moves: everything is frozen"


def caption(moment: Phase, frame: Frame, inside: StepTrace) -> str:
    """The caption. Args: frame: the one that is shown, before the step or, once taken, after."""
    match moment:
        case Phase.FORWARD:
            return _forward(inside)
        case Phase.LOSS:
            return _loss(inside)
        case Phase.GRADIENT:
            return _gradient(inside)
        case Phase.OPTIMIZER:
            return _optimizer(frame, inside)
        case Phase.TAKEN:
            return _taken(frame, inside)


def _forward(inside: StepTrace) -> str:
    name = inside.classes[inside.label]
    return (
        f"The first of the batch's {inside.count} samples, labelled {name}, goes through. "
        "Each layer makes z = W′ x of its input x and hands it on to the next."
    )


def _loss(inside: StepTrace) -> str:
    name = inside.classes[inside.label]
    p = number_text(float(inside.probabilities[inside.label]), 3)
    return (
        f"The network says {name} with p = {p}: a loss of −log p = {number_text(inside.sample_loss, 3)}."
        f" Mean over the {inside.count} samples: L = {loss_text(inside.loss)}."
        " δ: how that sample's loss changes with each z."
    )


def _gradient(inside: StepTrace) -> str:
    layer = max(inside.layers, key=_largest_gradient)
    largest = number_text(_largest_gradient(layer), 3)
    return (
        f"∂L/∂W′ is the mean of δ xᵀ over {inside.count} samples: how the loss changes with each"
        f" weight. The largest |g| is {largest}, in {_in_text(layer.name)}."
    )


def _optimizer(frame: Frame, inside: StepTrace) -> str:
    name, rate = OPTIMIZER_NAMES[frame.settings.optimizer], trimmed_number(inside.learning_rate, 3)
    moves = _moving(inside)
    if not moves:
        return f"{name} has no weight to move. {STILL}, although the gradient is there."
    still = [layer.name for layer in inside.layers if layer not in moves]
    held = f" Still: {', '.join(_in_text(name) for name in still)}." if still else ""
    norm, parts = f"‖move‖ = {number_text(_norm(inside), 3)}.{held}", _learned(frame)
    if not parts:
        return f"{name} turns the gradient into a move, with η = {rate}: {norm}"
    own = " and ".join(parts)
    return f"{name} moves {own} by their own gradients, with η = {rate}; W′ follows: {norm}"


def _taken(frame: Frame, inside: StepTrace) -> str:
    if not _moving(inside):
        return f"The step is taken, and W′ is what it was. {STILL}."
    away = math.sqrt(sum(layer.delta_norm**2 for layer in frame.layers))
    return (
        f"The step is taken: W′ has moved by {number_text(_norm(inside), 3)}, and ΔW with it. "
        f"All moves so far together make ‖ΔW‖ = {number_text(away, 3)}."
    )


def _learned(frame: Frame) -> list[str]:
    """Symbols of the factors that a step moves in place of W′."""
    names = {name for layer in frame.layers for name, _ in layer.factors}
    return [factor_kind(name).title for name in LEARNED if name in names]


def _largest_gradient(layer: LayerTrace) -> float:
    return float(np.abs(layer.gradient).max(initial=0.0))


def _moving(inside: StepTrace) -> list[LayerTrace]:
    return [layer for layer in inside.layers if layer.move.any()]


def _norm(inside: StepTrace) -> float:
    """‖move‖ over all layers."""
    return math.sqrt(sum(_energy(layer.move) for layer in inside.layers))


def _energy(matrix: Matrix) -> float:
    return float((matrix.astype(np.float64) ** 2).sum())


def _in_text(layer: str) -> str:
    """In a sentence: layer 2, the head, adapter 1 · down."""
    words = layer_title(layer)
    words = words[:1].lower() + words[1:]
    return f"the {words}" if layer.startswith("head") else words
