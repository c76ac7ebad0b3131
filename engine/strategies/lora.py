"""LoRA: W stays; ΔW = (α / r) · B · A, with B and A thin."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.network import Network
from engine.protocol.settings import Settings
from engine.strategies import Change, Strategy


class LowRank(nn.Module):
    """ΔW = scaling · B A, zero at the start because B is.

    Args: shape: (out, in) of the weight.  rank: r, 1…min(out, in).  scaling: s = α / r.
    Source: arXiv:2106.09685 §4.1; A starts as in PEFT, U(±1/√in).
    """

    def __init__(
        self, shape: tuple[int, int], rank: int, scaling: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        out, inputs = shape
        self.scaling = scaling
        self.lora_A = nn.Parameter(_rows(rank, inputs, generator))  # (r, in)
        self.lora_B = nn.Parameter(torch.zeros(out, rank))  # (out, r)

    def delta(self) -> Tensor:
        """(out, in): ΔW."""
        return (self.lora_B @ self.lora_A) * self.scaling

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """B (out, r) and A (r, in), in the order in which they are multiplied."""
        return ("lora_B", self.lora_B), ("lora_A", self.lora_A)

    @torch.no_grad()
    def resize(self, rank: int, scaling: float, generator: torch.Generator) -> None:
        """Change the rank and the scaling and keep ΔW: all of it, or its best rank-r part.

        Growing adds zero columns to B and new rows to A, with the old scaling folded into B;
        shrinking takes the leading singular directions of ΔW.
        """
        out, old_rank = self.lora_B.shape
        if rank >= old_rank:
            more = rank - old_rank
            new_b = torch.cat([self.lora_B * (self.scaling / scaling), torch.zeros(out, more)], 1)
            rows = _rows(more, self.lora_A.shape[1], generator)
            new_a = torch.cat([self.lora_A, rows])
        else:
            left, values, right = torch.linalg.svd(self.delta(), full_matrices=False)
            root = (values[:rank] / scaling).sqrt()
            new_b, new_a = left[:, :rank] * root, root[:, None] * right[:rank]
        self.scaling = scaling
        self.lora_B.grad = self.lora_A.grad = None
        self.lora_B.data, self.lora_A.data = new_b.contiguous(), new_a.contiguous()


def _rows(rank: int, inputs: int, generator: torch.Generator) -> Tensor:
    bound = 1 / math.sqrt(inputs)
    return torch.empty(rank, inputs).uniform_(-bound, bound, generator=generator)


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    scaling = settings.scaling_alpha / settings.rank
    for layer in network.body:
        layer.update = LowRank(layer.shape, settings.rank, scaling, generator)


def _updates(network: Network) -> list[LowRank]:
    return [layer.update for layer in network.body if isinstance(layer.update, LowRank)]


def _change(network: Network, old: Settings, new: Settings, generator: torch.Generator) -> Change:
    scaling = new.scaling_alpha / new.rank
    if new.rank == old.rank:
        for update in _updates(network):
            update.scaling = scaling
        return Change()
    for update in _updates(network):
        update.resize(new.rank, scaling, generator)
    kept = "ΔW is kept" if new.rank > old.rank else f"ΔW keeps its best rank-{new.rank} part"
    return Change(
        tuple(p for update in _updates(network) for p in update.parameters()),
        f"Rank {old.rank} → {new.rank}: {kept}; the optimizer's memory of B and A starts afresh.",
    )


def _trains(parameter: str) -> bool:
    return ".update." in parameter or parameter.startswith("head.")


STRATEGY = Strategy(
    name="lora",
    label="LoRA",
    summary="W stays as it was; two thin matrices per layer learn, and their product is ΔW.",
    equation="= α/r · B A",
    lesson=8,
    source="arXiv:2106.09685",
    controls=("rank", "alpha"),
    trains=_trains,
    apply=_apply,
    change=_change,
)
