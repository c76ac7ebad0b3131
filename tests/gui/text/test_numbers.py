"""What people type, and what they read."""

import math

import numpy as np
import pytest

from gui.text import numbers
from gui.text.numbers import (
    distinct_texts,
    loss_text,
    percent,
    signed,
)


def test_figures_have_real_minus_signs_and_never_a_minus_zero() -> None:
    assert signed(-0.1312) == "−0.1312"
    assert signed(-0.00001) == "0.0000"
    assert signed(-math.inf) == "−∞"
    assert signed(math.nan) == "not a number"
    assert percent(0.78) == "78.0\u202f%"
    assert percent(None) == "–"
    assert percent(math.nan) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.15239, "0.1524"), (2.3, "2.3000"), (154.2, "154.20"), (1500.0, "1500"),
     (1e30, "1.0·10³⁰"), (0.00001, "< 0.0001"), (0.0, "0.0000"), (math.nan, "not a number")],
)  # fmt: skip
def test_a_loss_is_written_in_few_signs(value: float, text: str) -> None:
    assert loss_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.42, "0.42"),
        (0.0999, "0.10"),
        (9.96, "10"),
        (12345.6, "12,000"),
        (-0.00012, "−0.00012"),
        (1.5e-7, "1.5·10⁻⁷"),
        (2e9, "2.0·10⁹"),
        (float("nan"), "not a number"),
        (float("-inf"), "−∞"),
    ],
)
def test_a_number_has_so_many_significant_digits(value: float, text: str) -> None:
    assert numbers.number_text(value) == text


def test_numbers_one_bit_apart_are_shown_apart() -> None:
    generator = np.random.default_rng(1)
    for value in generator.normal(0.0, 0.1, 200).astype(np.float32):
        above = np.nextafter(value, np.float32(1.0))
        one, other = distinct_texts(float(value), float(above))
        assert one != other


def test_numbers_that_have_no_digits_are_named() -> None:
    assert distinct_texts(0.0, -0.0) == ("0", "−0")
    assert distinct_texts(math.nan, 0.5) == ("not a number", "0.50")
    assert distinct_texts(-math.inf, math.nan) == ("−∞", "not a number")
