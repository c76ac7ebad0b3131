"""IA³: W stays; one factor per output scales what each layer says."""

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import trains
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy


class Rescaling(Update):
    """y = l ⊙ (x Wᵀ + b): ΔW = diag(l − 1) W and Δb = (l − 1) ⊙ b, zero at the start: l is 1.

    Source: arXiv:2205.05638 §3.3, for outputs, as PEFT has it for keys and values.
    """

    def __init__(self, out: int) -> None:
        super().__init__()
        self.ia3_l = nn.Parameter(torch.ones(out, 1))

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW."""
        factors = self.ia3_l if rows is None else self.ia3_l[rows]
        return (factors - 1) * weight

    def bias_delta(self, weight: Tensor, bias: Tensor | None) -> Tensor | None:
        """(out,): Δb; None where the layer has no bias."""
        return None if bias is None else (self.ia3_l[:, 0] - 1) * bias

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out)."""
        said = nn.functional.linear(inputs, weight, bias)
        return said * self.ia3_l[:, 0] - said

    def backward(
        self, gradient: Tensor, out_gradient: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """∂L/∂l: what of ∂L/∂W′ lies along each row of W, and of ∂L/∂b′ along b."""
        along = (gradient * weight).sum(1)  # (out,)
        if bias is not None:
            along += out_gradient.sum(0) * bias
        self.ia3_l.grad = along[:, None]

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """W by as much as l is away from 1."""
        factor, w = float(self.ia3_l[row]), float(weight[row, column])
        value = (factor - 1) * w
        return (formula_line("ΔWᵢⱼ", "(lᵢ − 1) · Wᵢⱼ", value, "({} − 1) · {}", factor, w),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, out_gradient: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """What of G lies along the row of W that l scales."""
        g, w = gradient[row], layer.weight[row]
        if layer.bias is None:
            return (sum_line("g", "Σⱼ Gᵢⱼ · Wᵢⱼ", g, w),)
        g, w = (
            torch.cat([g, out_gradient[:, row].sum()[None]]),
            torch.cat([w, layer.bias[row][None]]),
        )
        return (sum_line("g", "Σⱼ Gᵢⱼ · Wᵢⱼ + ∂L/∂b′ᵢ · bᵢ", g, w),)

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """l (out, 1)."""
        return (("ia3_l", self.ia3_l),)


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    for layer in network.body:
        layer.update = Rescaling(layer.shape[0])


STRATEGY = Strategy(
    name="ia3",
    label="IA³",
    summary="W stays as it was; one learned factor per output makes it louder or softer.",
    note=(
        "Row i of W is multiplied by lᵢ, which starts at 1. ΔW is (l − 1) times W: it can "
        "make an output louder, softer or turn it round, and nothing else."
    ),
    equation="= (l − 1) ⊙ W",
    group="Few numbers",
    source="arXiv:2205.05638",
    defaults={"learning_rate": 3e-2},
    trains=trains,
    apply=_apply,
)
