"""LoRA: W stays; ΔW = (α / r) · B · A, with B and A thin."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.network import Network
from engine.protocol.network_shape import BODY_SHAPES
from engine.protocol.settings import Settings, SettingsError
from engine.strategies import Change, Strategy


class LowRank(nn.Module):
    """ΔW = scaling · B A, zero at the start because B is.

    Args: shape: (out, in) of the weight.  rank: r, 1…min(out, in).  scaling: s = α / r.
    Source: arXiv:2106.09685 §4.1; A starts as in PEFT, U(±1/√in).
    """

    scaling: Tensor

    def __init__(
        self, shape: tuple[int, int], rank: int, scaling: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        out, inputs = shape
        self.register_buffer("scaling", torch.tensor(scaling))
        self.lora_A = nn.Parameter(_rows(rank, inputs, generator))  # (r, in)
        self.lora_B = nn.Parameter(torch.zeros(out, rank))  # (out, r)

    def delta(self) -> Tensor:
        """(out, in): ΔW."""
        return (self.lora_B @ self.lora_A) * self.scaling

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """B (out, r) and A (r, in), in the order in which they are multiplied."""
        return ("lora_B", self.lora_B), ("lora_A", self.lora_A)

    @property
    def rank(self) -> int:
        """The columns of B, r."""
        return self.lora_B.shape[1]

    def rescale(self, scaling: float) -> None:
        """Change the scaling; ΔW is rescaled with it."""
        self.scaling.fill_(scaling)

    @torch.no_grad()
    def resize(self, rank: int, scaling: float, generator: torch.Generator) -> None:
        """Change the rank and the scaling and keep ΔW: all of it, or its best rank-r part.

        Growing adds zero columns to B and new rows to A, with the old scaling folded into B;
        shrinking takes the leading singular directions of ΔW.
        """
        if rank >= self.rank:
            more = rank - self.rank
            nothing = torch.zeros(self.lora_B.shape[0], more)
            new_b = torch.cat([self.lora_B * (self.scaling / scaling), nothing], 1)
            new_a = torch.cat([self.lora_A, _rows(more, self.lora_A.shape[1], generator)])
        else:
            new_b, new_a = self._leading(rank, scaling, generator)
        self.rescale(scaling)
        self.lora_B.grad = self.lora_A.grad = None
        self.lora_B.data, self.lora_A.data = new_b.contiguous(), new_a.contiguous()

    def _leading(
        self, rank: int, scaling: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """B and A of the best rank-r part of ΔW, shared evenly between them.

        Where ΔW has fewer directions than that, B is zero and A starts anew, as at the
        beginning: with both at zero no gradient would ever move either.
        """
        left, values, right = torch.linalg.svd(self.delta(), full_matrices=False)
        values = values[:rank]
        root = (values / scaling).sqrt()
        alive = values > values.max() * torch.finfo(values.dtype).eps
        fresh = _rows(rank, self.lora_A.shape[1], generator)
        new_b = torch.where(alive, left[:, :rank] * root, 0.0)  # (out, r)
        new_a = torch.where(alive[:, None], root[:, None] * right[:rank], fresh)  # (r, in)
        return new_b, new_a


def _rows(rank: int, inputs: int, generator: torch.Generator) -> Tensor:
    bound = 1 / math.sqrt(inputs)
    return torch.empty(rank, inputs).uniform_(-bound, bound, generator=generator)


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    scaling = settings.scaling_alpha / settings.rank
    for layer in network.body:
        layer.update = LowRank(layer.shape, settings.rank, scaling, generator)


def _change(network: Network, old: Settings, new: Settings, generator: torch.Generator) -> Change:
    """Bring every unlocked layer to the rank and scaling; a locked one keeps every bit."""
    scaling = new.scaling_alpha / new.rank
    if new.rank < old.rank and not all(layer.delta().isfinite().all() for layer in network.body):
        raise SettingsError("rank", new.rank, f"at least {old.rank} while ΔW is not finite")
    resized: list[LowRank] = []
    for name, layer in network.layers():
        update = layer.update
        if not isinstance(update, LowRank) or name in (new.frozen or ()):
            continue
        if update.rank != new.rank or name in (old.frozen or ()):
            resized += [update] if update.rank != new.rank else []
            # The rank changes first, and keeps ΔW, as unlocking does; then α rescales it.
            unlocked = name in (old.frozen or ())
            kept = new if unlocked else old.replace(rank=new.rank)
            update.resize(new.rank, kept.scaling_alpha / kept.rank, generator)
        update.rescale(scaling)
    parameters = tuple(p for update in resized for p in update.parameters())
    return Change(parameters, _note(old, new) if resized else "")


def _note(old: Settings, new: Settings) -> str:
    if new.rank == old.rank:
        return f"The unlocked layer takes rank {new.rank} as well."
    kept = "ΔW is kept" if new.rank > old.rank else f"ΔW keeps its best rank-{new.rank} part"
    held = set(new.frozen or ()) & BODY_SHAPES.keys()
    locked = " Locked layers change when they are unlocked." if held else ""
    return (
        f"Rank {old.rank} → {new.rank}: {kept}; the optimizer's memory of B and A starts "
        f"afresh.{locked}"
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
