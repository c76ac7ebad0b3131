"""The five moments of a step, and which of a step's matrices are seen in each."""

from __future__ import annotations

import dataclasses
import enum

from engine.protocol.messages import Frame, LayerFrame, LayerTrace, Matrix, StepTrace
from gui.matrices.factor_kinds import FactorPlacement, factor_kind


class Phase(enum.IntEnum):
    """In the order in which a step goes through them."""

    FORWARD = 1
    LOSS = 2
    GRADIENT = 3
    OPTIMIZER = 4
    TAKEN = 5

    @property
    def title(self) -> str:
        """As the path names it."""
        return ("Forward", "Loss", "Gradient", "Optimizer", "ΔW → W′")[self - 1]


APPEARS = {
    "inputs": Phase.FORWARD,
    "outputs": Phase.FORWARD,
    "delta_out": Phase.LOSS,
    "loss_gradient": Phase.GRADIENT,
    "move": Phase.OPTIMIZER,
}
"""Matrix of a step's inside, as a factor -> since when it is seen."""
KEPT_PICTURES = ("prompt",)
"""Of the pictures beside ΔW; the others take no part in a step."""


def hidden(moment: Phase) -> frozenset[str]:
    """Factors whose time has not come: their places stay empty, so that nothing moves about."""
    return frozenset(name for name, first in APPEARS.items() if moment < first)


def layers_with(frame: Frame, inside: StepTrace) -> tuple[LayerFrame, ...]:
    """The frame's layers with what the step does in each as further factors."""
    found = {layer.name: layer for layer in inside.layers}
    return tuple(
        _with(layer, found[layer.name]) if layer.name in found else layer for layer in frame.layers
    )


def _with(layer: LayerFrame, inside: LayerTrace) -> LayerFrame:
    own = tuple(pair for pair in layer.factors if _stays(pair[0]))
    return dataclasses.replace(layer, factors=(*own, *_matrices(inside)))


def _stays(name: str) -> bool:
    return factor_kind(name).placement is not FactorPlacement.PICTURE or name in KEPT_PICTURES


def _matrices(inside: LayerTrace) -> tuple[tuple[str, Matrix], ...]:
    return (
        ("inputs", inside.inputs),
        ("outputs", inside.outputs),
        ("delta_out", inside.delta),
        ("loss_gradient", inside.gradient),
        ("move", inside.move),
    )
