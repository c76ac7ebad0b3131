"""One matrix of a network: W beside W′, and what a strategy adds to it."""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.protocol.derivation import DerivationLine
from engine.protocol.frames import MAX_WHOLE_SIDE


class Update(nn.Module):
    """What a strategy adds to a layer: ΔW, and Δb where there is one, from its own parameters."""

    frozen_buffers: tuple[str, ...] = ()
    """Names of buffers that nothing may move, not even while the layer learns."""

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW. Args: weight: W, or only the `rows` of it that are wanted of ΔW."""
        raise NotImplementedError

    def bias_delta(self, weight: Tensor, bias: Tensor | None) -> Tensor | None:
        """(out,): Δb; None: nothing is added. Args: bias: (out,), of the layer."""
        return None

    def branch(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """(n, in) -> (n, out): what is added to x Wᵀ + b, without ever making W′.

        As a program that does not merge computes it: the proof that merging changes nothing.
        """
        raise NotImplementedError

    def backward(
        self, gradient: Tensor, out_gradient: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """Leave in the own parameters' `grad` what the layer's gradients give them.

        Args: gradient: (out, in), ∂L/∂W′.  out_gradient: (n, out), ∂L/∂outputs.
        """
        for parameter in self.parameters():
            parameter.grad = None
        with torch.enable_grad():
            parts = [self.delta(weight)]
            gradients = [gradient]
            moved = self.bias_delta(weight, bias)
            if moved is not None:
                parts.append(moved)
                gradients.append(out_gradient.sum(0))
            wanted = [pair for pair in zip(parts, gradients, strict=True) if pair[0].requires_grad]
            torch.autograd.backward([part for part, _ in wanted], [g for _, g in wanted])

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """A cell of `delta`, number by number; the last line is ΔW's."""
        raise NotImplementedError

    def derive_bias(self, row: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """A number of `bias_delta`, where that is drawn; the last line is Δb's."""
        return ()

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, out_gradient: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """What `backward` leaves in one number of an own parameter; the last line is g.

        Args: name: of the parameter.  row, column: as `factors` draws it.  gradient,
        out_gradient: as `backward` has them.  layer: that the update belongs to.
        """
        raise NotImplementedError

    def derive_after_step(
        self, name: str, row: int, column: int, moved: float
    ) -> tuple[DerivationLine, ...]:
        """What becomes of a number after the optimizer's step to `moved`; mostly nothing."""
        return ()

    def factors(self) -> tuple[tuple[str, Tensor], ...]:
        """Named matrices that ΔW is made of."""
        return ()

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """(out, r) and (r, in), of which ΔW is the product; None: it is no such product."""
        return None

    def rank_limit(self) -> int | None:
        """The most that rank(ΔW) can be; None: the update knows no limit."""
        return None

    def pruned_count(self) -> int:
        """How many numbers of its parameters have no part in ΔW as it is now."""
        return 0


class Layer(nn.Module):
    """y = x W′ᵀ + b′, with W′ = weight + the update's ΔW.

    `original` is W as it stood when training began; `weight` is a parameter that starts there.
    Full fine-tuning moves `weight`; LoRA leaves it and moves its `update`. Of a large layer they
    are one and the same memory until `weight` is let loose, and W′ is never made whole.

    Args: weight: (out, in) float32, W.  bias: (out,) or None.  fresh: W is new, not pretrained.
    """

    original: Tensor
    original_bias: Tensor | None

    def __init__(
        self, weight: Tensor, bias: Tensor | None = None, *, randomly_initialised: bool = False
    ) -> None:
        super().__init__()
        self.register_buffer("original", weight.detach().clone())
        self.is_large = is_large(weight)
        self.weight = nn.Parameter(self.original if self.is_large else weight.detach().clone())
        self._weight_norm: float | None = None
        self.bias: nn.Parameter | None = None
        self.register_buffer("original_bias", None)
        if bias is not None:
            self.add_bias(bias)
        self.update: Update | None = None
        self.norm: nn.BatchNorm1d | None = None
        self.randomly_initialised = randomly_initialised

    def add_bias(self, bias: Tensor) -> None:
        """Start with this bias, (out,)."""
        self.original_bias = bias.detach().clone()
        self.bias = nn.Parameter(bias.detach().clone())

    @torch.no_grad()
    def start_from(self, weight: Tensor) -> None:
        """Take another W, (out, in), before the first step: quantised, or nearest to low rank."""
        self.original.copy_(weight)
        self.weight.copy_(weight)
        self._weight_norm = None

    @property
    def is_tied(self) -> bool:
        """Whether `weight` is W itself, in the same memory: it has not been let loose."""
        return self.weight.data_ptr() == self.original.data_ptr()

    def untie(self) -> None:
        """Give `weight` memory of its own, so that it can move while W stays."""
        if self.is_tied:
            self.weight.data = self.original.clone()

    def weight_norm(self) -> float:
        """‖W‖, Frobenius; worked out once."""
        if self._weight_norm is None:
            self._weight_norm = float(self.original.norm())
        return self._weight_norm

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in)."""
        return self.weight.shape[0], self.weight.shape[1]

    def updated(self, rows: slice | None = None) -> Tensor:
        """(out, in): W′, the one weight that the forward pass computes with.

        Args: rows: only these of it.
        """
        weight = self.weight if rows is None else self.weight[rows]
        return weight if self.update is None else weight + self.update.delta(weight, rows)

    def updated_bias(self) -> Tensor | None:
        """(out,): b′, or None where the layer has no bias and gets none."""
        added = None if self.update is None else self.update.bias_delta(self.weight, self.bias)
        if added is None or self.bias is None:
            return self.bias if added is None else added
        return self.bias + added

    def delta(self, rows: slice | None = None) -> Tensor:
        """(out, in): ΔW = W′ − W, against the original W. Args: rows: only these of it."""
        weight = self.weight if rows is None else self.weight[rows]
        moved = weight - (self.original if rows is None else self.original[rows])
        return moved if self.update is None else moved + self.update.delta(weight, rows)

    def bias_delta(self) -> Tensor | None:
        """(out,): Δb = b′ − b, against the original b; None where there is no bias."""
        now = self.updated_bias()
        return now if now is None or self.original_bias is None else now - self.original_bias

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, in) -> (n, out)."""
        if self.is_large and self.update is not None:
            said = functional.linear(inputs, self.weight, self.bias)
            return said + self.update.branch(inputs, self.weight, self.bias)
        return functional.linear(inputs, self.updated(), self.updated_bias())


def is_large(matrix: Tensor) -> bool:
    """Whether a matrix has a side beyond `MAX_WHOLE_SIDE`: it is then looked at and added to in parts."""
    return max(matrix.shape) > MAX_WHOLE_SIDE


def new_layer(
    out: int,
    inputs: int,
    generator: torch.Generator,
    *,
    bias: bool = True,
    randomly_initialised: bool = True,
) -> Layer:
    """A layer as torch.nn.Linear starts it: weight and bias from U(±1/√in)."""
    bound = 1 / math.sqrt(inputs)
    weight = torch.empty(out, inputs).uniform_(-bound, bound, generator=generator)
    offset = torch.empty(out).uniform_(-bound, bound, generator=generator) if bias else None
    return Layer(weight, offset, randomly_initialised=randomly_initialised)


@dataclasses.dataclass(frozen=True, slots=True)
class ChangeEffect:
    """What a live change of settings did to a network."""

    parameters: tuple[nn.Parameter, ...] = ()
    """Parameters that were rewritten: the optimizer's memory of them starts afresh."""
    note: str = ""
    """What a user should know of it, as a sentence."""
