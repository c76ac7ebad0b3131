"""Arithmetic as text: read back, its numbers come to its value."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.protocol.messages import DerivationLine
from gui.inspector.line_text import LineText, line_text
from tests.arithmetic import evaluate
from tests.gui.made_derivations import adam_lines, gradient_line


def sides(shown: str) -> tuple[str, str]:
    """What stands between “=” and “≈”, and the value."""
    numbers, value = re.fullmatch(r"= (.*) ≈\u00a0(.*)", shown).groups()  # type: ignore[union-attr]
    return numbers, value


def plainly(shown: str) -> str:
    return shown.replace("\u00a0", " ")


def check(line: DerivationLine) -> None:
    shown = line_text(line)
    numbers, value = sides(shown.whole)
    assert "e-" not in shown.whole and "-" not in shown.whole
    assert evaluate(value) == pytest.approx(line.value, rel=5e-4)
    rounding = 5e-4 * size(line) if line.products.size else 1e-2 * abs(line.value)
    assert evaluate(numbers) == pytest.approx(line.value, abs=rounding + 1e-9), shown


def size(line: DerivationLine) -> float:
    """How large what is added up is, at least."""
    return float(2 * line.scale * np.abs(line.products.prod(axis=1)).sum())


@pytest.mark.parametrize("line", adam_lines(0.0467), ids=lambda line: line.symbol)
def test_every_line_of_adam_comes_to_its_value(line: DerivationLine) -> None:
    check(line)


def products(count: int, seed: int, size: float) -> DerivationLine:
    found = np.random.default_rng(seed).normal(0.0, size, (count, 2)).astype(np.float32)
    value = np.float32(found.prod(axis=1, dtype=np.float32).sum(dtype=np.float32) / count)
    return DerivationLine("g", "1/n · Σ δᵢ · xⱼ", float(value), scale=1 / count, products=found)


@given(count=st.integers(2, 40), seed=st.integers(0, 10**6), power=st.integers(-5, 1))
def test_a_sum_of_products_comes_to_its_value(count: int, seed: int, power: int) -> None:
    check(products(count, seed, 10.0**power))


@given(
    weight=st.floats(-2, 2, width=32).filter(lambda w: abs(w) > 1e-3),
    delta=st.floats(-2, 2, width=32).filter(lambda d: abs(d) > 1e-6),
)
def test_a_difference_of_near_numbers_shows_the_digits_that_it_has(
    weight: float, delta: float
) -> None:
    updated = float(np.float32(weight) + np.float32(delta))
    difference = float(np.float32(updated) - np.float32(weight))
    check(DerivationLine("ΔW", "W′ − W", difference, "{} − {}", (updated, weight)))


def test_a_long_sum_is_cut_and_says_how_long_it_is() -> None:
    shown = line_text(gradient_line())
    assert shown.formula == "g = 1/n · Σ δᵢ · xⱼ"
    assert shown.numbers.startswith("= 1/32 · (")
    assert "+ … 32 terms)" in plainly(shown.numbers)
    assert len(shown.numbers) < 80 < len(shown.whole)
    assert sides(shown.numbers)[1] == sides(shown.whole)[1]


def test_a_short_sum_is_whole() -> None:
    line = DerivationLine("ΔW", "s · Σ BₖAₖ", -0.035, scale=2.0,
                products=np.array([[0.5, 0.1], [-0.25, 0.27]], np.float32))  # fmt: skip
    shown = line_text(line)
    assert shown.numbers == shown.whole
    assert plainly(shown.whole) == "= 2 · (0.5·0.1000 − 0.25·0.2700) ≈ −0.03500"


@pytest.mark.parametrize(
    ("pattern", "numbers", "value", "expected"),
    [
        ("{} + {} · {}", (0.9, -2.0, 0.5), -0.1, "= 0.9 − 2 · 0.5 ≈ −0.1000"),
        ("{} − {} · {}", (0.9, -2.0, 0.5), 1.9, "= 0.9 + 2 · 0.5 ≈ 1.900"),
        ("{} · {}²", (0.1, -2.0), 0.4, "= 0.1 · (−2)² ≈ 0.4000"),
        ("{} / √{}", (1.0, 1e-8), 1e4, "= 1 / √(10⁻⁸) ≈ 10,000"),
        ("{} / (√{} + {})", (-3.0, 4.0, 1e-8), -1.5, "= −3 / (√4 + 10⁻⁸) ≈ −1.500"),
        ("{} · (−{})", (0.5, 0.5), -0.25, "= 0.5 · (−0.5) ≈ −0.2500"),
        ("|{}| · {}", (-2.0, -3.0), -6.0, "= |−2| · (−3) ≈ −6.000"),
    ],
)
def test_signs_and_brackets(
    pattern: str, numbers: tuple[float, ...], value: float, expected: str
) -> None:
    shown = line_text(DerivationLine("x", "", value, pattern, numbers)).whole
    assert plainly(shown) == expected


def test_a_line_without_numbers_is_its_value() -> None:
    assert line_text(DerivationLine("W", "pretrained", -0.25)) == LineText(
        "W = pretrained", "=\u00a0−0.2500", "=\u00a0−0.2500"
    )


def test_a_lost_run_is_written_too() -> None:
    shown = line_text(DerivationLine("g", "", float("nan"), "{} · {}", (float("inf"), 0.0)))
    assert plainly(shown.whole) == "= ∞ · 0 ≈ not a number"
