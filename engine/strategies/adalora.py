"""AdaLoRA: ΔW = s · B · diag(E) · A, whose least useful directions are pruned while it trains."""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import trains
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.network_shape import MAX_RANK
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy

START = 0.02
"""Standard deviation of B and A at the start."""
BETA1 = BETA2 = 0.85
ORTHOGONALITY = 0.5
EXTRA = 1.5
"""How many times the final rank each layer begins with."""


@dataclasses.dataclass(frozen=True, slots=True)
class RankBudget:
    """How many directions are left at each step, over all layers.

    Source: arXiv:2303.10512 §3.3, as PEFT counts: step 0 is the first.
    """

    start_rank: int
    rank: int
    total_steps: int

    @property
    def warmup(self) -> int:
        """Last step before pruning begins."""
        return self.total_steps // 10

    @property
    def end(self) -> int:
        """Step at which pruning ends; from then on what is left trains on."""
        return self.total_steps - self.total_steps // 4

    @property
    def interval(self) -> int:
        """Steps between two prunings."""
        return max(1, self.total_steps // 60)

    def left(self, step: int, layers: int) -> int | None:
        """Directions to be left after `step`; None: this step prunes none."""
        if step <= self.warmup and step != self.end:
            return None
        target = self.rank * layers
        if step >= self.end:
            return target
        if step % self.interval:
            return None
        share = 1 - (step - self.warmup) / (self.end - self.warmup)
        return int((self.start_rank - self.rank) * layers * share**3 + target)


def budget(settings: Settings) -> RankBudget:
    """The budget under these settings; `Settings` sees to it that there is a number of steps."""
    assert settings.total_steps is not None
    start_rank = min(MAX_RANK, math.ceil(EXTRA * settings.rank))
    return RankBudget(start_rank, settings.rank, settings.total_steps)


class Triplets(Update):
    """ΔW = α / (r₀ + 10⁻⁵) · B diag(E) A, zero at the start because E is.

    Source: arXiv:2303.10512 §3, with the scaling, the start and the smoothing that PEFT uses; r₀
    is the rank at the start, also after pruning.
    """

    scaling: Tensor
    kept: Tensor
    """(r, 1): 1 for a direction that is left, 0 for one that was pruned"""
    sensitivity: Tensor
    """(r, in + 1 + out): a direction's numbers in A, E and B, each as it was observed"""
    uncertainty: Tensor

    def __init__(
        self, shape: tuple[int, int], rank: int, alpha: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        out, inputs = shape
        self.register_buffer("scaling", torch.tensor(alpha / (rank + 1e-5)))
        self.lora_A = nn.Parameter(torch.empty(rank, inputs).normal_(0, START, generator=generator))
        self.lora_E = nn.Parameter(torch.zeros(rank, 1))
        self.lora_B = nn.Parameter(torch.empty(out, rank).normal_(0, START, generator=generator))
        self.register_buffer("kept", torch.ones(rank, 1))
        self.register_buffer("sensitivity", torch.zeros(rank, inputs + 1 + out))
        self.register_buffer("uncertainty", torch.zeros(rank, inputs + 1 + out))

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW."""
        lora_b = self.lora_B if rows is None else self.lora_B[rows]
        return (lora_b @ (self.lora_A * self.lora_E)) * self.scaling

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out)."""
        return (inputs @ (self.lora_A * self.lora_E).T @ self.lora_B.T) * self.scaling

    def backward(
        self, gradient: Tensor, out_gradient: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """With G = s · ∂L/∂W′: ∂L/∂B = G (E A)ᵀ, and Bᵀ G shared between E and A, row by row."""
        scaled = gradient * self.scaling
        rows = self.lora_B.T @ scaled  # (r, in)
        self.lora_B.grad = scaled @ (self.lora_A * self.lora_E).T
        self.lora_E.grad = (rows * self.lora_A).sum(1, keepdim=True)
        self.lora_A.grad = rows * self.lora_E

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """s times a row of B times E times a column of A."""
        b, e, a = self.lora_B[row], self.lora_E[:, 0], self.lora_A[:, column]
        return (sum_line("ΔWᵢⱼ", "s · Σₖ Bᵢₖ · Eₖ · Aₖⱼ", b, e, a, scale=float(self.scaling)),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, out_gradient: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """What of G lies along the two others of B, E and A."""
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
        self, name: str, row: int, column: int, moved: float
    ) -> tuple[DerivationLine, ...]:
        """What was pruned is zero, wherever the step went."""
        if name != "lora_E" or float(self.lora_E[row]) == moved or bool(self.kept[row]):
            return ()
        return (formula_line("Eₖ", "Eₖ · 0, for direction k is pruned", 0.0, "{} · 0", moved),)

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """B (out, r), E (r, 1) and A (r, in), as they are multiplied."""
        return ("lora_B", self.lora_B), ("lora_E", self.lora_E), ("lora_A", self.lora_A)

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """s · B and E A."""
        return self.lora_B * self.scaling, self.lora_A * self.lora_E

    def rank_limit(self) -> int | None:
        """r₀: pruning sets directions to zero, it takes none out."""
        return self.lora_E.shape[0]

    def pruned(self) -> int:
        """All of a direction's numbers, in A, E and B."""
        return int((self.kept == 0).sum()) * self.sensitivity.shape[1]

    def products(self) -> tuple[Tensor, Tensor]:
        """A Aᵀ and Bᵀ B, each (r, r): the identity where the directions are orthonormal."""
        return self.lora_A @ self.lora_A.T, self.lora_B.T @ self.lora_B

    @torch.no_grad()
    def observe(self) -> None:
        """Smooth |θ · gradient| of every number, and how much it varies."""
        a, e, b = self.lora_A, self.lora_E, self.lora_B
        assert a.grad is not None and e.grad is not None and b.grad is not None
        values = torch.cat([a, e, b.T], 1)
        seen = values.mul_(torch.cat([a.grad, e.grad, b.grad.T], 1)).abs_()
        self.sensitivity.mul_(BETA1).add_(seen, alpha=1 - BETA1)
        self.uncertainty.mul_(BETA2).add_(seen.sub_(self.sensitivity).abs_(), alpha=1 - BETA2)

    def scores(self) -> Tensor:
        """(r,): how much each direction matters."""
        out, inputs = self.lora_B.shape[0], self.lora_A.shape[1]
        a, e, b = torch.split(self.sensitivity * self.uncertainty, [inputs, 1, out], 1)
        sum_line: Tensor = e[:, 0] + a.mean(1) + b.mean(1)
        return sum_line

    @torch.no_grad()
    def prune(self, threshold: float) -> None:
        """Keep the directions whose score is above the threshold."""
        self.kept.copy_((self.scores() > threshold)[:, None])
        self.hold()

    @torch.no_grad()
    def hold(self) -> None:
        """Set what is pruned to zero again."""
        self.lora_E.mul_(self.kept)


def _updates(network: Network, *, learning: bool = False) -> list[Triplets]:
    """The layers' updates. Args: learning: only those that are not frozen."""
    found = [layer.update for layer in network.body if isinstance(layer.update, Triplets)]
    return [update for update in found if not learning or update.lora_E.grad is not None]


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    rank = budget(settings).start_rank
    for layer in network.body:
        layer.update = Triplets(layer.shape, rank, settings.scaling_alpha, generator)


def _penalty(network: Network, settings: Settings) -> Tensor:
    """γ · mean over all A and B of ‖A Aᵀ − I‖ and ‖Bᵀ B − I‖."""
    products = [product for update in _updates(network) for product in update.products()]
    away = torch.stack(products) - torch.eye(len(products[0]), dtype=products[0].dtype)
    distance: Tensor = torch.linalg.matrix_norm(away).mean()
    return ORTHOGONALITY * distance


def _penalty_by_hand(
    network: Network, settings: Settings, name: str, place: int
) -> tuple[DerivationLine, ...]:
    """∂P/∂A = 2 γ / (M ‖A Aᵀ − I‖) · (A Aᵀ − I) A, M matrices in all; for B with Bᵀ B."""
    layer, _, key = name.partition(".update.")
    update = network.get_submodule(f"{layer}.update")
    assert isinstance(update, Triplets)
    of_a, of_b = update.products()
    if key == "lora_A":
        product, numbers, text = of_a, update.lora_A.detach(), "A Aᵀ − I"
        (row, column), formula = divmod(place, numbers.shape[1]), "Σₗ (A Aᵀ − I)ₖₗ · Aₗⱼ"
    else:
        product, numbers, text = of_b, update.lora_B.detach().T, "Bᵀ B − I"
        (column, row), formula = divmod(place, len(numbers)), "Σₗ (Bᵀ B − I)ₖₗ · Bᵢₗ"
    away = product.detach() - torch.eye(len(product))
    square = sum_line(f"‖{text}‖²", f"Σₖₗ ({text})ₖₗ²", away.flatten(), away.flatten())
    norm = formula_line(f"‖{text}‖", f"√‖{text}‖²", math.sqrt(square.value), "√{}", square.value)
    scale = float(ORTHOGONALITY / (len(_updates(network)) * away.norm()))
    formula = f"2 γ / (M · ‖{text}‖) · {formula}"
    return square, norm, sum_line("∂P", formula, away[row], numbers[:, column], scale=scale)


def _after_step(network: Network, settings: Settings, step: int) -> None:
    """Prune to the budget. Args: step: number of the step just taken, from 1."""
    plan, updates = budget(settings), _updates(network, learning=True)
    now = step - 1
    if not updates:
        return
    if now < plan.end:
        for update in updates:
            update.observe()
    left = plan.left(now, len(updates)) if now <= plan.end else None
    pruned = plan.start_rank * len(updates) - (left or 0)
    if left is not None and pruned > 0:
        scores = torch.cat([update.scores() for update in updates])
        threshold = scores.kthvalue(pruned).values.item()
        for update in updates:
            update.prune(threshold)
    elif now > plan.end:
        for update in updates:
            update.hold()


STRATEGY = Strategy(
    name="adalora",
    label="AdaLoRA",
    summary="Starts with more directions than it may keep, and prunes those that matter least.",
    note=(
        "Each layer starts with half as many directions again as it may keep on average, and "
        "with 30 at most. From "
        "a tenth of the step budget on, those that matter least over all layers are set to "
        "zero; in the last quarter what is left trains on. The budget must be known before "
        "the start."
    ),
    equation="= s · B diag(E) A",
    group="Low rank",
    source="arXiv:2303.10512",
    controls=("rank", "alpha", "total_steps"),
    restarts=("rank", "alpha", "total_steps"),
    defaults={"learning_rate": 1e-2},
    trains=trains,
    apply=_apply,
    penalty=_penalty,
    derive_penalty=_penalty_by_hand,
    after_step=_after_step,
)
