"""VeRA: B and A are random, frozen and shared by all layers; two vectors per layer learn."""

import math

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import trains
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

START_D = 0.1


class VectorUpdate(Update):
    """ΔW = diag(b) · B · diag(d) · A, zero at the start because b is.

    Args: vera_b: (out, r) and vera_a: (r, in), frozen.
    Source: arXiv:2310.11454 §3; d starts at 0.1 as there and in PEFT.
    """

    frozen_buffers = ("vera_B", "vera_A")
    vera_B: Tensor
    vera_A: Tensor

    def __init__(self, vera_b: Tensor, vera_a: Tensor) -> None:
        super().__init__()
        self.register_buffer("vera_B", vera_b.clone())
        self.register_buffer("vera_A", vera_a.clone())
        self.vera_b = nn.Parameter(torch.zeros(vera_b.shape[0]))  # (out,)
        self.vera_d = nn.Parameter(torch.full((vera_b.shape[1],), START_D))  # (r,)

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW."""
        scaled = self.vera_b[:, None] * self.vera_B  # (out, r)
        scaled = scaled if rows is None else scaled[rows]
        return scaled @ (self.vera_d[:, None] * self.vera_A)

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out)."""
        return self.vera_b * ((self.vera_d * (inputs @ self.vera_A.T)) @ self.vera_B.T)

    def backward(
        self, gradient: Tensor, out_gradient: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """∂L/∂b, ∂L/∂d: what of ∂L/∂W′ lies along the row of B, or of A, that each scales."""
        columns = gradient @ (self.vera_d[:, None] * self.vera_A).T  # (out, r)
        rows = (self.vera_b[:, None] * self.vera_B).T @ gradient  # (r, in)
        self.vera_b.grad = (columns * self.vera_B).sum(1)
        self.vera_d.grad = (rows * self.vera_A).sum(1)

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """bᵢ times a row of B times d times a column of A."""
        b, a = self.vera_B[row], self.vera_A[:, column]
        scale = float(self.vera_b[row])
        return (sum_line("ΔWᵢⱼ", "bᵢ · Σₖ Bᵢₖ · dₖ · Aₖⱼ", b, self.vera_d, a, scale=scale),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, out_gradient: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """What of G lies along the row of B, or of A, that the number scales."""
        if name == "vera_b":
            scaled = (self.vera_B[row] * self.vera_d) @ self.vera_A  # (in,)
            return (sum_line("g", "Σⱼ Gᵢⱼ · (B diag(d) A)ᵢⱼ", gradient[row], scaled),)
        along = (self.vera_b * self.vera_B[:, row]) @ gradient  # (in,)
        return (sum_line("g", "Σⱼ ((diag(b) B)ᵀ G)ₖⱼ · Aₖⱼ", along, self.vera_A[row]),)

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """b (out, 1), B (out, r), d (r, 1), A (r, in), as they are multiplied."""
        return (
            ("vera_b", self.vera_b[:, None]),
            ("vera_B", self.vera_B),
            ("vera_d", self.vera_d[:, None]),
            ("vera_A", self.vera_A),
        )

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """b ⊙ B and d ⊙ A."""
        return self.vera_b[:, None] * self.vera_B, self.vera_d[:, None] * self.vera_A

    def rank_limit(self) -> int | None:
        """r."""
        return self.vera_B.shape[1]


def _uniform(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """(rows, columns) from U(±√(6 / columns)): Kaiming's start."""
    bound = math.sqrt(6 / columns)
    return torch.empty(rows, columns).uniform_(-bound, bound, generator=generator)


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    """One A and one B as large as the largest layer wants them; each layer takes its part."""
    shapes = [layer.shape for layer in network.body]
    a = _uniform(settings.rank, max(inputs for _, inputs in shapes), generator)
    b = _uniform(max(out for out, _ in shapes), settings.rank, generator)
    for layer in network.body:
        out, inputs = layer.shape
        layer.update = VectorUpdate(b[:out], a[:, :inputs])


STRATEGY = Strategy(
    name="vera",
    label="VeRA",
    summary="Random thin matrices, the same for all layers, stay; two vectors per layer learn.",
    note=(
        "B and A are drawn once, shared by all layers and never trained. Only b, one number "
        "per output, and d, one per direction, learn: far fewer numbers than in LoRA."
    ),
    equation="= b ⊙ B (d ⊙ A)",
    group="Low rank",
    source="arXiv:2310.11454",
    controls=("rank",),
    restarts=("rank",),
    # Few numbers, small at the start, have far to go. The paper's ranks and rates are high too.
    defaults={"rank": 16, "learning_rate": 1e-2},
    trains=trains,
    apply=_apply,
)
