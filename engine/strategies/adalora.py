"""AdaLoRA: ΔW = s · B · diag(E) · A, whose least useful directions are pruned while it trains."""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor, nn

from engine.low_rank import trains
from engine.network import Network, Update
from engine.protocol.network_shape import MAX_RANK
from engine.protocol.settings import Settings
from engine.strategies import Strategy

START = 0.02
"""Standard deviation of B and A at the start."""
BETA1 = BETA2 = 0.85
ORTHOGONALITY = 0.5
EXTRA = 1.5
"""How many times the final rank each layer begins with."""


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
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


def budget(settings: Settings) -> Budget:
    """The budget under these settings; `Settings` sees to it that there is a number of steps."""
    assert settings.total_steps is not None
    start_rank = min(MAX_RANK, math.ceil(EXTRA * settings.rank))
    return Budget(start_rank, settings.rank, settings.total_steps)


class Triplets(Update):
    """ΔW = α / (r₀ + 10⁻⁵) · B diag(E) A, zero at the start because E is.

    Source: arXiv:2303.10512 §3, with the scaling, the start and the smoothing that PEFT uses; r₀
    is the rank at the start, also after pruning.
    """

    scaling: Tensor

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
        for name, parameter in list(self.named_parameters()):
            self.register_buffer(f"{name}_sensitivity", torch.zeros_like(parameter))
            self.register_buffer(f"{name}_uncertainty", torch.zeros_like(parameter))

    def delta(self, weight: Tensor) -> Tensor:
        """(out, in): ΔW."""
        return (self.lora_B @ (self.lora_A * self.lora_E)) * self.scaling

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out)."""
        return (inputs @ (self.lora_A * self.lora_E).T @ self.lora_B.T) * self.scaling

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """B (out, r), E (r, 1) and A (r, in), as they are multiplied."""
        return ("lora_B", self.lora_B), ("lora_E", self.lora_E), ("lora_A", self.lora_A)

    def rank_limit(self) -> int | None:
        """r₀: pruning sets directions to zero, it takes none out."""
        return self.lora_E.shape[0]

    def orthogonality(self) -> Tensor:
        """(): ‖A Aᵀ − I‖ + ‖Bᵀ B − I‖."""
        one = torch.eye(self.lora_A.shape[0], dtype=self.lora_A.dtype)
        a, b = self.lora_A @ self.lora_A.T - one, self.lora_B.T @ self.lora_B - one
        distance: Tensor = a.norm() + b.norm()
        return distance

    @torch.no_grad()
    def observe(self) -> None:
        """Smooth |θ · gradient| of every number, and how much it varies."""
        for name, parameter in self.named_parameters():
            assert parameter.grad is not None
            seen = (parameter * parameter.grad).abs()
            sensitivity = self.get_buffer(f"{name}_sensitivity")
            uncertainty = self.get_buffer(f"{name}_uncertainty")
            sensitivity.mul_(BETA1).add_((1 - BETA1) * seen)
            uncertainty.mul_(BETA2).add_((1 - BETA2) * (seen - sensitivity).abs())

    def scores(self) -> Tensor:
        """(r,): how much each direction matters."""
        a, e, b = (
            self.get_buffer(f"{name}_sensitivity") * self.get_buffer(f"{name}_uncertainty")
            for name in ("lora_A", "lora_E", "lora_B")
        )
        return e[:, 0] + a.mean(1) + b.mean(0)

    @torch.no_grad()
    def prune(self, threshold: float) -> None:
        """Keep the directions whose score is above the threshold."""
        self.get_buffer("kept").copy_((self.scores() > threshold)[:, None])
        self.hold()

    @torch.no_grad()
    def hold(self) -> None:
        """Set what is pruned to zero again."""
        self.lora_E.mul_(self.get_buffer("kept"))


def _updates(network: Network, *, learning: bool = False) -> list[Triplets]:
    """The layers' updates. Args: learning: only those that are not frozen."""
    found = [layer.update for layer in network.body if isinstance(layer.update, Triplets)]
    return [update for update in found if not learning or update.lora_E.grad is not None]


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    rank = budget(settings).start_rank
    for layer in network.body:
        layer.update = Triplets(layer.shape, rank, settings.scaling_alpha, generator)


def _penalty(network: Network, settings: Settings) -> Tensor:
    updates = _updates(network)
    total = torch.stack([update.orthogonality() for update in updates]).sum()
    return ORTHOGONALITY * total / (2 * len(updates))


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
        "Each layer starts with half as many directions again as it may keep on average. From "
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
    after_step=_after_step,
)
