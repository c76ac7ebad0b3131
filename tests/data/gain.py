"""Gains: W stays; one factor per input scales what each layer is fed."""

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import trains_updates_and_head
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

GAIN = MatrixInfo(
    name="gain", title="g", role="gain", sides=("one", "in"), learns=True, centre=1.0,
    caption="g, on x", description="g: by how much each input is multiplied.",
)  # fmt: skip


class GainUpdate(Update):
    """y = W (g ⊙ x) + b: ΔW = W diag(g − 1), zero at the start because g is 1.

    Args: inputs: number of inputs.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1, inputs))

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in)."""
        return weight * (self.gain - 1)

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return (x ⊙ (g − 1)) Wᵀ, (n, out)."""
        return (inputs * (self.gain - 1)) @ weight.T

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive ΔW as W times (g − 1)."""
        w, g = float(weight[row, column]), float(self.gain[0, column])
        return (formula_line("ΔWᵢⱼ", "Wᵢⱼ · (gⱼ − 1)", "{} · ({} − 1)", w, g),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive g as the projection of G on the column of W that it scales."""
        return (sum_line("g", "Σᵢ Gᵢⱼ · Wᵢⱼ", gradient[:, column], layer.weight[:, column]),)

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return g (1, in)."""
        return (Matrix(GAIN, self.gain),)


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    for layer in network.body:
        layer.update = GainUpdate(layer.shape[1])


STRATEGY = Strategy(
    name="gain",
    label="Gains²",
    summary="W stays as it was; one learned factor per input.",
    note="A made-up strategy.",
    equation="= W (g − 1)",
    group="Few parameters",
    trains=trains_updates_and_head,
    apply=_apply,
)
