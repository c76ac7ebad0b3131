"""Layer: one matrix of a network, W and W′, and the update that a strategy adds to it."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.protocol.derivation import DerivationLine
from engine.protocol.frames import MAX_WHOLE_SIDE
from engine.protocol.matrices import Array, Matrix, MatrixInfo

RUNNING_MEAN = MatrixInfo(
    name="running_mean", title="μ", role="statistic", sides=("out", "one"),
    description="μ: the running mean of each output, kept by BatchNorm.",
)  # fmt: skip
RUNNING_VARIANCE = MatrixInfo(
    name="running_var", title="σ²", role="statistic", sides=("out", "one"),
    description="σ²: the running variance of each output, kept by BatchNorm.",
)  # fmt: skip


class Update(nn.Module):
    """A strategy's addition to a layer: ΔW, and Δb where there is one, from its own parameters."""

    frozen_buffers: tuple[str, ...] = ()
    """Names of buffers that nothing may change, not even while the layer trains."""

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return ΔW, (out, in), or some rows of it.

        Args: weight: (out, in), W, or only its `rows`.  rows: of ΔW to compute; None: all.
        """
        raise NotImplementedError

    def bias_delta(self, weight: Tensor, bias: Tensor | None) -> Tensor | None:
        """Return Δb, (out,); None: nothing is added to the bias.

        Args: weight: (out, in), W.  bias: (out,), of the layer; None: it has none.
        """
        return None

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return what is added to x Wᵀ + b, (n, out), without materialising W′.

        A program that does not merge computes it like this: the check that merging changes nothing.

        Args: inputs: (n, in), x.  weight: (out, in), W.  bias: (out,), b, or None.
        """
        raise NotImplementedError

    def backward(
        self, gradient: Tensor, grad_output: Tensor, weight: Tensor, bias: Tensor | None
    ) -> None:
        """Set `grad` of the own parameters from the layer's gradients.

        Args: gradient: (out, in), ∂L/∂W′.  grad_output: (n, out), ∂L/∂outputs.  weight: (out, in),
        W.  bias: (out,), b, or None.
        """
        for parameter in self.parameters():
            parameter.grad = None
        with torch.enable_grad():
            outputs = [self.delta(weight)]
            gradients = [gradient]
            bias_delta = self.bias_delta(weight, bias)
            if bias_delta is not None:
                outputs.append(bias_delta)
                gradients.append(grad_output.sum(0))
            pairs = [pair for pair in zip(outputs, gradients, strict=True) if pair[0].requires_grad]
            torch.autograd.backward([output for output, _ in pairs], [grad for _, grad in pairs])

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive a cell of `delta`, number by number; the last line is ΔW's.

        Args: row, column: of the cell.  weight: (out, in), W.
        """
        raise NotImplementedError

    def derive_bias(self, row: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive a number of `bias_delta`, where that is drawn; the last line is Δb's.

        Args: row: of the number.  weight: (out, in), W.
        """
        return ()

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive one number of a parameter's gradient, as `backward` sets it; the last line is g.

        Args: name: of the parameter.  row, column: of the number, in its matrix in `factors`.
        gradient: (out, in), ∂L/∂W′.  grad_output: (n, out), ∂L/∂outputs.  layer: that the update
        belongs to.
        """
        raise NotImplementedError

    def derive_after_step(
        self, name: str, row: int, column: int, stepped: float
    ) -> tuple[DerivationLine, ...]:
        """Derive what follows the optimizer's step for a number; mostly nothing.

        Args: name: of the parameter.  row, column: of the number.  stepped: its value after the
        step.
        """
        return ()

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return the matrices that it is made of; a parameter's is named as the parameter."""
        return ()

    def low_rank_factors(self) -> tuple[Tensor, Tensor] | None:
        """Return (out, r) and (r, in), whose product is ΔW; None: it is no such product."""
        return None

    def rank_limit(self) -> int | None:
        """Return the largest possible rank of ΔW; None: there is no limit."""
        return None

    def pruned_count(self) -> int:
        """Return how many numbers of its parameters have no effect on ΔW as it is now."""
        return 0


