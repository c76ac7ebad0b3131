"""BitFit: only biases move; W stays."""

import torch
from torch import Tensor

from engine.model.layer import Layer
from engine.model.network import Network
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

DELTA_B = MatrixInfo(
    name="delta_b", title="Δb", role="bias", sides=("out", "one"),
    description="Δb: how much each bias has changed.",
)  # fmt: skip


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    """Add biases of zero where there were none: they change nothing until they move."""
    for layer in network.body:
        layer.add_bias(torch.zeros(layer.shape[0]))


def bias_factors(layer: Layer, info: MatrixInfo = DELTA_B) -> tuple[Matrix[Tensor], ...]:
    """Return factors, and Δb where pretraining left none. Args: layer: to draw.  info: of Δb."""
    factors = () if layer.update is None else layer.update.factors()
    delta, original = layer.bias_delta(), layer.original_bias
    had_bias = original is not None and bool(original.any())
    return factors if delta is None or had_bias else (*factors, Matrix(info, delta[:, None]))


STRATEGY = Strategy(
    name="bitfit",
    label="BitFit",
    summary="Every W is frozen; one bias per output, starting at zero, is trained.",
    note=(
        "A simplified stand-in: BitFit trains the biases that a model has, and this network has "
        "none in its body. Biases of zero are added, which change nothing at first; they and the "
        "head are trained. ΔW stays zero; the change is Δb. With BatchNorm, its biases β are "
        "trained too."
    ),
    equation="= 0",
    group="Few parameters",
    source="arXiv:2106.10199",
    defaults={"learning_rate": 3e-2},
    trains=lambda parameter: parameter.endswith(".bias") or parameter.startswith("head."),
    apply=_apply,
    factors=bias_factors,
)
