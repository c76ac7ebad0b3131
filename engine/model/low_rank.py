"""Low-rank updates: ΔW = s · B A in its variants, and how a live change of r or α treats them."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from engine.analysis.chunked import has_finite_delta
from engine.analysis.spectrum import leading_directions
from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import ChangeEffect, Layer, Update
from engine.model.network import Network
from engine.model.nf4 import QuantizedConstants
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings, SettingsError


class LowRank(Update):
    """ΔW = scaling · B A, zero at the start because B is.

    Args: shape: (out, in) of the weight.  rank: r, 1…min(out, in).  scaling: s = α / r.
    Source: arXiv:2106.09685 §4.1; A starts as in PEFT, U(±1/√in).
    """

    kept = "ΔW"
    """What a live change of the rank keeps."""
    scaling: Tensor
    constants: QuantizedConstants | None = None
    """The scales of W's blocks, where W is kept in 4 bits."""

    def __init__(
        self, shape: tuple[int, int], rank: int, scaling: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        out, inputs = shape
        self.register_buffer("scaling", torch.tensor(scaling))
        self.lora_A = nn.Parameter(_rows(rank, inputs, generator))  # (r, in)
        self.lora_B = nn.Parameter(torch.zeros(out, rank))  # (out, r)

    def product(self, rows: slice | None = None) -> Tensor:
        """(out, in): s · B A. Args: rows: only these of it."""
        lora_b = self.lora_B if rows is None else self.lora_B[rows]
        return (lora_b @ self.lora_A) * self.scaling

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW."""
        return self.product(rows)

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out): s · (x Aᵀ) Bᵀ."""
        return (inputs @ self.lora_A.T @ self.lora_B.T) * self.scaling

    def backward(
        self, gradient: Tensor, out_gradient: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """∂L/∂B = s · G Aᵀ and ∂L/∂A = s · Bᵀ G, with G = ∂L/∂W′."""
        scaled = gradient * self.scaling
        self.lora_B.grad = scaled @ self.lora_A.T
        self.lora_A.grad = self.lora_B.T @ scaled

    def product_by_hand(self, row: int, column: int, symbol: str) -> DerivationLine:
        """A cell of `product`."""
        return sum_line(
            symbol, "s · Σₖ Bᵢₖ · Aₖⱼ",
            self.lora_B[row], self.lora_A[:, column], scale=float(self.scaling),
        )  # fmt: skip

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """s times a row of B times a column of A."""
        return (self.product_by_hand(row, column, "ΔWᵢⱼ"),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, out_gradient: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """For B a row of G times a row of A; for A a column of B times a column of G."""
        scale = float(self.scaling)
        if name == "lora_B":
            a = self.lora_A[column]
            return (sum_line("g", "s · Σⱼ Gᵢⱼ · Aₖⱼ", gradient[row], a, scale=scale),)
        b = self.lora_B[:, row]
        return (sum_line("g", "s · Σᵢ Bᵢₖ · Gᵢⱼ", b, gradient[:, column], scale=scale),)

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """B (out, r) and A (r, in), in the order in which they are multiplied."""
        return ("lora_B", self.lora_B), ("lora_A", self.lora_A)

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """s · B and A."""
        return self.lora_B * self.scaling, self.lora_A

    def rank_limit(self) -> int | None:
        """r."""
        return self.rank

    @property
    def rank(self) -> int:
        """The columns of B, r."""
        return self.lora_B.shape[1]

    def rescale(self, scaling: float) -> None:
        """Change the scaling; ΔW is rescaled with it."""
        self.scaling.fill_(scaling)

    @torch.no_grad()
    def resize(self, rank: int, scaling: float, generator: torch.Generator) -> None:
        """Change the rank and the scaling and keep s·BA: all of it, or its best rank-r part.

        Growing adds zero columns to B and new rows to A, with the old scaling folded into B;
        shrinking takes the leading singular directions.
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
        """B and A of the best rank-r part of s·BA, shared evenly between them.

        Where it has fewer directions than that, B is zero and A starts anew, as at the
        beginning: with both at zero no gradient would ever move either.
        """
        left, values, right = leading_directions(self.product(), rank)
        root = (values / scaling).sqrt()
        alive = values > values.max() * torch.finfo(values.dtype).eps
        fresh = _rows(rank, self.lora_A.shape[1], generator)
        new_b = torch.where(alive, left * root, 0.0)  # (out, r)
        new_a = torch.where(alive[:, None], root[:, None] * right, fresh)  # (r, in)
        return new_b, new_a


class OffsetLowRank(LowRank):
    """ΔW = s · (B A − B₀ A₀): B and A start from a matrix that is part of W, so ΔW starts at 0.

    Args: part: (out, in), what s · B₀ A₀ is to be; only its leading rank directions are taken.
    Source: arXiv:2404.02948 §3: B₀ = U √(S/s), A₀ = √(S/s) Vᵀ.
    """

    frozen_buffers = ("start",)
    start: Tensor

    def __init__(self, part: Tensor, rank: int, scaling: float, generator: torch.Generator) -> None:
        super().__init__((part.shape[0], part.shape[1]), rank, scaling, generator)
        left, values, right = leading_directions(part, rank)
        root = (values / scaling).sqrt()
        self.lora_B = nn.Parameter((left * root).contiguous())
        self.lora_A = nn.Parameter((root[:, None] * right).contiguous())
        self.register_buffer("start", self.product().detach())

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW."""
        return self.product(rows) - (self.start if rows is None else self.start[rows])

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out): s · (x Aᵀ) Bᵀ, of which x (s B₀ A₀)ᵀ already is part of x Wᵀ."""
        return super().branch(inputs, weight, bias) - inputs @ self.start.T

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """s B A as it is now, less what it was at the start."""
        now, then = self.product_by_hand(row, column, "(s B A)ᵢⱼ"), self.start[row, column]
        value = now.value - float(then)
        return now, formula_line("ΔWᵢⱼ", "s B A − s B₀A₀", value, "{} − {}", now.value, then)

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """None: s · B₀ A₀ is kept as a whole."""
        return None

    def rank_limit(self) -> int | None:
        """2 r: the difference of two products."""
        return 2 * self.rank


def _rows(rank: int, inputs: int, generator: torch.Generator) -> Tensor:
    bound = 1 / math.sqrt(inputs)
    return torch.empty(rank, inputs).uniform_(-bound, bound, generator=generator)


# ---------------------------------------------------------------- as strategies use them

Scaling = Callable[[Settings], float]
"""Settings -> s."""
Make = Callable[[Layer, Settings, float, torch.Generator], LowRank]
"""(layer, settings, s, generator) -> the layer's update."""
Follow = Callable[[Network, Settings, Settings, torch.Generator], ChangeEffect]


def by_rank(settings: Settings) -> float:
    """s = α / r."""
    return settings.scaling_alpha / settings.rank


def by_root_of_rank(settings: Settings) -> float:
    """s = α / √r. Source: arXiv:2312.03732."""
    return settings.scaling_alpha / math.sqrt(settings.rank)


def plain(layer: Layer, settings: Settings, scaling: float, generator: torch.Generator) -> LowRank:
    """The update of LoRA itself."""
    return LowRank(layer.shape, settings.rank, scaling, generator)


def attach(
    make: Make = plain, scaling: Scaling = by_rank
) -> Callable[[Network, Settings, torch.Generator], None]:
    """A strategy's `apply` that gives every body layer an update."""

    def apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
        for layer in network.body:
            layer.update = make(layer, settings, scaling(settings), generator)

    return apply


def follow(scaling: Scaling = by_rank) -> Follow:
    """A strategy's `change` that brings every unlocked layer to the rank and scaling.

    A locked one keeps every bit until it is unlocked.
    """

    def change(
        network: Network, old: Settings, new: Settings, generator: torch.Generator
    ) -> ChangeEffect:
        if new.rank < old.rank and not all(map(has_finite_delta, network.body)):
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
                update.resize(new.rank, scaling(kept), generator)
            update.rescale(scaling(new))
        parameters = tuple(p for update in resized for p in (update.lora_A, update.lora_B))
        return ChangeEffect(parameters, _note(old, new, resized[0].kept) if resized else "")

    return change


def _note(old: Settings, new: Settings, what: str) -> str:
    if new.rank == old.rank:
        return f"The unlocked layer takes rank {new.rank} as well."
    grows = new.rank > old.rank
    kept = f"{what} is kept" if grows else f"{what} keeps its best rank-{new.rank} part"
    held = set(new.frozen or ()) & new.body_shapes.keys()
    locked = " Locked layers change when they are unlocked." if held else ""
    return (
        f"Rank {old.rank} → {new.rank}: {kept}; the optimizer's memory of B and A starts "
        f"afresh.{locked}"
    )


def trains(parameter: str) -> bool:
    """Updates and the head move; W stays."""
    return ".update." in parameter or parameter.startswith("head.")
