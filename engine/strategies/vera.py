"""VeRA: B and A are random, frozen and shared by all layers; two vectors per layer learn."""

import math

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import sum_line
from engine.model.layer import Layer, Update, uniform
from engine.model.low_rank import trains_updates_and_head
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

INIT_D = 0.1
"""Value of every number of d at the start."""
ROW_SCALE = MatrixInfo(
    name="vera_b", title="b", role="factor", sides=("out", "one"), learns=True,
    description="b: the strength of each output, trained.",
)  # fmt: skip
RANDOM_B = MatrixInfo(
    name="vera_B", title="B", role="factor", sides=("out", "rank"), constant=True, sign="⊙",
    description="B (out × r): random and frozen, the same in all layers of this shape.",
    no_step="This B is random and frozen: it has no gradient and never changes.",
)  # fmt: skip
RANK_SCALE = MatrixInfo(
    name="vera_d", title="d", role="factor", sides=("rank", "one"), learns=True, sign="×",
    description="d: the strength of each direction, trained.",
)  # fmt: skip
RANDOM_A = MatrixInfo(
    name="vera_A", title="A", role="factor", sides=("rank", "in"), constant=True, sign="⊙",
    description="A (r × in): random and frozen.",
    no_step="This A is random and frozen: it has no gradient and never changes.",
)  # fmt: skip


class VeraUpdate(Update):
    """ΔW = diag(b) · B · diag(d) · A, zero at the start because b is.

    Args: vera_b: (out, r), B, and vera_a: (r, in), A, frozen.
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
        self.vera_d = nn.Parameter(torch.full((vera_b.shape[1],), INIT_D))  # (r,)

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in). Args: as in `Update`."""
        scaled = self.vera_b[:, None] * self.vera_B  # (out, r)
        scaled = scaled if rows is None else scaled[rows]
        return scaled @ (self.vera_d[:, None] * self.vera_A)

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return b ⊙ ((d ⊙ x Aᵀ) Bᵀ), (n, out). Args: as in `Update`."""
        return self.vera_b * ((self.vera_d * (inputs @ self.vera_A.T)) @ self.vera_B.T)

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive ΔW as bᵢ times a row of B times d times a column of A. Args: as in `Update`."""
        b, a = self.vera_B[row], self.vera_A[:, column]
        scale = float(self.vera_b[row])
        return (sum_line("ΔWᵢⱼ", "bᵢ · Σₖ Bᵢₖ · dₖ · Aₖⱼ", b, self.vera_d, a, scale=scale),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive g as the projection of G on the row of B, or of A, that the number scales.

        Args: as in `Update`.
        """
        if name == "vera_b":
            scaled = (self.vera_B[row] * self.vera_d) @ self.vera_A  # (in,)
            return (sum_line("g", "Σⱼ Gᵢⱼ · (B diag(d) A)ᵢⱼ", gradient[row], scaled),)
        row_gradient = (self.vera_b * self.vera_B[:, row]) @ gradient  # (in,)
        return (sum_line("g", "Σⱼ ((diag(b) B)ᵀ G)ₖⱼ · Aₖⱼ", row_gradient, self.vera_A[row]),)

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return b (out, 1), B (out, r), d (r, 1), A (r, in), in the order of multiplication."""
        return (
            Matrix(ROW_SCALE, self.vera_b[:, None]),
            Matrix(RANDOM_B, self.vera_B),
            Matrix(RANK_SCALE, self.vera_d[:, None]),
            Matrix(RANDOM_A, self.vera_A),
        )

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """Return b ⊙ B and d ⊙ A."""
        return self.vera_b[:, None] * self.vera_B, self.vera_d[:, None] * self.vera_A

    def rank_limit(self) -> int | None:
        """Return r."""
        return self.vera_B.shape[1]


def _kaiming_uniform(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """Return (rows, columns) from U(±√(6 / columns)). Source: arXiv:1502.01852 §2.2."""
    return uniform((rows, columns), math.sqrt(6 / columns), generator)


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    """Draw one A and one B as large as the largest layer needs; each layer takes its part."""
    shapes = [layer.shape for layer in network.body]
    a = _kaiming_uniform(settings.rank, max(inputs for _, inputs in shapes), generator)
    b = _kaiming_uniform(max(out for out, _ in shapes), settings.rank, generator)
    for layer in network.body:
        out, inputs = layer.shape
        layer.update = VeraUpdate(b[:out], a[:, :inputs])


STRATEGY = Strategy(
    name="vera",
    label="VeRA",
    summary="Random thin matrices, shared by all layers, are frozen; two vectors per layer "
    "are trained.",
    note=(
        "B and A are drawn once, shared by all layers, and never trained. What trains is b, one "
        "parameter per output, and d, one per direction: far fewer parameters than LoRA. The file "
        "of a task is small if B and A are drawn again from the seed; PEFT by default stores them "
        "too."
    ),
    equation="= b ⊙ B (d ⊙ A)",
    group="Low rank",
    source="arXiv:2310.11454",
    controls=("rank",),
    restarts=("rank",),
    # Few numbers, small at the start, have far to go. The paper's ranks and rates are high too.
    defaults={"rank": 16, "learning_rate": 1e-2},
    trains=trains_updates_and_head,
    apply=_apply,
)
