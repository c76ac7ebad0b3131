"""The optimizers' arithmetic written out: of all numbers of a parameter at once, or line by line.

Nothing of torch.optim's nor of its kernels is used: what it comes to can be held against them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from engine.protocol.derivation import DerivationLine
from engine.training.optimizers import BETA1, BETA2, EPS, MOMENTUM

Number = float | Tensor


@dataclass(frozen=True, slots=True)
class _Formula:
    symbol: str
    text: str
    """In symbols; θ is the number that moves."""
    pattern: str
    names: tuple[str, ...]
    """What stands in the pattern's places: the symbols of earlier formulas, or given."""
    work_out: Callable[..., Number]


def _formulas(kind: str, g: str, decay: float) -> Iterator[_Formula]:
    """From the gradient to the number after the step, the last one.

    Args: g: the gradient's symbol, g or g′.
    Source: torch.optim's documentation of SGD, Adam and AdamW; arXiv:1412.6980, arXiv:1711.05101.
    """
    if decay and kind != "adamw":
        more = {"g": "g′", "g′": "g″"}[g]
        yield _Formula(
            more, f"{g} + λ · θₜ₋₁", "{} + {} · {}", (g, "λ", "θ"), lambda g, lam, x: g + lam * x
        )
        g = more
    if kind == "sgd":
        yield _descent(g)
    elif kind == "momentum":
        yield _Formula(
            "vₜ", f"μ · vₜ₋₁ + {g}", "{} · {} + {}", ("μ", "vₜ₋₁", g), lambda mu, v, g: mu * v + g
        )
        yield _descent("vₜ")
    else:
        yield from _moments(g)
        yield _decayed_descent() if decay and kind == "adamw" else _Formula(
            "after", "θₜ₋₁ − η · m̂ / (√v̂ + ε)", "{} − {} · {} / (√{} + {})",
            ("θ", "η", "m̂", "v̂", "ε"), lambda x, rate, m, v, eps: x - rate * m / (v**0.5 + eps),
        )  # fmt: skip


def _descent(along: str) -> _Formula:
    return _Formula(
        "after", f"θₜ₋₁ − η · {along}", "{} − {} · {}", ("θ", "η", along),
        lambda x, rate, direction: x - rate * direction,
    )  # fmt: skip


def _decayed_descent() -> _Formula:
    return _Formula(
        "after", "θₜ₋₁ · (1 − η · λ) − η · m̂ / (√v̂ + ε)",
        "{} · (1 − {} · {}) − {} · {} / (√{} + {})", ("θ", "η", "λ", "η", "m̂", "v̂", "ε"),
        lambda x, rate, lam, _, m, v, eps: x * (1 - rate * lam) - rate * m / (v**0.5 + eps),
    )  # fmt: skip


def _moments(g: str) -> Iterator[_Formula]:
    def smooth(beta: float, old: Number, new: Number) -> Number:
        return beta * old + (1 - beta) * new

    def unbiased(moment: Number, power: float) -> Number:
        return moment / (1 - power)

    yield _Formula(
        "mₜ", f"β₁ · mₜ₋₁ + (1 − β₁) · {g}", "{} · {} + (1 − {}) · {}", ("β₁", "mₜ₋₁", "β₁", g),
        lambda beta, old, _, g: smooth(beta, old, g),
    )  # fmt: skip
    yield _Formula(
        "vₜ", f"β₂ · vₜ₋₁ + (1 − β₂) · {g}²", "{} · {} + (1 − {}) · {}²", ("β₂", "vₜ₋₁", "β₂", g),
        lambda beta, old, _, g: smooth(beta, old, g**2),
    )  # fmt: skip
    yield _Formula("m̂", "mₜ / (1 − β₁ᵗ)", "{} / (1 − {})", ("mₜ", "β₁ᵗ"), unbiased)
    yield _Formula("v̂", "vₜ / (1 − β₂ᵗ)", "{} / (1 − {})", ("vₜ", "β₂ᵗ"), unbiased)


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
            self.symbol: self.gradient.double(), "θ": self.before.double(), "η": self.rate,
            "λ": self.decay, "μ": MOMENTUM, "β₁": BETA1, "β₂": BETA2, "ε": EPS,
            "β₁ᵗ": BETA1**taken, "β₂ᵗ": BETA2**taken,
            "mₜ₋₁": memory.get("exp_avg", nothing), "vₜ₋₁": memory.get(second, nothing),
        }  # fmt: skip
        for formula in self._formulas:
            values[formula.symbol] = formula.work_out(*(values[name] for name in formula.names))
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
