"""One weight update: a single matrix takes plain gradient steps, W′ = W − η · G."""

import torch
from torch import Tensor

from engine.model.layer import Layer
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.strategies._strategy import Strategy

LAYER = "layer1"
"""The one layer that trains."""
GRADIENT = MatrixInfo(
    name="gradient", title="G", role="gradient", sides=("out", "in"),
    caption="gradient G of the last step", no_step="G: the gradient of the last step.",
    in_place_of="delta",
)  # fmt: skip


def _factors(layer: Layer) -> tuple[Matrix[Tensor], ...]:
    """Return G of the step just taken, zero before the first."""
    if not layer.weight.requires_grad:
        return ()
    grad = layer.weight.grad
    return (Matrix(GRADIENT, torch.zeros_like(layer.weight) if grad is None else grad),)


STRATEGY = Strategy(
    name="weight_update",
    label="One weight update",
    summary="A single matrix is trained, one plain gradient step at a time.",
    lesson=1,
    defaults={"optimizer": "sgd", "learning_rate": 0.1},
    trains=lambda parameter: parameter == f"{LAYER}.weight",
    lock_reason="This lesson trains one matrix only.",
    focus=(LAYER,),
    not_comparable="it is a lesson on a single matrix and plain gradient steps, not a "
    "fine-tuning method",
    factors=_factors,
)
