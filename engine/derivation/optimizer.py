"""The optimizers' arithmetic written out: of all numbers of a parameter at once, or line by line.

Nothing of torch.optim's nor of its kernels is used: what it comes to can be held against them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from engine.model.derivation_lines import Number, evaluate
from engine.protocol.derivation import DerivationLine
from engine.training.optimizers import BETA1, BETA2, EPS, MOMENTUM

_SYMBOL = re.compile("θₜ₋₁|mₜ₋₁|vₜ₋₁|mₜ|vₜ|m̂|v̂|β₁ᵗ|β₂ᵗ|β₁|β₂|g″|g′|g|η|λ|μ|ε")


@dataclass(frozen=True, slots=True)
class _Formula:
    """One line of the arithmetic; it is worked out as it is written."""

    symbol: str
    text: str
    """In the symbols of earlier formulas, or given; θ is the number that moves."""

    @property
    def names(self) -> list[str]:
        """Its symbols, in order."""
        return _SYMBOL.findall(self.text)

    @property
    def pattern(self) -> str:
        """The text with “{}” in each symbol's place."""
        return _SYMBOL.sub("{}", self.text)


def _formulas(kind: str, g: str, decay: float) -> Iterator[_Formula]:
    """From the gradient to the number after the step, the last one.

    Args: g: the gradient's symbol, g or g′.
    Source: torch.optim's documentation of SGD, Adam and AdamW; arXiv:1412.6980, arXiv:1711.05101.
    """
    if decay and kind != "adamw":
        more = {"g": "g′", "g′": "g″"}[g]
        yield _Formula(more, f"{g} + λ · θₜ₋₁")
        g = more
    if kind == "sgd":
        yield _Formula("after", f"θₜ₋₁ − η · {g}")
        return
    if kind == "momentum":
        yield _Formula("vₜ", f"μ · vₜ₋₁ + {g}")
        yield _Formula("after", "θₜ₋₁ − η · vₜ")
        return
    yield _Formula("mₜ", f"β₁ · mₜ₋₁ + (1 − β₁) · {g}")
    yield _Formula("vₜ", f"β₂ · vₜ₋₁ + (1 − β₂) · {g}²")
    yield _Formula("m̂", "mₜ / (1 − β₁ᵗ)")
    yield _Formula("v̂", "vₜ / (1 − β₂ᵗ)")
    kept = "θₜ₋₁ · (1 − η · λ)" if decay and kind == "adamw" else "θₜ₋₁"
    yield _Formula("after", f"{kept} − η · m̂ / (√v̂ + ε)")


@dataclass(frozen=True)
class Move:
    """One optimizer step of one parameter.

    Args: kind: the optimizer.  before, gradient: of the parameter's shape; the gradient with the
    penalty's part.  memory: what the optimizer remembers of it; nothing at first.  rate: η, its
    own.  decay: λ.  symbol: of the gradient.
    """

    kind: str
    before: Tensor
    gradient: Tensor
    memory: Mapping[str, Any]
    rate: float
    decay: float
    symbol: str = "g"

    @cached_property
    def _values(self) -> dict[str, Number]:
        """Symbol -> all its numbers, float64; or the one number of all."""
        memory = {key: torch.as_tensor(value).double() for key, value in self.memory.items()}
        nothing = torch.zeros_like(self.before, dtype=torch.float64)
        taken = float(memory.get("step", 0.0)) + 1
        second = "momentum_buffer" if self.kind == "momentum" else "exp_avg_sq"
        values: dict[str, Number] = {
            self.symbol: self.gradient.double(), "θₜ₋₁": self.before.double(), "η": self.rate,
            "λ": self.decay, "μ": MOMENTUM, "β₁": BETA1, "β₂": BETA2, "ε": EPS,
            "β₁ᵗ": BETA1**taken, "β₂ᵗ": BETA2**taken,
            "mₜ₋₁": memory.get("exp_avg", nothing), "vₜ₋₁": memory.get(second, nothing),
        }  # fmt: skip
        for formula in self._formulas:
            values[formula.symbol] = evaluate(
                formula.pattern, [values[name] for name in formula.names]
            )
        return values

    @cached_property
    def _formulas(self) -> tuple[_Formula, ...]:
        return tuple(_formulas(self.kind, self.symbol, self.decay))

    @property
    def after(self) -> Tensor:
        """The numbers after the step, in the parameter's precision."""
        return torch.as_tensor(self._values["after"]).to(self.before.dtype)

    def lines(self, place: int, symbol: str) -> tuple[DerivationLine, ...]:
        """One number's way. Args: place: in the flat parameter.  symbol: what it is called."""
        return tuple(
            DerivationLine(
                f"{symbol}ₜ" if formula.symbol == "after" else formula.symbol,
                formula.text.replace("θ", symbol),
                _at(self._values[formula.symbol], place),
                formula.pattern,
                tuple(_at(self._values[name], place) for name in formula.names),
            )
            for formula in self._formulas
        )


def _at(value: Number, place: int) -> float:
    return float(value.flatten()[place]) if isinstance(value, Tensor) else value
