"""IA³: W stays; one factor per output scales each layer's outputs."""

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import attach_updates, trains_updates_and_head
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.strategies._strategy import Strategy

SCALE = MatrixInfo(
    name="ia3_l", title="l", role="scale", sides=("out", "one"), learns=True, centre=1.0,
    description="l: the factor that multiplies each output; 1 leaves it unchanged.",
)  # fmt: skip


class Ia3Update(Update):
    """y = l ⊙ (x Wᵀ + b): ΔW = diag(l − 1) W and Δb = (l − 1) ⊙ b, zero at the start: l is 1.

    Args: out: number of outputs.
    Source: arXiv:2205.05638 §3.3, for outputs, as PEFT has it for keys and values.
    """

    def __init__(self, out: int) -> None:
        super().__init__()
        self.ia3_l = nn.Parameter(torch.ones(out, 1))

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in). Args: as in `Update`."""
        factors = self.ia3_l if rows is None else self.ia3_l[rows]
        return (factors - 1) * weight

    def bias_delta(self, weight: Tensor, bias: Tensor | None) -> Tensor | None:
        """Return Δb, (out,); None where the layer has no bias. Args: as in `Update`."""
        return None if bias is None else (self.ia3_l[:, 0] - 1) * bias

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return (l − 1) ⊙ (x Wᵀ + b), (n, out). Args: as in `Update`."""
        output = nn.functional.linear(inputs, weight, bias)  # (n, out)
        return output * self.ia3_l[:, 0] - output

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive ΔW as (l − 1) times W. Args: as in `Update`."""
        factor, w = self.ia3_l[row], weight[row, column]
        return (formula_line("ΔWᵢⱼ", "(lᵢ − 1) · Wᵢⱼ", "({} − 1) · {}", factor, w),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive g as the projection of G on the row of W that l scales. Args: as in `Update`."""
        g, w = gradient[row], layer.weight[row]
        if layer.bias is None:
            return (sum_line("g", "Σⱼ Gᵢⱼ · Wᵢⱼ", g, w),)
        g = torch.cat([g, grad_output[:, row].sum()[None]])  # (in + 1,)
        w = torch.cat([w, layer.bias[row][None]])
        return (sum_line("g", "Σⱼ Gᵢⱼ · Wᵢⱼ + ∂L/∂b′ᵢ · bᵢ", g, w),)

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return l (out, 1)."""
        return (Matrix(SCALE, self.ia3_l),)


STRATEGY = Strategy(
    name="ia3",
    label="IA³",
    summary="W is frozen; one trained factor per output makes it larger or smaller.",
    note=(
        "Row i of W is multiplied by lᵢ, which starts at 1. ΔW is (l − 1) times W: it makes an "
        "output larger or smaller, or changes its sign. A simplified stand-in: in a transformer, "
        "IA³ scales keys, values and the activations inside the feed-forward layers; here it "
        "scales the outputs of every layer."
    ),
    equation="= (l − 1) ⊙ W",
    group="Few parameters",
    source="arXiv:2205.05638",
    defaults={"learning_rate": 3e-2},
    trains=trains_updates_and_head,
    apply=attach_updates(lambda layer, *_: Ia3Update(layer.shape[0])),
)
