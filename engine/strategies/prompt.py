"""Prompt tuning, in a stand-in for a network without tokens: a learned vector added to x."""

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer, Update
from engine.model.low_rank import trains_updates_and_head
from engine.model.network import Network
from engine.protocol.derivation import DerivationLine
from engine.protocol.matrices import Matrix, MatrixInfo
from engine.protocol.settings import Settings
from engine.strategies._strategy import Strategy
from engine.strategies.bitfit import DELTA_B, bias_factors

PROMPT = MatrixInfo(
    name="prompt", title="p", role="input shift", sides=("one", "in"), learns=True,
    description="p: the same vector, added to every input of the layer.",
    caption="p, added to x", short="p",
)  # fmt: skip
BIAS_OF_PROMPT = replace(DELTA_B, caption="Δb = W p")


class PromptUpdate(Update):
    """y = W (x + p) + b: ΔW = 0 and Δb = W p, zero at the start because p is.

    A transformer's prompt is learned vectors before the text, and how much attention they get
    depends on x. Without attention, what is left is a term that does not depend on x: W p.

    Args: inputs: of the layer.
    Source: arXiv:2104.08691.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.prompt = nn.Parameter(torch.zeros(1, inputs))

    def delta(self, weight: Tensor, rows: slice | None = None) -> Tensor:
        """Return zeros, (out, in). Args: as in `Update`."""
        return torch.zeros_like(weight)

    def bias_delta(self, weight: Tensor, bias: Tensor | None) -> Tensor | None:
        """Return Δb = W p, (out,). Args: as in `Update`."""
        return weight @ self.prompt[0]

    def unmerged_output(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return W (x + p) − W x, (n, out). Args: as in `Update`."""
        return (inputs + self.prompt) @ weight.T - inputs @ weight.T

    def derive_delta(self, row: int, column: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive zero: p is no part of ΔW. Args: as in `Update`."""
        return (formula_line("ΔWᵢⱼ", "0", "0"),)

    def derive_bias(self, row: int, weight: Tensor) -> tuple[DerivationLine, ...]:
        """Derive a number of `bias_delta`: a row of W times p. Args: as in `Update`."""
        return (sum_line("Δbᵢ", "Σⱼ Wᵢⱼ · pⱼ", weight[row], self.prompt[0]),)

    def derive_gradient(
        self, name: str, row: int, column: int, gradient: Tensor, grad_output: Tensor, layer: Layer
    ) -> tuple[DerivationLine, ...]:
        """Derive g as ∂L/∂b′ times a column of W. Args: as in `Update`."""
        grad_bias = grad_output.sum(0)  # (out,)
        return (sum_line("g", "Σᵢ ∂L/∂b′ᵢ · Wᵢⱼ", grad_bias, layer.weight[:, column]),)

    def factors(self) -> tuple[Matrix[Tensor], ...]:
        """Return p (1, in)."""
        return (Matrix(PROMPT, self.prompt),)


def prompt_factors(layer: Layer) -> tuple[Matrix[Tensor], ...]:
    """Return p (1, in), and Δb = W p (out, 1) where there was no bias. Args: layer: to draw."""
    return bias_factors(layer, DELTA_B if layer.update is None else BIAS_OF_PROMPT)


def _apply(network: Network, settings: Settings, generator: torch.Generator) -> None:
    first = network.body[0]
    first.update = PromptUpdate(first.shape[1])


STRATEGY = Strategy(
    name="prompt",
    label="Prompt tuning (analogue)",
    summary="Every W is frozen; one trained vector p is added to each input: a bias of W p in"
    " layer 1.",
    note=(
        "A simplified stand-in: in a transformer, a prompt is a sequence of trained vectors before "
        "the text; this network reads no text. Here a vector p that does not depend on the input "
        "is added to x, as in visual prompting (arXiv:2203.17274), which gives layer 1 a bias of "
        "W p. ΔW stays zero."
    ),
    equation="= 0",
    group="Few parameters",
    source="arXiv:2104.08691",
    defaults={"learning_rate": 3e-2},
    trains=trains_updates_and_head,
    lock_reason="A prompt acts on the input alone.",
    apply=_apply,
    factors=prompt_factors,
)