class Layer(nn.Module):
    """y = x W′ᵀ + b′, with W′ = weight + the update's ΔW.

    `original` is W as it stood when training began; `weight` is a parameter that starts there. Full
    fine-tuning moves `weight`; LoRA leaves it and moves its `update`. For a large layer they share
    one memory until `weight` is untied, and W′ is never materialised.

    Args: weight: (out, in) float32, W.  bias: (out,) or None.  randomly_initialised: W is not
    pretrained.
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
        """Give the layer a bias. Args: bias: (out,), b, to start from."""
        self.original_bias = bias.detach().clone()
        self.bias = nn.Parameter(bias.detach().clone())

    @torch.no_grad()
    def replace_original(self, weight: Tensor) -> None:
        """Replace W before the first step: by its quantised value, say. Args: weight: (out, in)."""
        self.original.copy_(weight)
        self.weight.copy_(weight)
        self._weight_norm = None

    @property
    def is_tied(self) -> bool:
        """Whether `weight` is W itself, in the same memory."""
        return self.weight.data_ptr() == self.original.data_ptr()

    def untie(self) -> None:
        """Give `weight` memory of its own, so that it can change while W stays."""
        if self.is_tied:
            self.weight.data = self.original.clone()

    def weight_norm(self) -> float:
        """Return ‖W‖, Frobenius; computed once."""
        if self._weight_norm is None:
            self._weight_norm = float(self.original.norm())
        return self._weight_norm

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in)."""
        return self.weight.shape[0], self.weight.shape[1]

    def updated(self, rows: slice | None = None) -> Tensor:
        """Return W′, (out, in), that the network computes with. Args: rows: of it; None: all."""
        weight = self.weight if rows is None else self.weight[rows]
        return weight if self.update is None else weight + self.update.delta(weight, rows)

    def updated_bias(self) -> Tensor | None:
        """Return b′, (out,), or None where the layer has no bias and gets none."""
        added = None if self.update is None else self.update.bias_delta(self.weight, self.bias)
        if added is None or self.bias is None:
            return self.bias if added is None else added
        return self.bias + added

    def delta(self, rows: slice | None = None) -> Tensor:
        """Return ΔW = W′ − W, (out, in), against the original W. Args: rows: of it; None: all."""
        weight = self.weight if rows is None else self.weight[rows]
        delta = weight - (self.original if rows is None else self.original[rows])  # (rows, in)
        return delta if self.update is None else delta + self.update.delta(weight, rows)

    def bias_delta(self) -> Tensor | None:
        """Return Δb = b′ − b, (out,), against the original b; None where there is no bias."""
        bias = self.updated_bias()
        return bias if bias is None or self.original_bias is None else bias - self.original_bias

    def statistics(self) -> tuple[Matrix[Tensor], ...]:
        """Return BatchNorm's running mean and variance, each (out, 1), where there is one."""
        norm, infos = self.norm, (RUNNING_MEAN, RUNNING_VARIANCE)
        if norm is None:
            return ()
        return tuple(Matrix(info, norm.get_buffer(info.name)[:, None]) for info in infos)

    def constant_buffers(self) -> dict[str, Tensor]:
        """Return what no step changes: W, b, and what else as large as a large W, by name."""
        size = self.weight.numel() if self.is_large else -1
        named = self.named_buffers()
        return {n: b for n, b in named if n.startswith("original") or b.numel() == size}

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the outputs, (n, out). Args: inputs: (n, in)."""
        if self.is_large and self.update is not None:
            output = functional.linear(inputs, self.weight, self.bias)  # (n, out)
            return output + self.update.unmerged_output(inputs, self.weight, self.bias)
        return functional.linear(inputs, self.updated(), self.updated_bias())


def matrix_of(tensor: Tensor) -> Array:
    """Return a copy for a message, float32 and C-contiguous. Args: tensor: of any shape."""
    return np.array(tensor.detach().numpy(), np.float32, order="C")


def is_large(matrix: Tensor) -> bool:
    """Return whether a side exceeds `MAX_WHOLE_SIDE`: W′ is then never made. Args: matrix: W."""
    return max(matrix.shape) > MAX_WHOLE_SIDE


def uniform(shape: tuple[int, int], bound: float, generator: torch.Generator) -> Tensor:
    """Return a matrix drawn from U(±bound). Args: shape: (out, in).  bound, generator: to draw."""
    return torch.empty(shape).uniform_(-bound, bound, generator=generator)


def new_layer(
    out: int,
    inputs: int,
    generator: torch.Generator,
    *,
    bias: bool = True,
    randomly_initialised: bool = True,
) -> Layer:
    """Return a layer initialised as torch.nn.Linear is: weight and bias from U(±1/√in).

    Args: out, inputs: shape of the weight.  generator: to draw from.  bias: whether it has one.
    randomly_initialised: as in `Layer`.
    Source: torch.nn.Linear.reset_parameters.
    """
    bound = 1 / math.sqrt(inputs)
    weight = uniform((out, inputs), bound, generator)
    offset = uniform((1, out), bound, generator)[0] if bias else None
    return Layer(weight, offset, randomly_initialised=randomly_initialised)


@dataclasses.dataclass(frozen=True, slots=True)
class ChangeEffect:
    """Effect of a live change of settings on a network."""

    parameters: tuple[nn.Parameter, ...] = ()
    """Parameters that were rewritten: their optimizer state is reset."""
    note: str = ""
    """Consequence that the user should know, as a sentence."""
