"""DoRA: a magnitude per output row learns beside a direction that moves as in LoRA."""

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer
from engine.model.low_rank import LowRank, attach, follow, trains
from engine.protocol.derivation import DerivationLine
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy


class Decomposed(LowRank):
    """W′ = diag(m / ‖V‖) V with V = W + s · B A; m starts as ‖W‖ row by row.

    The norm counts as a constant in the backward pass. Source: arXiv:2402.09353 §4.3; norms per
    row (out) as in PEFT and in the authors' code, where the paper writes them per column.

    Args: weight: (out, in), W.  As for LowRank otherwise.
    """

    kept = "B A"

    def __init__(
        self, weight: Tensor, rank: int, scaling: float, generator: torch.Generator
    ) -> None:
        super().__init__((weight.shape[0], weight.shape[1]), rank, scaling, generator)
        self.magnitude = nn.Parameter(weight.detach().norm(dim=1))  # (out,)

    def _stretch(self, direction: Tensor, rows: slice | None = None) -> Tensor:
        """(out, 1): m / ‖V‖."""
        magnitude = self.magnitude if rows is None else self.magnitude[rows]
        stretch: Tensor = magnitude / direction.detach().norm(dim=1)
        return stretch[:, None]

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW."""
        direction = weight + self.product(rows)
        return self._stretch(direction, rows) * direction - weight

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out)."""
        stretch = self._stretch(weight + self.product()).T  # (1, out)
        update = super().branch(inputs, weight, bias)
        return (stretch - 1) * (inputs @ weight.T) + stretch * update

    def backward(
        self, gradient: Tensor, out_gradient: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """As LoRA with G stretched row by row; ∂L/∂m is what of G lies along each row of V."""
        direction = weight + self.product()
        along = gradient * direction
        self.magnitude.grad = along.sum(1) / direction.norm(dim=1)
        stretched = gradient * self._stretch(direction)
        super().backward(stretched, out_gradient, weight, bias)

    def _length_by_hand(self, direction: Tensor) -> tuple[DerivationLine, DerivationLine]:
        """How long a row of V is. Args: direction: (in,), the row."""
        square, length = sum_line("‖Vᵢ‖²", "Σⱼ Vᵢⱼ · Vᵢⱼ", direction, direction), direction.norm()
        return square, formula_line("‖Vᵢ‖", "√‖Vᵢ‖²", length, "√{}", square.value)

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """V's cell, brought to the length m by its row, less W."""
        rows, w, m = slice(row, row + 1), weight[row, column], self.magnitude[row]
        direction = (weight[rows] + self.product(rows))[0]  # (in,)
        product = self.product_by_hand(row, column, "(s B A)ᵢⱼ")
        v = formula_line("Vᵢⱼ", "W + s B A", float(w) + product.value, "{} + {}", w, product.value)
        square, length = self._length_by_hand(direction)
        moved = m.double() * v.value / length.value - w.double()
        text, pattern = "mᵢ · Vᵢⱼ / ‖Vᵢ‖ − Wᵢⱼ", "{} · {} / {} − {}"
        delta = formula_line("ΔWᵢⱼ", text, moved, pattern, m, v.value, length.value, w)
        return product, v, square, length, delta

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, out_gradient: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """For m what of G lies along V's row; else as LoRA, with G stretched as V is."""
        direction, scale = layer.weight + self.product(), float(self.scaling)
        if name == "magnitude":
            lines, along = self._length_by_hand(direction[row]), direction[row]
            text, share = "1/‖Vᵢ‖ · Σⱼ Gᵢⱼ · Vᵢⱼ", float(1 / along.norm())
            return *lines, sum_line("g", text, gradient[row], along, scale=share)
        norms = direction.norm(dim=1)
        stretch = self.magnitude / norms  # (out,)
        if name == "lora_A":
            b, g = self.lora_B[:, row], gradient[:, column]
            return (sum_line("g", "s · Σᵢ Bᵢₖ · mᵢ/‖Vᵢ‖ · Gᵢⱼ", b, stretch, g, scale=scale),)
        m, norm, by = self.magnitude[row], norms[row], scale * float(stretch[row])
        text, a = "s · mᵢ/‖Vᵢ‖ · Σⱼ Gᵢⱼ · Aₖⱼ", self.lora_A[column]
        return (
            formula_line("mᵢ/‖Vᵢ‖", "mᵢ / ‖Vᵢ‖", stretch[row], "{} / {}", m, norm),
            sum_line("g", text, gradient[row], a, scale=by),
        )

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """B (out, r), A (r, in) and m (out, 1)."""
        return (*super().factors(), ("magnitude", self.magnitude[:, None]))

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """None, as for the rank."""
        return None

    def rank_limit(self) -> int | None:
        """None: stretching the rows of W changes it in every direction."""
        return None


def _make(
    layer: Layer, settings: Settings, scaling: float, generator: torch.Generator
) -> Decomposed:
    return Decomposed(layer.original, settings.rank, scaling, generator)


STRATEGY = Strategy(
    name="dora",
    label="DoRA",
    summary="Each row of W keeps its length in a number of its own; B and A turn its direction.",
    note=(
        "LoRA changes how long and which way each row of W points at once. DoRA keeps the "
        "length of each row as a number m of its own and lets B A turn the direction. ΔW is "
        "then no longer of rank r."
    ),
    equation="= m · V/‖V‖ − W",
    group="Low rank",
    source="arXiv:2402.09353",
    controls=("rank", "alpha"),
    trains=trains,
    apply=attach(_make),
    change=follow(),
)
