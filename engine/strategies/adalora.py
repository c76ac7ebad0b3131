"""AdaLoRA: ΔW = s · B · diag(E) · A, whose least important directions are pruned in training."""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import LORA_A, LORA_B, trains_updates_and_head
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.protocol.network_shape import MAX_RANK
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

INIT_STD = 0.02
"""Standard deviation of B and A at the start."""
BETA1 = BETA2 = 0.85
"""Smoothing of sensitivity and of uncertainty. Source: arXiv:2303.10512, as in PEFT."""
ORTHOGONALITY_WEIGHT = 0.5
"""γ: weight of the penalty on directions that are not orthonormal."""
START_RANK_FACTOR = 1.5
"""Rank at the start divided by the final average rank."""
LORA_E = MatrixInfo(
    name="lora_E", title="E", role="factor", sides=("rank", "one"), learns=True, sign="×",
    description="E: the strength of each direction; 0 if it has been pruned.",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class RankBudget:
    """Directions left over all layers, step by step. Source: arXiv:2303.10512 §3.3, as in PEFT."""

    start_rank: int
    rank: int
    total_steps: int

    @property
    def warmup_end_step(self) -> int:
        """Last step before pruning begins."""
        return self.total_steps // 10

    @property
    def pruning_end_step(self) -> int:
        """Step at which pruning ends; from then on the remaining directions train on."""
        return self.total_steps - self.total_steps // 4

    @property
    def pruning_interval_steps(self) -> int:
        """Steps between two prunings."""
        return max(1, self.total_steps // 60)

    def count_remaining(self, step: int, layers: int) -> int | None:
        """Return the number of directions to keep after a step; None: it prunes none.

        Args: step: the first is 0.  layers: that are pruned together.
        """
        if step <= self.warmup_end_step and step != self.pruning_end_step:
            return None
        target = self.rank * layers
        if step >= self.pruning_end_step:
            return target
        if step % self.pruning_interval_steps:
            return None
        share = 1 - (step - self.warmup_end_step) / (self.pruning_end_step - self.warmup_end_step)
        return int((self.start_rank - self.rank) * layers * share**3 + target)


def make_rank_budget(settings: Settings) -> RankBudget:
    """Return the budget of a run. Args: settings: with `total_steps`, as AdaLoRA requires."""
    assert settings.total_steps is not None
    start_rank = min(MAX_RANK, math.ceil(START_RANK_FACTOR * settings.rank))
    return RankBudget(start_rank, settings.rank, settings.total_steps)


class AdaLoraUpdate(Update):
    """ΔW = α / (r₀ + 10⁻⁵) · B diag(E) A, zero at the start because E is.

    Args: shape: (out, in).  rank: r₀, at the start, also after pruning.  alpha: α.  generator:
    draws A and B.
    Source: arXiv:2303.10512 §3, with PEFT's scaling, initialisation and smoothing.
    """

    scaling: Tensor
    kept: Tensor
    """(r, 1): 1 for a remaining direction, 0 for a pruned one"""
    sensitivity: Tensor
    """(r, in + 1 + out): smoothed |θ · gradient| of a direction's numbers in A, E and B"""
    uncertainty: Tensor
    """(r, in + 1 + out): smoothed deviation from `sensitivity`"""

    def __init__(
        self, shape: tuple[int, int], rank: int, alpha: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        out, inputs = shape
        self.register_buffer("scaling", torch.tensor(alpha / (rank + 1e-5)))
        self.lora_A = nn.Parameter(
            torch.empty(rank, inputs).normal_(0, INIT_STD, generator=generator)
        )
        self.lora_E = nn.Parameter(torch.zeros(rank, 1))
        self.lora_B = nn.Parameter(torch.empty(out, rank).normal_(0, INIT_STD, generator=generator))
        self.register_buffer("kept", torch.ones(rank, 1))
        self.register_buffer("sensitivity", torch.zeros(rank, inputs + 1 + out))
        self.register_buffer("uncertainty", torch.zeros(rank, inputs + 1 + out))

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in). Args: as in `Update`."""
        lora_b = self.lora_B if rows is None else self.lora_B[rows]
        return (lora_b @ (self.lora_A * self.lora_E)) * self.scaling

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return s · (x (E A)ᵀ) Bᵀ, (n, out). Args: as in `Update`."""
        return (inputs @ (self.lora_A * self.lora_E).T @ self.lora_B.T) * self.scaling

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive ΔW as s times a row of B times E times a column of A. Args: as in `Update`."""
        b, e, a = self.lora_B[row], self.lora_E[:, 0], self.lora_A[:, column]
        return (sum_line("ΔWᵢⱼ", "s · Σₖ Bᵢₖ · Eₖ · Aₖⱼ", b, e, a, scale=float(self.scaling)),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive g as the projection of G on the two others of B, E and A. Args: as in `Update`."""
        s, g = float(self.scaling), gradient
        if name == "lora_B":
            e, a = float(self.lora_E[column]), self.lora_A[column]
            return (sum_line("g", "s · Eₖ · Σⱼ Gᵢⱼ · Aₖⱼ", g[row], a, scale=s * e),)
        b = self.lora_B[:, row]
        if name == "lora_A":
            e = float(self.lora_E[row])
            return (sum_line("g", "s · Eₖ · Σᵢ Bᵢₖ · Gᵢⱼ", b, g[:, column], scale=s * e),)
        return (sum_line("g", "s · Σⱼ (Bᵀ G)ₖⱼ · Aₖⱼ", b @ g, self.lora_A[row], scale=s),)

    def derive_after_step(
        self, name: str, row: int, column: int, stepped: float
    ) -> tuple[DerivationLine, ...]:
        """Derive zero for a pruned direction, wherever the step went. Args: as in `Update`."""
        if name != "lora_E" or float(self.lora_E[row]) == stepped or bool(self.kept[row]):
            return ()
        return (formula_line("Eₖ", "Eₖ · 0, for direction k is pruned", "{} · 0", stepped),)

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return B (out, r), E (r, 1) and A (r, in), in the order of multiplication."""
        return (
            Matrix(LORA_B, self.lora_B),
            Matrix(LORA_E, self.lora_E),
            Matrix(LORA_A, self.lora_A),
        )

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """Return s · B and E A."""
        return self.lora_B * self.scaling, self.lora_A * self.lora_E

    def rank_limit(self) -> int | None:
        """Return r₀: pruning sets directions to zero, it takes none out."""
        return self.lora_E.shape[0]

    def pruned_count(self) -> int:
        """Return the number of values of pruned directions, in A, E and B."""
        return int((self.kept == 0).sum()) * self.sensitivity.shape[1]

    def gram_matrices(self) -> tuple[Tensor, Tensor]:
        """Return A Aᵀ and Bᵀ B, each (r, r): the identity where the directions are orthonormal."""
        return self.lora_A @ self.lora_A.T, self.lora_B.T @ self.lora_B

    @torch.no_grad()
    def update_importance(self) -> None:
        """Update the smoothed |θ · gradient| of every number, and its deviation."""
        a, e, b = self.lora_A, self.lora_E, self.lora_B
        assert a.grad is not None and e.grad is not None and b.grad is not None
        values = torch.cat([a, e, b.T], 1)
        observed = values.mul_(torch.cat([a.grad, e.grad, b.grad.T], 1)).abs_()
        self.sensitivity.mul_(BETA1).add_(observed, alpha=1 - BETA1)
        self.uncertainty.mul_(BETA2).add_(observed.sub_(self.sensitivity).abs_(), alpha=1 - BETA2)

    def importance_scores(self) -> Tensor:
        """Return the importance of each direction, (r,)."""
        out, inputs = self.lora_B.shape[0], self.lora_A.shape[1]
        a, e, b = torch.split(self.sensitivity * self.uncertainty, [inputs, 1, out], 1)
        scores: Tensor = e[:, 0] + a.mean(1) + b.mean(1)
        return scores

    @torch.no_grad()
    def prune(self, threshold: float) -> None:
        """Keep the directions above a threshold. Args: threshold: of `importance_scores`."""
        self.kept.copy_((self.importance_scores() > threshold)[:, None])
        self.apply_mask()

    @torch.no_grad()
    def apply_mask(self) -> None:
        """Set pruned directions to zero again."""
        self.lora_E.mul_(self.kept)


def _updates(network: Network, *, trainable_only: bool = False) -> list[AdaLoraUpdate]:
    """Return the body layers' updates, or only those that are not frozen."""
    updates = [layer.update for layer in network.body if isinstance(layer.update, AdaLoraUpdate)]
    return [each for each in updates if not trainable_only or each.lora_E.grad is not None]


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    rank = make_rank_budget(settings).start_rank
    for layer in network.body:
        layer.update = AdaLoraUpdate(layer.shape, rank, settings.scaling_alpha, generator)


def _penalty(network: Network, settings: Settings) -> Tensor:
    """Return γ · mean over all A and B of ‖A Aᵀ − I‖ and ‖Bᵀ B − I‖."""
    grams = torch.stack([gram for update in _updates(network) for gram in update.gram_matrices()])
    residuals = grams - torch.eye(grams.shape[1], dtype=grams.dtype)  # (M, r, r)
    distance: Tensor = torch.linalg.matrix_norm(residuals).mean()
    return ORTHOGONALITY_WEIGHT * distance


def _derive_penalty(
    network: Network, settings: Settings, name: str, index: int
) -> tuple[DerivationLine, ...]:
    """Derive ∂P/∂A = 2 γ / (M ‖A Aᵀ − I‖) · (A Aᵀ − I) A, M matrices in all; for B with Bᵀ B."""
    layer, _, key = name.partition(".update.")
    update = network.get_submodule(f"{layer}.update")
    assert isinstance(update, AdaLoraUpdate)
    gram_a, gram_b = update.gram_matrices()
    if key == "lora_A":
        gram, numbers, text = gram_a, update.lora_A.detach(), "A Aᵀ − I"
        (row, column), formula = divmod(index, numbers.shape[1]), "Σₗ (A Aᵀ − I)ₖₗ · Aₗⱼ"
    else:
        gram, numbers, text = gram_b, update.lora_B.detach().T, "Bᵀ B − I"
        (column, row), formula = divmod(index, len(numbers)), "Σₗ (Bᵀ B − I)ₖₗ · Bᵢₗ"
    residual = gram.detach() - torch.eye(len(gram))  # (r, r)
    square = sum_line(f"‖{text}‖²", f"Σₖₗ ({text})ₖₗ²", residual.flatten(), residual.flatten())
    norm = formula_line(f"‖{text}‖", f"√‖{text}‖²", "√{}", square.value)
    scale = float(ORTHOGONALITY_WEIGHT / (len(_updates(network)) * residual.norm()))
    formula = f"2 γ / (M · ‖{text}‖) · {formula}"
    return square, norm, sum_line("∂P", formula, residual[row], numbers[:, column], scale=scale)


def _after_step(network: Network, settings: Settings, step: int) -> None:
    """Prune to the budget. Args: step: number of the step just taken, from 1."""
    budget, updates = make_rank_budget(settings), _updates(network, trainable_only=True)
    index = step - 1
    if not updates:
        return
    if index < budget.pruning_end_step:
        for update in updates:
            update.update_importance()
    within = index <= budget.pruning_end_step
    remaining = budget.count_remaining(index, len(updates)) if within else None
    pruned = budget.start_rank * len(updates) - (remaining or 0)
    if remaining is not None and pruned > 0:
        scores = torch.cat([update.importance_scores() for update in updates])
        threshold = scores.kthvalue(pruned).values.item()
        for update in updates:
            update.prune(threshold)
    elif index > budget.pruning_end_step:
        for update in updates:
            update.apply_mask()


STRATEGY = Strategy(
    name="adalora",
    label="AdaLoRA",
    summary="LoRA that starts with more directions than it may keep and prunes the least "
    "important.",
    note=(
        "Each layer starts with 1.5 times as many directions as it may keep on average, at "
        "most 30. After the first tenth of the total steps, the least important directions "
        "across all layers are set to zero; in the last quarter, those that remain are "
        "trained further. The total number of steps must be known in advance."
    ),
    equation="= s · B diag(E) A",
    group="Low rank",
    source="arXiv:2303.10512",
    controls=("rank", "alpha", "total_steps"),
    restarts=("rank", "alpha", "total_steps"),
    scaling_rule="α/r₀",
    defaults={"learning_rate": 1e-2},
    trains=trains_updates_and_head,
    apply=_apply,
    penalty=_penalty,
    derive_penalty=_derive_penalty,
    after_step=_after_step,
)
