"""Low-rank updates: ΔW = s · B A in its variants, and live changes of r and α."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from engine.model.delta_chunks import max_abs_delta
from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import ChangeEffect, Layer, Update, uniform
from engine.model.network import Network
from engine.model.nf4 import QuantizedConstants
from engine.model.svd import truncated_svd
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.protocol.settings import Settings, SettingsError

LORA_B = MatrixInfo(
    name="lora_B", title="B", role="factor", sides=("out", "rank"), learns=True,
    description="B (out × r): column k is what direction k adds to each output.",
)  # fmt: skip
LORA_A = MatrixInfo(
    name="lora_A", title="A", role="factor", sides=("rank", "in"), learns=True, sign="×",
    description="A (r × in): row k is how strongly direction k responds to each input.",
)  # fmt: skip


class LowRank(Update):
    """ΔW = scaling · B A, zero at the start because B is.

    Args: shape: (out, in) of the weight.  rank: r, 1…min(out, in).  scaling: s = α / r.  generator:
    draws A.
    Source: arXiv:2106.09685 §4.1; A is initialised as in PEFT, U(±1/√in).
    """

    preserved_quantity = "ΔW"
    """Name of the quantity that a rank change preserves, as shown to the user: "ΔW" or "B A"."""
    scaling: Tensor
    constants: QuantizedConstants | None = None
    """Scales of W's blocks, where W is stored in 4 bits."""

    def __init__(
        self, shape: tuple[int, int], rank: int, scaling: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        out, inputs = shape
        self.register_buffer("scaling", torch.tensor(scaling))
        self.lora_A = nn.Parameter(_random_rows(rank, inputs, generator))  # (r, in)
        self.lora_B = nn.Parameter(torch.zeros(out, rank))  # (out, r)

    def product(self, rows: slice | None = None) -> Tensor:
        """Return s · B A, (out, in). Args: rows: to compute; None: all."""
        lora_b = self.lora_B if rows is None else self.lora_B[rows]
        return (lora_b @ self.lora_A) * self.scaling

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in). Args: as in `Update`."""
        return self.product(rows)

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return s · (x Aᵀ) Bᵀ, (n, out). Args: as in `Update`."""
        return (inputs @ self.lora_A.T @ self.lora_B.T) * self.scaling

    def backward(
        self, gradient: Tensor, grad_output: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """Set ∂L/∂B = s · G Aᵀ and ∂L/∂A = s · Bᵀ G, with G = ∂L/∂W′. Args: as in `Update`."""
        scaled = gradient * self.scaling
        self.lora_B.grad = scaled @ self.lora_A.T
        self.lora_A.grad = self.lora_B.T @ scaled

    def derive_product(self, row: int, column: int, symbol: str) -> DerivationLine:
        """Derive a cell of `product`. Args: row, column: of the cell. symbol: of the result."""
        return sum_line(
            symbol, "s · Σₖ Bᵢₖ · Aₖⱼ",
            self.lora_B[row], self.lora_A[:, column], scale=float(self.scaling),
        )  # fmt: skip

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive ΔW as s times a row of B times a column of A. Args: as in `Update`."""
        return (self.derive_product(row, column, "ΔWᵢⱼ"),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive g: for B a row of G times a row of A; for A a column of B times a column of G.

        Args: as in `Update`.
        """
        scale = float(self.scaling)
        if name == "lora_B":
            a = self.lora_A[column]
            return (sum_line("g", "s · Σⱼ Gᵢⱼ · Aₖⱼ", gradient[row], a, scale=scale),)
        b = self.lora_B[:, row]
        return (sum_line("g", "s · Σᵢ Bᵢₖ · Gᵢⱼ", b, gradient[:, column], scale=scale),)

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return B (out, r) and A (r, in), in the order in which they are multiplied."""
        return Matrix(LORA_B, self.lora_B), Matrix(LORA_A, self.lora_A)

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """Return s · B and A."""
        return self.lora_B * self.scaling, self.lora_A

    def rank_limit(self) -> int | None:
        """Return r."""
        return self.rank

    @property
    def rank(self) -> int:
        """r: the columns of B."""
        return self.lora_B.shape[1]

    @torch.no_grad()
    def resize(self, rank: int, scaling: float, generator: torch.Generator) -> None:
        """Change the rank and the scaling and keep s·BA: all of it, or its best rank-r part.

        Growing adds zero columns to B and new rows to A, with the old scaling folded into B;
        shrinking takes the leading singular directions.

        Args: rank: the new r.  scaling: the new s.  generator: draws new rows of A.
        """
        if rank >= self.rank:
            added = rank - self.rank
            zeros = torch.zeros(self.lora_B.shape[0], added)
            new_b = torch.cat([self.lora_B * (self.scaling / scaling), zeros], 1)
            new_a = torch.cat([self.lora_A, _random_rows(added, self.lora_A.shape[1], generator)])
        else:
            new_b, new_a = self._factorize_leading(rank, scaling, generator)
        self.scaling.fill_(scaling)
        self.lora_B.grad = self.lora_A.grad = None
        self.lora_B.data, self.lora_A.data = new_b.contiguous(), new_a.contiguous()

    def _factorize_leading(
        self, rank: int, scaling: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Return B and A of the best rank-r part of s·BA, shared evenly between them.

        Where it has fewer directions than that, B is zero and A is drawn anew, as at the start:
        with both at zero no gradient would ever move either.
        """
        left, values, right = truncated_svd(self.product(), rank)
        root = (values / scaling).sqrt()
        nonzero = values > values.max() * torch.finfo(values.dtype).eps
        random = _random_rows(rank, self.lora_A.shape[1], generator)
        new_b = torch.where(nonzero, left * root, 0.0)  # (out, r)
        new_a = torch.where(nonzero[:, None], root[:, None] * right, random)  # (r, in)
        return new_b, new_a


class OffsetLowRank(LowRank):
    """ΔW = s · (B A − B₀ A₀): B and A start from a matrix that is part of W, so ΔW starts at 0.

    Args: part: (out, in), the matrix of which s · B₀ A₀ is the best rank-r approximation.  rank: r.
    scaling: s.  generator: as in `LowRank`.
    Source: arXiv:2404.02948 §3: B₀ = U √(S/s), A₀ = √(S/s) Vᵀ.
    """

    frozen_buffers = ("start",)
    start: Tensor

    def __init__(self, part: Tensor, rank: int, scaling: float, generator: torch.Generator) -> None:
        super().__init__((part.shape[0], part.shape[1]), rank, scaling, generator)
        left, values, right = truncated_svd(part, rank)
        root = (values / scaling).sqrt()
        self.lora_B = nn.Parameter((left * root).contiguous())
        self.lora_A = nn.Parameter((root[:, None] * right).contiguous())
        self.register_buffer("start", self.product().detach())

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in). Args: as in `Update`."""
        return self.product(rows) - (self.start if rows is None else self.start[rows])

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return s · (x Aᵀ) Bᵀ − x (s B₀ A₀)ᵀ, (n, out): the latter already is part of x Wᵀ.

        Args: as in `Update`.
        """
        return super().unmerged_output(inputs, weight, bias) - inputs @ self.start.T

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive ΔW as s B A as it is now, less its value at the start. Args: as in `Update`."""
        product, start = self.derive_product(row, column, "(s B A)ᵢⱼ"), self.start[row, column]
        return product, formula_line("ΔWᵢⱼ", "s B A − s B₀A₀", "{} − {}", product.value, start)

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """Return None: s · B₀ A₀ is kept as a whole."""
        return None

    def rank_limit(self) -> int | None:
        """Return 2 r: ΔW is the difference of two products."""
        return 2 * self.rank


def _random_rows(rank: int, inputs: int, generator: torch.Generator) -> Tensor:
    """Return (rank, inputs) from U(±1/√inputs)."""
    return uniform((rank, inputs), 1 / math.sqrt(inputs), generator)


# ---------------------------------------------------------------- as strategies use them

Scaling = Callable[[Settings], float]
"""Settings -> s."""
MakeUpdate = Callable[[Layer, int, float, torch.Generator], Update]
"""(layer, r, s, generator) -> the layer's update."""
ChangeFunction = Callable[[Network, Settings, Settings, torch.Generator], ChangeEffect]
"""(network, old settings, new settings, generator) -> what the change did."""


