"""DoRA: a magnitude per output row learns beside a direction that moves as in LoRA."""

import torch
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import LowRank, attach_updates, resize_updates, trains_updates_and_head
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.strategies._strategy import Strategy

MAGNITUDE = MatrixInfo(
    name="magnitude", title="m", role="scale", sides=("out", "one"), learns=True,
    symbol="magnitude",  # in a derivation m is Adam's
    description="m: the length of each row of W′, trained separately from its direction.",
)  # fmt: skip


class DoraUpdate(LowRank):
    """W′ = diag(m / ‖V‖) V with V = W + s · B A; m starts as ‖W‖ row by row.

    The norm counts as a constant in the backward pass.

    Args: weight: (out, in), W.  rank, scaling, generator: as in `LowRank`.
    Source: arXiv:2402.09353 §4.3; norms per row (out) as in PEFT and in the authors' code, where
    the paper writes them per column.
    """

    preserved_quantity = "B A"
    backward = Update.backward  # not LowRank's, which does without autograd

    def __init__(
        self, weight: Tensor, rank: int, scaling: float, generator: torch.Generator
    ) -> None:
        super().__init__((weight.shape[0], weight.shape[1]), rank, scaling, generator)
        self.magnitude = nn.Parameter(weight.detach().norm(dim=1))  # (out,)

    def _row_scale(self, direction: Tensor, rows: slice | None = None) -> Tensor:
        """Return m / ‖V‖, (out, 1). Args: direction: V, or its `rows`."""
        magnitude = self.magnitude if rows is None else self.magnitude[rows]
        scale: Tensor = magnitude / direction.detach().norm(dim=1)
        return scale[:, None]

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in). Args: as in `Update`."""
        direction = weight + self.product(rows)
        return self._row_scale(direction, rows) * direction - weight

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return (m/‖V‖ − 1) · x Wᵀ + m/‖V‖ · s (x Aᵀ) Bᵀ, (n, out). Args: as in `Update`."""
        scale = self._row_scale(weight + self.product()).T  # (1, out)
        low_rank = super().unmerged_output(inputs, weight, bias)
        return (scale - 1) * (inputs @ weight.T) + scale * low_rank

    def _derive_row_norm(self, direction: Tensor) -> tuple[DerivationLine, DerivationLine]:
        """Derive the norm of a row of V. Args: direction: (in,), the row."""
        square, norm = sum_line("‖Vᵢ‖²", "Σⱼ Vᵢⱼ · Vᵢⱼ", direction, direction), direction.norm()
        return square, formula_line("‖Vᵢ‖", "√‖Vᵢ‖²", "√{}", square.value, value=float(norm))

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive ΔW as V's cell, scaled to the row norm m, less W. Args: as in `Update`."""
        rows, w, m = slice(row, row + 1), weight[row, column], self.magnitude[row]
        direction = (weight[rows] + self.product(rows))[0]  # (in,)
        product = self.derive_product(row, column, "(s B A)ᵢⱼ")
        v = formula_line("Vᵢⱼ", "W + s B A", "{} + {}", w, product.value)
        square, norm = self._derive_row_norm(direction)
        text, pattern = "mᵢ · Vᵢⱼ / ‖Vᵢ‖ − Wᵢⱼ", "{} · {} / {} − {}"
        delta = formula_line("ΔWᵢⱼ", text, pattern, m, v.value, norm.value, w)
        return product, v, square, norm, delta

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive g: for m the projection of G on V's row; else as LoRA, with G scaled as V is.

        Args: as in `Update`.
        """
        direction, scale = layer.weight + self.product(), float(self.scaling)
        if name == "magnitude":
            lines, v = self._derive_row_norm(direction[row]), direction[row]
            text, inverse_norm = "1/‖Vᵢ‖ · Σⱼ Gᵢⱼ · Vᵢⱼ", float(1 / v.norm())
            return *lines, sum_line("g", text, gradient[row], v, scale=inverse_norm)
        norms = direction.norm(dim=1)
        row_scale = self.magnitude / norms  # (out,)
        if name == "lora_A":
            b, g = self.lora_B[:, row], gradient[:, column]
            return (sum_line("g", "s · Σᵢ Bᵢₖ · mᵢ/‖Vᵢ‖ · Gᵢⱼ", b, row_scale, g, scale=scale),)
        m, norm, factor = self.magnitude[row], norms[row], scale * float(row_scale[row])
        text, a = "s · mᵢ/‖Vᵢ‖ · Σⱼ Gᵢⱼ · Aₖⱼ", self.lora_A[column]
        return (
            formula_line("mᵢ/‖Vᵢ‖", "mᵢ / ‖Vᵢ‖", "{} / {}", m, norm, value=float(row_scale[row])),
            sum_line("g", text, gradient[row], a, scale=factor),
        )

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return B (out, r), A (r, in) and m (out, 1)."""
        return (*super().factors(), Matrix(MAGNITUDE, self.magnitude[:, None]))

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """Return None: ΔW has no low rank."""
        return None

    def rank_limit(self) -> int | None:
        """Return None: scaling the rows of W changes it in every direction."""
        return None


STRATEGY = Strategy(
    name="dora",
    label="DoRA",
    summary="The length of each row of W is one trained parameter; B and A change its direction.",
    note=(
        "LoRA changes the length and the direction of each row of W together. DoRA trains the"
        " length of each row as a separate parameter m, which starts at the length that the row "
        "has in W, while BA changes the direction. ΔW then no longer has rank r."
    ),
    equation="= m · V/‖V‖ − W",
    group="Low rank",
    source="arXiv:2402.09353",
    controls=("rank", "alpha"),
    trains=trains_updates_and_head,
    apply=attach_updates(lambda layer, *how: DoraUpdate(layer.original, *how)),
    change=resize_updates(),
)