def scale_by_rank(settings: Settings) -> float:
    """Return s = α / r. Args: settings: of the run.  Source: arXiv:2106.09685 §4.1."""
    return settings.scaling_alpha / settings.rank


def scale_by_root_of_rank(settings: Settings) -> float:
    """Return s = α / √r. Args: settings: of the run.  Source: arXiv:2312.03732."""
    return settings.scaling_alpha / math.sqrt(settings.rank)


def attach_updates(
    make: MakeUpdate = lambda layer, *how: LowRank(layer.shape, *how),
    scaling: Scaling = scale_by_rank,
) -> Callable[[Network, Settings, torch.Generator], None]:
    """Return an `apply` that gives each body layer an update. Args: make: makes it.  scaling: s."""

    def apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
        for layer in network.body:
            layer.update = make(layer, settings.rank, scaling(settings), generator)

    return apply


def resize_updates(scaling: Scaling = scale_by_rank) -> ChangeFunction:
    """Return a strategy's `change` that brings every unlocked layer to the new rank and scaling.

    A locked one keeps every bit until it is unlocked.

    Args: scaling: settings -> s.
    """

    def change(
        network: Network, old: Settings, new: Settings, generator: torch.Generator
    ) -> ChangeEffect:
        is_finite = all(math.isfinite(max_abs_delta(layer)) for layer in network.body)
        if new.rank < old.rank and not is_finite:
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
                settings = new if unlocked else old.replace(rank=new.rank)
                update.resize(new.rank, scaling(settings), generator)
            update.scaling.fill_(scaling(new))
        parameters = tuple(p for update in resized for p in (update.lora_A, update.lora_B))
        if not resized:
            return ChangeEffect()
        note = _describe_rank_change(old, new, resized[0].preserved_quantity)
        return ChangeEffect(parameters, note)

    return change


def _describe_rank_change(old: Settings, new: Settings, quantity: str) -> str:
    """Return a note for the user. Args: quantity: that the change preserves."""
    if new.rank == old.rank:
        return f"The unlocked layer takes rank {new.rank} as well."
    grows = new.rank > old.rank
    preserved = (
        f"{quantity} is kept" if grows else f"{quantity} keeps its best rank-{new.rank} part"
    )
    frozen = set(new.frozen or ()) & new.body_shapes.keys()
    locked = " Locked layers change when they are unlocked." if frozen else ""
    return (
        f"Rank {old.rank} → {new.rank}: {preserved}; the optimizer state of B and A is "
        f"reset.{locked}"
    )


def trains_updates_and_head(parameter: str) -> bool:
    """Return whether a parameter is an update's or the head's. Args: parameter: its name."""
    return ".update." in parameter or parameter.startswith("head.")
